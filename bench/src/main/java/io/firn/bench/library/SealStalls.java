package io.firn.bench.library;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Clock;
import io.firn.io.Threads;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.HdrHistogram.Histogram;

/**
 * Does a seal make writers wait, and how long does it take under load? One thread writes 4 KiB at random places at a fixed rate; first alone,
 * then while another seals again and again and releases the view before the last.
 *
 * <p>Every latency counts from when the write, or the seal, was due, not from when it could begin: those that queue behind a slow one count
 * as slow too, so there is no coordinated omission to correct.
 */
final class SealStalls {
    private static final String NAME = "seals";
    private static final int WARM_UP_SECONDS = 15;
    private static final long HIGHEST_NANOS = 60_000_000_000L;

    private final Scratch scratch;
    private final Clock clock;
    private final long volumeBytes;
    private final int perSecond;
    private final int seconds;
    private final Duration sealEvery;

    SealStalls(Scratch scratch, long volumeBytes, int perSecond, int seconds, Duration sealEvery) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.volumeBytes = volumeBytes;
        this.perSecond = perSecond;
        this.seconds = seconds;
        this.sealEvery = sealEvery;
    }

    void measure(Figures figures, int rounds) throws InterruptedException {
        scratch.clear(NAME);
        Histogram allSeals = latencies();
        try (VolumeStore store = scratch.volumes(NAME, VolumeStoreOptions.DEFAULT)) {
            Volume volume = store.create(VolumeSpec.of("disk", volumeBytes)).orElseThrow();
            RandomBlocks blocks = new RandomBlocks(1, volumeBytes);
            blocks.fill(volume);
            withSeals(volume, blocks, WARM_UP_SECONDS, latencies());
            for (int round = 0; round < rounds; round++) {
                Histogram alone = writes(volume, blocks, seconds);
                Histogram seals = latencies();
                Histogram beside = withSeals(volume, blocks, seconds, seals);
                allSeals.add(seals);
                add(figures, "without seals", alone);
                add(figures, "with seals", beside);
                double steady = alone.getValueAtPercentile(99.9);
                figures.add("slowest write without seals over its p99.9 (times)", alone.getMaxValue() / steady);
                figures.add("slowest write with seals over p99.9 without (times)", beside.getMaxValue() / steady);
                figures.add("seal, p50 (ms)", seals.getValueAtPercentile(50) / 1e6);
                figures.add("seal, p99 (ms)", seals.getValueAtPercentile(99) / 1e6);
                figures.add("seal, slowest (ms)", seals.getMaxValue() / 1e6);
            }
        } finally {
            scratch.clear(NAME);
        }
        figures.add("seals measured, all rounds", (double) allSeals.getTotalCount());
        figures.add("seal, p99 of all rounds (ms)", allSeals.getValueAtPercentile(99) / 1e6);
    }

    private void add(Figures figures, String when, Histogram writes) {
        String row = String.format(Locale.ROOT, "4 KiB write, %,d/s, %s, ", perSecond, when);
        figures.add(row + "p50 (us)", writes.getValueAtPercentile(50) / 1e3);
        figures.add(row + "p99 (us)", writes.getValueAtPercentile(99) / 1e3);
        figures.add(row + "p99.9 (us)", writes.getValueAtPercentile(99.9) / 1e3);
        figures.add(row + "p99.99 (us)", writes.getValueAtPercentile(99.99) / 1e3);
        figures.add(row + "slowest (us)", writes.getMaxValue() / 1e3);
    }

    private Histogram withSeals(Volume volume, RandomBlocks blocks, int runSeconds, Histogram seals)
            throws InterruptedException {
        FutureTask<Histogram> sealing = new FutureTask<>(() -> seals(volume, runSeconds, seals));
        Threads.start("seals", sealing);
        Histogram writes = writes(volume, blocks, runSeconds);
        try {
            sealing.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a seal failed", e.getCause());
        }
        volume.views().forEach(SealedView::release);
        return writes;
    }

    private Histogram writes(Volume volume, RandomBlocks blocks, int runSeconds) {
        Histogram latencies = latencies();
        long count = (long) perSecond * runSeconds;
        long startNanos = clock.nanoTime();
        for (long i = 0; i < count; i++) {
            long dueNanos = startNanos + i * 1_000_000_000L / perSecond;
            // A sleep would be late by more than a write takes.
            while (clock.nanoTime() < dueNanos) {
                Thread.onSpinWait();
            }
            long offset = blocks.offset();
            volume.write(offset, blocks.content());
            latencies.recordValue(Math.clamp(clock.nanoTime() - dueNanos, 1, HIGHEST_NANOS));
        }
        return latencies;
    }

    private Histogram seals(Volume volume, int runSeconds, Histogram latencies) {
        long startNanos = clock.nanoTime();
        long count = Duration.ofSeconds(runSeconds).dividedBy(sealEvery);
        for (long i = 1; i < count; i++) {
            long dueNanos = startNanos + i * sealEvery.toNanos();
            Threads.sleep(Duration.ofNanos(Math.max(0, dueNanos - clock.nanoTime())));
            SealedView view = volume.seal();
            latencies.recordValue(Math.clamp(clock.nanoTime() - dueNanos, 1, HIGHEST_NANOS));
            volume.views().stream()
                    .filter(older -> older.epoch() < view.epoch())
                    .forEach(SealedView::release);
        }
        return latencies;
    }

    private static Histogram latencies() {
        return new Histogram(1, HIGHEST_NANOS, 3);
    }
}
