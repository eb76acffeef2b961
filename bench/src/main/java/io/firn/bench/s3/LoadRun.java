package io.firn.bench.s3;

import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.io.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator.SplittableGenerator;

/** A plan against one endpoint: prepared once, then run in any number of rounds over the same connections. Not thread-safe. */
final class LoadRun implements AutoCloseable {
    private final LoadPlan plan;
    private final Endpoint endpoint;
    private final Credentials credentials;
    private final Clock clock;
    private final List<Worker> workers = new ArrayList<>();

    /** One round's tally and how long it took. */
    record Round(Tally tally, double seconds) {
        Round {
            if (seconds <= 0) {
                throw new IllegalArgumentException("a round of " + seconds + " s");
            }
        }

        double requestsPerSecond() {
            return tally.requests() / seconds;
        }

        double mebibytesPerSecond() {
            return tally.bytes() / seconds / (1 << 20);
        }

        double keysPerSecond() {
            return tally.keys() / seconds;
        }
    }

    LoadRun(LoadPlan plan, Endpoint endpoint, Credentials credentials, Clock clock, long seed) {
        this.plan = plan;
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.clock = clock;
        SplittableGenerator random = Randomness.seeded(seed);
        AtomicInteger nextDelete = new AtomicInteger();
        Worker.Content content = content(plan, random);
        for (int i = 0; i < plan.concurrency(); i++) {
            S3Client client = new S3Client(endpoint, credentials, clock);
            workers.add(new Worker(plan, i, client, clock, random.split(), nextDelete, content));
        }
    }

    /** Random bytes, so that nothing on the way can compress them; the same for each put, so that they are hashed and held once. */
    private static Worker.Content content(LoadPlan plan, SplittableGenerator random) {
        byte[] bytes = new byte
                [plan.operation() == Operation.MULTIPART
                        ? Math.min(plan.partBytes(), plan.objectBytes())
                        : plan.objectBytes()];
        random.nextBytes(bytes);
        return new Worker.Content(
                ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(),
                plan.isPayloadSigned() ? RequestSigner.payloadHash(bytes) : RequestSigner.UNSIGNED);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Makes the bucket if it is missing, and the objects if the operation needs them and the last is missing. */
    void prepare() throws IOException, InterruptedException {
        try (S3Client client = new S3Client(endpoint, credentials, clock)) {
            S3Client.Answer bucket = client.send("HEAD", "/" + plan.bucket(), "", false);
            if (bucket.status() == 404) {
                bucket = client.send("PUT", "/" + plan.bucket(), "", true);
            }
            if (!bucket.isGood() && !bucket.errorCode().equals("BucketAlreadyOwnedByYou")) {
                throw new IOException("no bucket " + plan.bucket() + " at " + endpoint + ": " + bucket.errorCode() + " "
                        + bucket.element("Message"));
            }
            if (!plan.operation().needsObjects()
                    || client.send("HEAD", plan.path(plan.objects() - 1), "", false)
                            .isGood()) {
                return;
            }
        }
        System.err.printf(Locale.ROOT, "%s: preparing %,d objects%n", endpoint, plan.objects());
        AtomicReference<IOException> failure = new AtomicReference<>();
        onEveryWorker((worker, done) -> {
            try {
                worker.prepare(done);
            } catch (IOException e) {
                failure.compareAndSet(null, e);
            }
        });
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    /** Runs every worker for {@code duration}. */
    Round run(Duration duration) throws InterruptedException {
        long startNanos = clock.nanoTime();
        long deadlineNanos = startNanos + duration.toNanos();
        Tally sum = new Tally();
        onEveryWorker((worker, done) -> {
            Tally seen = worker.run(deadlineNanos, done);
            synchronized (sum) {
                sum.add(seen);
            }
        });
        return new Round(sum, (clock.nanoTime() - startNanos) / 1e9);
    }

    /** Runs {@code work} on a thread per worker and reports the count of what is done each second on standard error. */
    private void onEveryWorker(Work work) throws InterruptedException {
        LongAdder done = new LongAdder();
        CountDownLatch running = new CountDownLatch(workers.size());
        for (Worker worker : workers) {
            Threads.start("load", () -> {
                try {
                    work.run(worker, done);
                } finally {
                    running.countDown();
                }
            });
        }
        long before = 0;
        for (int second = 1; !running.await(1, TimeUnit.SECONDS); second++) {
            long now = done.sum();
            System.err.printf(
                    Locale.ROOT, "\r%s %s: %4d s, %,10d/s ", endpoint, plan.operation(), second, now - before);
            before = now;
        }
        System.err.print("\r");
    }

    @Override
    public void close() throws IOException {
        for (Worker worker : workers) {
            worker.close();
        }
    }

    @FunctionalInterface
    private interface Work {
        void run(Worker worker, LongAdder done);
    }
}
