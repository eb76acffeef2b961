package io.firn.bench.library;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.StoreStat;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.blockstore.WriteBatch;
import io.firn.io.Clock;
import org.HdrHistogram.Histogram;

/**
 * What is left of the write rate when the log is nearly full of what is needed, and cleaning has to make room for every write? A log that may
 * not grow is filled to a share with one volume; its blocks are then overwritten at random as fast as it goes, several to a batch, as a
 * client with so many in flight does. What comes before every block was overwritten once does not count.
 */
final class SteadyState {
    private static final String NAME = "steady";
    private static final long HIGHEST_NANOS = 60_000_000_000L;
    private static final int PARTS = 20;

    private final Scratch scratch;
    private final Clock clock;
    private final long logBytes;
    private final double full;
    private final long overwrites;
    private final int burst;

    SteadyState(Scratch scratch, long logBytes, double full, long overwrites, int burst) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.logBytes = logBytes;
        this.full = full;
        this.overwrites = overwrites;
        this.burst = burst;
    }

    void measure(Figures figures) {
        scratch.clear(NAME);
        long volumeBytes = (long) (logBytes * full) / RandomBlocks.BYTES * RandomBlocks.BYTES;
        try (VolumeStore store = scratch.volumes(NAME, VolumeStoreOptions.DEFAULT.withCapacityBytes(logBytes))) {
            Volume volume = store.create(VolumeSpec.of("disk", volumeBytes)).orElseThrow();
            RandomBlocks blocks = new RandomBlocks(1, volumeBytes);
            blocks.fill(volume);
            Histogram latencies = new Histogram(1, HIGHEST_NANOS, 3);
            overwrite(volume, blocks, volumeBytes / RandomBlocks.BYTES, latencies);
            latencies.reset();
            StoreStat before = store.stat();
            long all = 0;
            for (int part = 0; part < PARTS; part++) {
                long startNanos = clock.nanoTime();
                long written = overwrite(volume, blocks, overwrites / PARTS, latencies);
                all += written;
                figures.add(
                        "4 KiB overwrites, each twentieth of the run in turn (1/s)",
                        written * 1e9 / (clock.nanoTime() - startNanos));
            }
            StoreStat after = store.stat();
            double userBytes = (double) all * RandomBlocks.BYTES;
            figures.add("log needed by the volume (share)", (double) after.liveBytes() / logBytes);
            figures.add("overwritten (times the volume)", userBytes / volumeBytes);
            figures.add(
                    "written to the log over written by the user (times)",
                    (after.appendedBytes() - before.appendedBytes()) / userBytes);
            figures.add(
                    "moved by cleaning over written by the user (times)",
                    (after.movedBytes() - before.movedBytes()) / userBytes);
            String row = "batch of " + burst + ", ";
            figures.add(row + "p50 (us)", latencies.getValueAtPercentile(50) / 1e3);
            figures.add(row + "p99 (us)", latencies.getValueAtPercentile(99) / 1e3);
            figures.add(row + "p99.9 (us)", latencies.getValueAtPercentile(99.9) / 1e3);
            figures.add(row + "slowest (us)", latencies.getMaxValue() / 1e3);
        } finally {
            scratch.clear(NAME);
        }
    }

    private long overwrite(Volume volume, RandomBlocks blocks, long count, Histogram latencies) {
        WriteBatch batch = volume.batch();
        long bursts = count / burst;
        for (long i = 0; i < bursts; i++) {
            long startNanos = clock.nanoTime();
            for (int j = 0; j < burst; j++) {
                long offset = blocks.offset();
                batch.write(offset, blocks.content());
            }
            batch.submit();
            latencies.recordValue(Math.clamp(clock.nanoTime() - startNanos, 1, HIGHEST_NANOS));
        }
        return bursts * burst;
    }
}
