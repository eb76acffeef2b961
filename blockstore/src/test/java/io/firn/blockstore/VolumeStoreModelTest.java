package io.firn.blockstore;

import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
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
}
