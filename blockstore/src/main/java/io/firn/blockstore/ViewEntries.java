package io.firn.blockstore;

import java.util.function.LongUnaryOperator;

/**
 * What a sealed view shows of the blocks of a range, asked in ascending order: many are looked up for each taking of the log's lock, which
 * writers wait for. Belongs to one thread, within one reader epoch.
 */
final class ViewEntries implements LongUnaryOperator {
    /** A bound on how long the lock is held: some microseconds. */
    private static final int WINDOW = 128;

    private final Engine engine;
    private final VolumeState volume;
    private final long epoch;
    private final long end;
    private final long[] window;
    private long first;
    private int count;

    /**
     * Of a range that begins at a block.
     *
     * @param end behind the last one that will be asked for
     */
    ViewEntries(Engine engine, VolumeState volume, long epoch, long lba, long end) {
        this.engine = engine;
        this.volume = volume;
        this.epoch = epoch;
        this.end = end;
        this.window = new long[Math.clamp(end - lba, 1, WINDOW)];
    }

    @Override
    public long applyAsLong(long lba) {
        if (lba < first || lba >= first + count) {
            first = lba;
            count = Math.clamp(end - lba, 1, window.length);
            engine.resolve(volume, epoch, lba, window, count);
        }
        return window[(int) (lba - first)];
    }
}
