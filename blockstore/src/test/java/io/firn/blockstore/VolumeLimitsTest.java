package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The types' published numbers, as a client that always has an I/O waiting would measure them. */
final class VolumeLimitsTest {
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final double NANOS = 1e9;

    /** A client that issues the next I/O when the last was let through. */
    private static final class Client {
        private final VolumeLimits limits;
        private long nowNanos;

        Client(VolumeLimits limits) {
            this.limits = limits;
        }

        /** I/Os a second over some seconds. */
        double rate(int bytes, double seconds) {
            long start = nowNanos;
            long count = 0;
            while (nowNanos - start < seconds * NANOS) {
                nowNanos += limits.admit(nowNanos, bytes);
                count++;
            }
            return count * NANOS / (nowNanos - start);
        }

        /** Seconds until the rate of one second falls below a bound. */
        double secondsAbove(double rate, int bytes, double step) {
            long start = nowNanos;
            while (rate(bytes, step) >= rate) {}
            return (nowNanos - start) / NANOS;
        }

        void rest(double seconds) {
            nowNanos += (long) (seconds * NANOS);
        }
    }

    private static Client client(VolumeType type, long sizeBytes) {
        return new Client(VolumeLimits.of(type, sizeBytes, 0, 0));
    }

    private static void assertNear(double expected, double found) {
        assertEquals(expected, found, expected * 0.01);
    }

    @Test
    void gp3GivesWhatIsProvisionedWhateverTheSize() {
        assertNear(3_000, client(VolumeType.GP3, GIB).rate(4 * KIB, 10));
        assertNear(3_000, client(VolumeType.GP3, 64 * TIB).rate(16 * KIB, 10));
        assertNear(125, client(VolumeType.GP3, GIB).rate(MIB, 10));
        Client fast = new Client(VolumeLimits.of(VolumeType.GP3, 200 * GIB, 80_000, 2_000));
        assertNear(80_000, fast.rate(4 * KIB, 2));
        assertNear(2_000, fast.rate(MIB, 10));
        assertEquals(
                OptionalDouble.empty(),
                VolumeLimits.of(VolumeType.GP3, GIB, 0, 0).burstBalance());
    }

    @Test
    void provisioningHasItsBounds() {
        assertRefused(VolumeType.GP3, 200 * GIB, 80_001, 0);
        assertRefused(VolumeType.GP3, 10 * GIB, 5_001, 0); // 500 for each GiB
        assertRefused(VolumeType.GP3, GIB, 2_999, 0);
        assertRefused(VolumeType.GP3, GIB, 3_000, 751); // a quarter of a MiB/s for each I/O
        assertRefused(VolumeType.GP3, TIB, 80_000, 2_001);
        assertRefused(VolumeType.IO2, TIB, 256_001, 0);
        assertRefused(VolumeType.IO2, 4 * GIB, 4_001, 0); // 1,000 for each GiB
        assertRefused(VolumeType.IO2, TIB, 99, 0);
        VolumeLimits.of(VolumeType.GP3, 10 * GIB, 5_000, 750);
        VolumeLimits.of(VolumeType.IO2, 4 * GIB, 4_000, 0);
    }

    private static void assertRefused(VolumeType type, long sizeBytes, int iops, int mibPerSecond) {
        assertThrows(IllegalArgumentException.class, () -> VolumeLimits.of(type, sizeBytes, iops, mibPerSecond));
    }

    @Test
    void io2GivesAQuarterMebibyteForEachProvisionedIo() {
        assertNear(100, client(VolumeType.IO2, 4 * GIB).rate(4 * KIB, 10));
        Client middle = new Client(VolumeLimits.of(VolumeType.IO2, TIB, 1_000, 0));
        assertNear(1_000, middle.rate(4 * KIB, 10));
        assertNear(250, middle.rate(MIB, 10)); // four I/Os of 256 KiB each
        Client most = new Client(VolumeLimits.of(VolumeType.IO2, 64 * TIB, 256_000, 0));
        assertNear(256_000, most.rate(4 * KIB, 1));
        assertNear(4_000, most.rate(MIB, 10));
    }

    @Test
    void countsLargeIosAsMany() {
        assertNear(100, client(VolumeType.IO2, 4 * GIB).rate(256 * KIB, 10));
        assertNear(50, client(VolumeType.IO2, 4 * GIB).rate(257 * KIB, 10));
    }

    /** EC2 User Guide: a 100 GiB volume bursts to 3,000 I/Os for 2,000 seconds, and fills its empty bucket in 18,000. */
    @Test
    void gp2BurstsFromItsBucketAndThenHasItsBase() {
        VolumeLimits limits = VolumeLimits.of(VolumeType.GP2, 100 * GIB, 0, 0);
        Client client = new Client(limits);
        assertEquals(1.0, limits.burstBalance().orElseThrow());
        assertNear(3_000, client.rate(16 * KIB, 10));
        assertNear(1_990, client.secondsAbove(2_900, 16 * KIB, 1));
        assertTrue(limits.burstBalance().orElseThrow() < 0.001);
        assertNear(300, client.rate(16 * KIB, 600));
        client.rest(9_000);
        limits.admit(client.nowNanos, 1);
        assertNear(0.5, limits.burstBalance().orElseThrow());
        client.rest(9_001);
        limits.admit(client.nowNanos, 1);
        assertNear(1.0, limits.burstBalance().orElseThrow());
    }

    @Test
    void gp2BasesOnItsSize() {
        assertNear(100, afterBurst(VolumeType.GP2, GIB, 16 * KIB));
        assertNear(2_700, afterBurst(VolumeType.GP2, 900 * GIB, 16 * KIB));
        assertNear(3_072, client(VolumeType.GP2, TIB).rate(16 * KIB, 10));
        assertNear(16_000, client(VolumeType.GP2, 16 * TIB).rate(16 * KIB, 10));
        assertEquals(
                OptionalDouble.empty(),
                VolumeLimits.of(VolumeType.GP2, TIB, 0, 0).burstBalance());
        assertNear(128, client(VolumeType.GP2, 170 * GIB).rate(MIB, 10));
        assertNear(250, client(VolumeType.GP2, 334 * GIB).rate(MIB, 10));
    }

    private static double afterBurst(VolumeType type, long sizeBytes, int bytes) {
        VolumeLimits limits = VolumeLimits.of(type, sizeBytes, 0, 0);
        Client client = new Client(limits);
        while (limits.burstBalance().orElseThrow() > 0.0001) {
            client.rate(bytes, 10);
        }
        client.rate(bytes, 100);
        return client.rate(bytes, 100);
    }

    /** Base and burst in MiB/s for each TiB; the bucket holds one TiB for each. */
    @Test
    void disksHaveABucketOfBytes() {
        assertNear(250, client(VolumeType.ST1, TIB).rate(MIB, 10));
        assertNear(1048576 / 210.0, client(VolumeType.ST1, TIB).secondsAbove(240, MIB, 4));
        assertNear(40, afterBurst(VolumeType.ST1, TIB, MIB));
        assertNear(500, client(VolumeType.ST1, 16 * TIB).rate(MIB, 10));
        assertNear(80, client(VolumeType.SC1, TIB).rate(MIB, 10));
        assertNear(12, afterBurst(VolumeType.SC1, TIB, MIB));
        assertNear(12 * 16, afterBurst(VolumeType.SC1, 16 * TIB, MIB));
        assertNear(250, client(VolumeType.SC1, 16 * TIB).rate(MIB, 10));
    }

    /** A small random I/O of a disk costs as much credit as a whole MiB, and there are few of them. */
    @Test
    void disksCountSmallIosAsLargeOnes() {
        assertNear(500, client(VolumeType.ST1, 16 * TIB).rate(4 * KIB, 10));
        assertNear(250, client(VolumeType.SC1, 16 * TIB).rate(4 * KIB, 10));
        assertNear(40, afterBurst(VolumeType.ST1, TIB, 4 * KIB));
    }
}
