package io.firn.bench.library;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.Clock;
import io.firn.io.Threads;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Tags;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store of many small objects: how fast does one thread list it page by page, does that depend on how many there are, and how long
 * does the store take to open? Filled with syncing off; what is measured is the folder as a normal store would have left it.
 */
final class ManyKeys {
    private static final int FILL_THREADS = 4;
    private static final byte[] PAYLOAD = new byte[16];
    private static final String BUCKET = "firn-bench";

    private final Scratch scratch;
    private final Clock clock;
    private final int keys;
    private final String name;

    ManyKeys(Scratch scratch, int keys) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.keys = keys;
        this.name = "keys-" + keys;
    }

    /** Fills the store, unless a former run has. */
    void fill(Figures figures) throws InterruptedException {
        try (ObjectStore store = scratch.store(name, ObjectStoreOptions.DEFAULT.withoutSync())) {
            if (store.bucket(new BucketName(BUCKET)).isPresent() && list(store, key(keys - 2), 1) == 1) {
                return;
            }
            store.createBucket(new BucketName(BUCKET), "bench", "", Tags.NONE);
            long startNanos = clock.nanoTime();
            AtomicInteger next = new AtomicInteger();
            CountDownLatch running = new CountDownLatch(FILL_THREADS);
            for (int i = 0; i < FILL_THREADS; i++) {
                Threads.start("fill-" + i, () -> {
                    try {
                        for (int at = next.getAndIncrement(); at < keys; at = next.getAndIncrement()) {
                            store.put(PutObject.of(BUCKET, key(at)), ObjectSource.of(PAYLOAD))
                                    .orElseThrow();
                        }
                    } finally {
                        running.countDown();
                    }
                });
            }
            running.await();
            figures.add(label("filling with sync off, 4 threads (1/s)"), keys * 1e9 / (clock.nanoTime() - startNanos));
        }
    }

    /** Opens the store, reads one key of it, lists for at most {@code seconds}. */
    void measure(Figures figures, int seconds) {
        long startNanos = clock.nanoTime();
        try (ObjectStore store = scratch.store(name, ObjectStoreOptions.DEFAULT)) {
            list(store, "", 1);
            figures.add(label("open and list one key (ms)"), (clock.nanoTime() - startNanos) / 1e6);
            long listNanos = clock.nanoTime();
            long deadlineNanos = listNanos + seconds * 1_000_000_000L;
            long listed = 0;
            Optional<String> after = Optional.empty();
            while (clock.nanoTime() < deadlineNanos) {
                ListObjects.Page page = store.list(
                                new ListObjects(new BucketName(BUCKET), "", "", after, ListObjects.MAX_KEYS))
                        .orElseThrow();
                listed += page.objects().size();
                after = page.next();
            }
            figures.add(
                    label("listing, one thread, pages of 1,000 (keys/s)"),
                    listed * 1e9 / (clock.nanoTime() - listNanos));
        }
    }

    void clear() {
        scratch.clear(name);
    }

    private static int list(ObjectStore store, String after, int max) {
        return store.list(new ListObjects(
                        new BucketName(BUCKET), "", "", after.isEmpty() ? Optional.empty() : Optional.of(after), max))
                .orElseThrow()
                .objects()
                .size();
    }

    /** As {@code firn bench s3} names objects of this size, so that a server of this folder can be asked for them. */
    private static String key(int index) {
        return "firn-bench-" + PAYLOAD.length + "-" + (100_000_000 + index);
    }

    private String label(String what) {
        return String.format(Locale.ROOT, "%,d objects: %s", keys, what);
    }
}
