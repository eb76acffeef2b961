package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.io.Clock;
import io.firn.io.Threads;
import io.firn.snapshot.SnapshotSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long does the call that takes a snapshot last while a volume takes 20,000 writes of 4 KiB a second, and what becomes of these writes
 * while snapshots upload, beside the same writes before?
 *
 * <p>Two writers, each with a tick of a millisecond and ten writes in it. A write counts from when it began, or, in a tick that began late
 * because of writes before it, from when the tick was due: nothing that waits is left out.
 */
final class UnderLoad implements Question {
    private static final String NAME = "load";
    private static final int WRITERS = 2;
    private static final long TICK_NANOS = 1_000_000;
    private static final int WRITES_PER_TICK = 10;
    private static final Duration BETWEEN = Duration.ofMillis(250);
    private static final int UPLOADING_MAX = 3;
    private static final long VOLUME_BYTES = 4L << 30;
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Scratch scratch;
    private final Clock clock;
    private final int seconds;
    private final long hotBytes;
    private final Rig rig;
    private final Volume volume;
    private final Content content = new Content(2);
    private final Histogram creates = histogram();
    private double lastSeconds;

    /** @param hotBytes how much of the volume is written to */
    UnderLoad(Scratch scratch, int seconds, long hotBytes) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.seconds = seconds;
        this.hotBytes = hotBytes;
        scratch.clear(NAME);
        rig = new Rig(scratch, NAME);
        volume = rig.create("disk", VOLUME_BYTES);
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(HIGHEST_NANOS, 3);
    }

    @Override
    public void prepare(Figures figures) throws InterruptedException {
        rig.write(volume, content, 0, hotBytes);
        rig.whole(volume);
        // For the compiler.
        load(2 * seconds, true);
        creates.reset();
    }

    @Override
    public void measure(Figures figures) throws InterruptedException {
        Histogram before = load(seconds, false);
        add(figures, "before", before);
        Histogram during = load(seconds, true);
        add(figures, "while uploading", during);
        String ratio = "write p99 while uploading over before (times)";
        figures.add(ratio, (double) during.getValueAtPercentile(99) / before.getValueAtPercentile(99));
        figures.atMost(ratio, 1.25);
        String create = "create under 20,000 writes/s, p99 of all so far (ms)";
        figures.add(create, creates.getValueAtPercentile(99) / 1e6);
        figures.atMost(create, 10);
        figures.add("create under 20,000 writes/s, p50 (ms)", creates.getValueAtPercentile(50) / 1e6);
        figures.add("create under 20,000 writes/s, longest (ms)", creates.getMaxValue() / 1e6);
        figures.add("creates so far (count)", (double) creates.getTotalCount());
    }

    /** Of the load that was run last: when it was slower than it should have been, its rate says so. */
    private void add(Figures figures, String when, Histogram writes) {
        figures.add("writes a second, " + when + " (1/s)", writes.getTotalCount() / lastSeconds);
        figures.add("write p50, " + when + " (us)", writes.getValueAtPercentile(50) / 1e3);
        figures.add("write p99, " + when + " (us)", writes.getValueAtPercentile(99) / 1e3);
        figures.add("write p99.9, " + when + " (us)", writes.getValueAtPercentile(99.9) / 1e3);
    }

    private Histogram load(int loadSeconds, boolean isSnapshotting) throws InterruptedException {
        Histogram writes = histogram();
        List<Content> contents = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            contents.add(new Content(i));
        }
        long startNanos = clock.nanoTime();
        long ticks = loadSeconds * 1_000_000_000L / TICK_NANOS;
        CountDownLatch running = new CountDownLatch(WRITERS);
        for (Content own : contents) {
            Threads.start("write", () -> {
                try {
                    write(own, startNanos, ticks, writes);
                } finally {
                    running.countDown();
                }
            });
        }
        while (isSnapshotting && running.getCount() > 0) {
            if (rig.snapshots().uploading() < UPLOADING_MAX) {
                long createNanos = clock.nanoTime();
                rig.snapshots().create(volume, SnapshotSpec.of(VOLUME_BYTES)).orElseThrow();
                creates.recordValue(clock.nanoTime() - createNanos);
            }
            Threads.sleep(BETWEEN);
        }
        running.await();
        lastSeconds = (clock.nanoTime() - startNanos) / 1e9;
        rig.awaitUploads();
        return writes;
    }

    private void write(Content own, long startNanos, long ticks, Histogram writes) {
        ByteBuffer block = own.fill(ByteBuffer.allocateDirect(Content.BLOCK_BYTES));
        int blocks = (int) (hotBytes / Content.BLOCK_BYTES);
        for (long tick = 0; tick < ticks; tick++) {
            long dueNanos = startNanos + tick * TICK_NANOS;
            long nowNanos = clock.nanoTime();
            boolean isLate = nowNanos > dueNanos;
            if (!isLate) {
                Threads.sleep(Duration.ofNanos(dueNanos - nowNanos));
                nowNanos = clock.nanoTime();
            }
            for (int i = 0; i < WRITES_PER_TICK; i++) {
                block.putLong(0, own.random().nextLong());
                volume.write((long) own.random().nextInt(blocks) * Content.BLOCK_BYTES, block.rewind());
                long endNanos = clock.nanoTime();
                writes.recordValue(Math.min(HIGHEST_NANOS, endNanos - (isLate ? dueNanos : nowNanos)));
                nowNanos = endNanos;
            }
        }
    }

    @Override
    public void close() {
        rig.close();
        scratch.clear(NAME);
    }
}
