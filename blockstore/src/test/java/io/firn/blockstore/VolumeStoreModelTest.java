package io.firn.blockstore;

import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random operations beside the model, with reopening and without crashes. */
final class VolumeStoreModelTest {
    @Test
    void holdsWhatTheModelHolds() {
        Property.check(
                "the store shows what its model shows", 400, random -> StoreRun.steps(random, 60), (seed, steps) -> {
                    StoreRun run = new StoreRun(new SimDisk(seed), VolumeStoreOptions.DEFAULT.withSmallFiles());
                    run.create("a", StoreRun.BLOCKS);
                    for (StoreRun.Step step : steps) {
                        run.apply(step);
                    }
                    run.checkShown();
                    run.apply(new StoreRun.Step.Reopen());
                    run.checkShown();
                    run.store().close();
                });
    }

    /** Seed 31200 of the crash histories: what a clone of a clone shows as a hole was marked as changed when it was trimmed. */
    @Test
    void trimsNothingWhereACloneOfACloneShowsAHole() {
        StoreRun run = new StoreRun(new SimDisk(1), VolumeStoreOptions.DEFAULT.withSmallFiles());
        run.create("a", StoreRun.BLOCKS);
        run.doAll(List.of(
                new StoreRun.Step.Seal("a"),
                new StoreRun.Step.Clone("a", 0, "b"),
                new StoreRun.Step.Trim("b", 6, 5),
                new StoreRun.Step.Seal("b"),
                new StoreRun.Step.Clone("b", 0, "c"),
                new StoreRun.Step.Trim("c", 8, 1)));
        run.checkShown();
        run.store().close();
    }
}
