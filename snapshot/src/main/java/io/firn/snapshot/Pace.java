package io.firn.snapshot;

import io.firn.io.Clock;

/** Lets so many bytes a second pass; a tenth of a second may pass at once. Safe for many threads. */
final class Pace {
    private static final long NANOS = 1_000_000_000;
    private static final long BURST_PARTS = 10;

    private final Clock clock;
    private final long bytesPerSecond;
    private long available;
    private long sinceNanos;

    /** @param bytesPerSecond 0 for as fast as it goes */
    Pace(Clock clock, long bytesPerSecond) {
        this.clock = clock;
        this.bytesPerSecond = bytesPerSecond;
        this.sinceNanos = clock.nanoTime();
        this.available = burst();
    }

    private long burst() {
        return Math.max(Chunk.BLOCK_BYTES, bytesPerSecond / BURST_PARTS);
    }

    /** How many of {@code wanted} bytes may pass now. */
    synchronized long allowed(long wanted) {
        if (bytesPerSecond == 0) {
            return wanted;
        }
        long now = clock.nanoTime();
        long elapsed = Math.min(NANOS, now - sinceNanos);
        long earned = elapsed * Math.max(1, bytesPerSecond >> 10) / (NANOS >> 10);
        if (earned > 0) {
            available = Math.min(burst(), available + earned);
            sinceNanos = now;
        }
        return Math.min(wanted, Math.max(0, available));
    }

    /** They passed; more than was allowed is made up for later. */
    synchronized void passed(long bytes) {
        available -= bytes;
    }
}
