package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.StoreRun.Step;
import io.firn.io.Randomness;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.PowerFailure;
import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * The oracle: after a power failure at any point the store is what it was at one moment of its history, not before the last that was
 * durable; content, views and every epoch's dirty blocks of that moment, exactly.
 */
final class VolumeStoreCrashTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    /** The histories are long: three lives each, of which the first two end by a power failure or a kill. */
    @Test
    void survivesRandomHistories() {
        Property.check(
                "what is recovered is a moment of the history",
                2_000,
                random -> StoreRun.steps(random, 45),
                (seed, steps) -> {
                    RandomGenerator random = Randomness.seeded(seed ^ 0x5eed);
                    SimDisk disk = new SimDisk(seed);
                    StoreRun run = new StoreRun(disk, OPTIONS);
                    run.create("a", StoreRun.BLOCKS);
                    int third = Math.max(1, steps.size() / 3);
                    for (int life = 0; life < 3; life++) {
                        List<Step> own = steps.subList(
                                Math.min(steps.size(), life * third),
                                life == 2 ? steps.size() : Math.min(steps.size(), (life + 1) * third));
                        boolean isKill = random.nextInt(4) == 0;
                        if (!isKill) {
                            disk.crashAtSync(disk.syncCount() + 1 + random.nextInt(25));
                        }
                        try {
                            run.doAll(own);
                        } catch (PowerFailure failed) {
                            // the moment this test is about
                        }
                        SimDisk found = isKill && !disk.isOff() ? disk.kill() : disk.crash(random.nextLong());
                        run = run.survive(found);
                        disk = found;
                    }
                    run.store().close();
                });
    }

    /** A killed process loses nothing that was acknowledged, flushed or not. */
    @Test
    void losesNothingToAKill() {
        Property.check(
                "what is found after a kill is the last moment",
                300,
                random -> StoreRun.steps(random, 40),
                (seed, steps) -> {
                    SimDisk disk = new SimDisk(seed);
                    StoreRun run = new StoreRun(disk, OPTIONS);
                    run.create("a", StoreRun.BLOCKS);
                    run.doAll(steps);
                    StoreRun.matching(
                            disk.kill(), OPTIONS, List.of(run.moments().getLast()));
                });
    }

    @Test
    void survivesAPowerFailureAtEverySync() {
        List<Step> steps = StoreRun.steps(Randomness.seeded(20261125), 160);
        long syncs = CrashPoints.everySync(
                1,
                3,
                () -> new AtomicReference<>(List.of(new StoreModel())),
                (disk, history) -> {
                    StoreRun run = new StoreRun(disk, OPTIONS);
                    try {
                        run.create("a", StoreRun.BLOCKS);
                        run.doAll(steps);
                    } finally {
                        history.set(run.moments());
                    }
                    run.store().close();
                },
                (found, history) -> StoreRun.matching(found, OPTIONS, Objects.requireNonNull(history.get())));
        assertTrue(syncs > 100, "syncs: " + syncs);
    }

    /** Bounded black-box testing (CrashMonkey, OSDI 2018): all short workloads, a crash at each sync and at the end. */
    @Test
    void survivesAllShortWorkloads() {
        List<Step> kinds = List.of(
                new Step.Write("a", 1, 2),
                new Step.Zero("a", 2, 2),
                new Step.Trim("a", 0, 3),
                new Step.Flush("a"),
                new Step.Fua("a", 2, 1),
                new Step.Seal("a"),
                new Step.Release("a", 0),
                new Step.Clean(),
                new Step.Checkpoint(),
                new Step.Resize("a", 1));
        List<List<Step>> workloads = new ArrayList<>(List.of(List.of()));
        List<List<Step>> longest = List.of(List.of());
        for (int length = 1; length <= 4; length++) {
            List<List<Step>> longer = new ArrayList<>();
            for (List<Step> shorter : longest) {
                for (Step kind : kinds) {
                    List<Step> steps = new ArrayList<>(shorter);
                    steps.add(kind);
                    longer.add(steps);
                }
            }
            workloads.addAll(longer);
            longest = longer;
        }
        long seed = 0;
        for (List<Step> steps : workloads) {
            crashOnce(++seed, steps);
        }
    }

    private static void crashOnce(long seed, List<Step> steps) {
        SimDisk disk = new SimDisk(seed);
        StoreRun run = new StoreRun(disk, OPTIONS);
        run.create("a", 8);
        run.doAll(steps);
        try {
            StoreRun.matching(disk.crash(seed), OPTIONS, run.moments());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("after " + steps + " with seed " + seed + ": " + e, e);
        }
    }
}
