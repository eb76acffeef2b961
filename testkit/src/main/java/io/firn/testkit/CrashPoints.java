package io.firn.testkit;

import java.util.function.Supplier;

/**
 * Runs a workload again and again, with the power failing at its first sync, its second, and so on, and looks at what is found each
 * time: the test that every durable structure has.
 */
public final class CrashPoints {
    private static final int MAX_SYNCS = 100_000;

    private CrashPoints() {}

    /** Uses a disk until the power fails, and notes in {@code history} what was acknowledged. Must do the same each time. */
    @FunctionalInterface
    public interface Workload<T> {
        void run(SimDisk disk, T history) throws Exception;
    }

    /** Opens what is found and throws unless it agrees with what was acknowledged. */
    @FunctionalInterface
    public interface Check<T> {
        void check(SimDisk found, T history) throws Exception;
    }

    /**
     * Tries a power failure at every sync of the workload, and after its end.
     *
     * @param seed of the disk and of the images
     * @param imagesPerPoint how many possible images to look at for each point
     * @param history makes an empty history
     * @return the number of syncs the workload has
     */
    public static <T> long everySync(
            long seed, int imagesPerPoint, Supplier<T> history, Workload<T> workload, Check<T> check) {
        for (long point = 1; point <= MAX_SYNCS; point++) {
            SimDisk disk = new SimDisk(seed);
            disk.crashAtSync(point);
            T acknowledged = history.get();
            boolean failed = runUntilPowerFails(disk, acknowledged, workload);
            for (long image = 0; image < imagesPerPoint; image++) {
                long imageSeed = (seed * 31 + point) * 1009 + image;
                try {
                    check.check(disk.crash(imageSeed), acknowledged);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(
                            "power failure at sync " + point + " of seed " + seed + ", image " + imageSeed + ": " + e,
                            e);
                }
            }
            if (!failed) {
                return point - 1;
            }
        }
        throw new AssertionError("the workload has more than " + MAX_SYNCS + " syncs");
    }

    private static <T> boolean runUntilPowerFails(SimDisk disk, T history, Workload<T> workload) {
        try {
            workload.run(disk, history);
            return false;
        } catch (Exception e) {
            // Code under test may wrap the failure; that the disk is off tells.
            if (disk.isOff()) {
                return true;
            }
            throw new AssertionError("the workload failed while the power was on: " + e, e);
        }
    }
}
