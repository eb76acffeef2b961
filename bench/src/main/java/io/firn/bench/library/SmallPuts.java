package io.firn.bench.library;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.Threads;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Tags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many durable 4 KiB puts a second does the store take from 64 threads, beside one thread that writes 4 KiB and syncs, on the same
 * folder in the same run? Twice: a file that grows (each sync also commits its length, as the journal's do) and one that is overwritten (what
 * {@code fio} does). And what does durability cost: the same puts with syncing off.
 */
final class SmallPuts {
    static final String GROWING = "4 KiB write + fdatasync, one thread, growing file (1/s)";
    static final String OVERWRITTEN = "4 KiB write + fdatasync, one thread, overwritten file (1/s)";
    static final String FIO = "fio 4 KiB write + fdatasync, one job (1/s)";
    static final String DURABLE = "4 KiB durable puts, 64 threads (1/s)";
    static final String UNSYNCED = "4 KiB puts with sync off, 64 threads (1/s)";

    private static final int BYTES = 4096;
    private static final int THREADS = 64;
    private static final int FILE_BYTES = 64 << 20;
    private static final int WARM_UP_SECONDS = 15;
    private static final String BUCKET = "bench";

    private final Scratch scratch;
    private final Clock clock;
    private final int seconds;
    private final byte[] payload = new byte[BYTES];

    SmallPuts(Scratch scratch, int seconds) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.seconds = seconds;
        Randomness.seeded(1).nextBytes(payload);
    }

    /** Lets the compiler see what will be measured: on two processors it takes one of them for its first quarter of a minute. */
    void warmUp() throws InterruptedException {
        puts(ObjectStoreOptions.DEFAULT, WARM_UP_SECONDS);
    }

    /** One round of each, in turn. */
    void measure(Figures figures) throws IOException, InterruptedException {
        figures.add(GROWING, syncedWrites(false));
        figures.add(OVERWRITTEN, syncedWrites(true));
        OptionalDouble fio = fio();
        if (fio.isPresent()) {
            figures.add(FIO, fio.getAsDouble());
        }
        figures.add(DURABLE, puts(ObjectStoreOptions.DEFAULT, seconds));
        figures.add(UNSYNCED, puts(ObjectStoreOptions.DEFAULT.withoutSync(), seconds));
    }

    static void ratios(Figures figures) {
        figures.addRatio("durable puts over write + fdatasync, growing file (times)", DURABLE, GROWING);
        figures.addRatio("durable puts over write + fdatasync, overwritten file (times)", DURABLE, OVERWRITTEN);
        figures.addRatio("durable puts over the same with sync off (times)", DURABLE, UNSYNCED);
    }

    private double syncedWrites(boolean isOverwriting) {
        String name = "loop";
        scratch.clear(name);
        Disk disk = scratch.disk();
        ByteBuffer source = ByteBuffer.allocateDirect(BYTES).put(payload);
        try (DiskFile file = disk.open(name, Disk.OpenMode.CREATE)) {
            for (long at = 0; isOverwriting && at < FILE_BYTES; at += BYTES) {
                file.write(source.rewind(), at);
            }
            file.sync();
            long startNanos = clock.nanoTime();
            long deadlineNanos = startNanos + seconds * 1_000_000_000L;
            long writes = 0;
            while (clock.nanoTime() < deadlineNanos) {
                long at = writes * BYTES;
                file.write(source.rewind(), isOverwriting ? at % FILE_BYTES : at);
                file.sync();
                writes++;
            }
            return writes * 1e9 / (clock.nanoTime() - startNanos);
        } finally {
            disk.delete(name);
        }
    }

    private double puts(ObjectStoreOptions options, int runSeconds) throws InterruptedException {
        String name = "puts";
        scratch.clear(name);
        try (ObjectStore store = scratch.store(name, options)) {
            store.createBucket(new BucketName(BUCKET), "bench", "", Tags.NONE).orElseThrow();
            AtomicInteger next = new AtomicInteger();
            puts(store, next, 1);
            return puts(store, next, runSeconds);
        } finally {
            scratch.clear(name);
        }
    }

    private double puts(ObjectStore store, AtomicInteger next, int runSeconds) throws InterruptedException {
        long startNanos = clock.nanoTime();
        long deadlineNanos = startNanos + runSeconds * 1_000_000_000L;
        LongAdder done = new LongAdder();
        CountDownLatch running = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            Threads.start("put-" + i, () -> {
                try {
                    while (clock.nanoTime() < deadlineNanos) {
                        store.put(PutObject.of(BUCKET, "key-" + next.getAndIncrement()), ObjectSource.of(payload))
                                .orElseThrow();
                        done.increment();
                    }
                } finally {
                    running.countDown();
                }
            });
        }
        running.await();
        return done.sum() * 1e9 / (clock.nanoTime() - startNanos);
    }

    /** What fio makes of the same disk; empty where it is not installed. */
    private OptionalDouble fio() throws IOException {
        Process fio;
        try {
            fio = new ProcessBuilder(
                            "fio",
                            "--name=sync",
                            "--directory=" + scratch.folder(),
                            "--rw=write",
                            "--bs=4k",
                            "--fdatasync=1",
                            "--ioengine=psync",
                            "--size=" + FILE_BYTES,
                            "--time_based",
                            "--runtime=" + seconds,
                            "--unlink=1",
                            "--output-format=json")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException notInstalled) {
            return OptionalDouble.empty();
        }
        byte[] output = fio.getInputStream().readAllBytes();
        double rate = new ObjectMapper()
                .readTree(output)
                .path("jobs")
                .path(0)
                .path("write")
                .path("iops")
                .asDouble();
        return rate > 0 ? OptionalDouble.of(rate) : OptionalDouble.empty();
    }
}
