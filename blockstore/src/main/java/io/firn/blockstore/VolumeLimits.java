package io.firn.blockstore;

import java.util.OptionalDouble;

/**
 * What a volume type does to I/O: a rate of operations, a rate of bytes, and for gp2, st1 and sc1 a bucket of credits.
 *
 * <p>Operations are counted as EBS does (EC2 User Guide, "I/O characteristics and monitoring", read 2026-08-07): one for each 256 KiB
 * begun on SSD, for each 1 MiB begun on disk types. {@link #admit} says how long an I/O has to wait; it is a function of the times it
 * is given and nothing else.
 *
 * <p><b>Threads.</b> Belongs to one at a time.
 */
public final class VolumeLimits {
    private static final double MIB = 1 << 20;
    private static final double NANOS = 1e9;
    private static final double GP2_BUCKET = 5_400_000;
    private static final double GP2_BURST = 3_000;
    private static final long SSD_UNIT_BYTES = 256 << 10;
    private static final long HDD_UNIT_BYTES = 1 << 20;

    private final long unitBytes;
    private final double baseIops;
    private final double burstIops;
    private final double baseBytesPerSecond;
    private final double burstBytesPerSecond;
    /** I/Os for gp2, bytes for st1 and sc1; 0 where there are no credits. */
    private final double bucket;

    private final boolean isBucketOfBytes;

    private double credits;
    private double freeAtNanos = Double.NEGATIVE_INFINITY;
    private double creditedAtNanos = Double.NaN;

    private VolumeLimits(
            long unitBytes,
            double baseIops,
            double burstIops,
            double baseBytesPerSecond,
            double burstBytesPerSecond,
            double bucket,
            boolean isBucketOfBytes) {
        this.unitBytes = unitBytes;
        this.baseIops = baseIops;
        this.burstIops = burstIops;
        this.baseBytesPerSecond = baseBytesPerSecond;
        this.burstBytesPerSecond = burstBytesPerSecond;
        this.bucket = bucket;
        this.isBucketOfBytes = isBucketOfBytes;
        this.credits = bucket;
    }

    /**
     * The limits of a volume as it is provisioned.
     *
     * @param provisionedIops for gp3 (3,000 to 80,000, at most 500 per GiB) and io2 (100 to 256,000, at most 1,000 per GiB); 0 for the
     *     type's own
     * @param provisionedMibPerSecond for gp3 (125 to 2,000, at most 0.25 per IOPS); 0 for the type's own
     */
    public static VolumeLimits of(VolumeType type, long sizeBytes, int provisionedIops, int provisionedMibPerSecond) {
        double gib = Math.max(1, sizeBytes / (MIB * 1024));
        double tib = gib / 1024;
        return switch (type) {
            case GP3 -> {
                double iops = provisioned("IOPS", provisionedIops, 3_000, 3_000, Math.clamp(500 * gib, 3_000, 80_000));
                double mib = provisioned("MiB/s", provisionedMibPerSecond, 125, 125, Math.clamp(iops / 4, 125, 2_000));
                yield flat(iops, mib);
            }
            case IO2 -> {
                double iops = provisioned("IOPS", provisionedIops, 100, 100, Math.clamp(1_000 * gib, 100, 256_000));
                yield flat(iops, Math.min(4_000, 0.256 * iops));
            }
            case GP2 -> {
                double base = Math.clamp(3 * gib, 100, 16_000);
                double mib = gib <= 170 ? 128 : 250;
                yield new VolumeLimits(
                        SSD_UNIT_BYTES,
                        base,
                        Math.max(base, GP2_BURST),
                        mib * MIB,
                        mib * MIB,
                        base < GP2_BURST ? GP2_BUCKET : 0,
                        false);
            }
            case ST1 -> disk(500, 40 * tib, Math.min(500, 250 * tib), tib);
            case SC1 -> disk(250, 12 * tib, Math.min(250, 80 * tib), tib);
        };
    }

    private static double provisioned(String what, int asked, double own, double low, double high) {
        if (asked == 0) {
            return own;
        }
        if (asked < low || asked > high) {
            throw new IllegalArgumentException(
                    "provisioned " + what + " is " + asked + ", not from " + (long) low + " to " + (long) high);
        }
        return asked;
    }

    private static VolumeLimits flat(double iops, double mibPerSecond) {
        return new VolumeLimits(SSD_UNIT_BYTES, iops, iops, mibPerSecond * MIB, mibPerSecond * MIB, 0, false);
    }

    private static VolumeLimits disk(double iops, double baseMib, double burstMib, double tib) {
        return new VolumeLimits(
                HDD_UNIT_BYTES,
                iops,
                iops,
                Math.min(baseMib, burstMib) * MIB,
                burstMib * MIB,
                tib * 1024 * 1024 * MIB,
                true);
    }

    /** The share of the bucket that is left, as CloudWatch's BurstBalance has it; empty for types without credits. */
    public OptionalDouble burstBalance() {
        return bucket == 0 ? OptionalDouble.empty() : OptionalDouble.of(credits / bucket);
    }

    /**
     * Takes an I/O that comes at a time of {@link io.firn.io.Clock#nanoTime}, not before the one before; returns the nanoseconds it has to
     * wait. Every I/O pays from the bucket, so that with an empty one they come as fast as credits are earned.
     */
    public long admit(long nowNanos, long bytes) {
        long units = Math.max(1, (bytes + unitBytes - 1) / unitBytes);
        double start = Math.max((double) nowNanos, freeAtNanos);
        if (bucket > 0) {
            double spent = isBucketOfBytes ? (double) units * unitBytes : units;
            earn(start);
            if (credits < spent) {
                double earnedPerSecond = isBucketOfBytes ? baseBytesPerSecond : baseIops;
                start += NANOS * (spent - credits) / earnedPerSecond;
                creditedAtNanos = start;
                credits = spent;
            }
            credits -= spent;
        }
        freeAtNanos = start + NANOS * Math.max(units / burstIops, bytes / burstBytesPerSecond);
        return (long) (start - nowNanos);
    }

    private void earn(double atNanos) {
        if (!Double.isNaN(creditedAtNanos)) {
            double earnedPerSecond = isBucketOfBytes ? baseBytesPerSecond : baseIops;
            credits = Math.min(bucket, credits + (atNanos - creditedAtNanos) / NANOS * earnedPerSecond);
        }
        creditedAtNanos = atNanos;
    }
}
