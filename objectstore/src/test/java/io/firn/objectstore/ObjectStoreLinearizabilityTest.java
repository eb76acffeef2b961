package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.io.Threads;
import io.firn.objectstore.Refusal.Reason;
import io.firn.testkit.LinearizabilityChecker;
import io.firn.testkit.LinearizabilityChecker.Operation;
import io.firn.testkit.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads put, put under conditions, read and delete a few keys at once; what they were answered must be explained by one order for
 * each key. The schedule is the machine's: a seed fixes only what is asked for.
 */
final class ObjectStoreLinearizabilityTest {
    private static final int THREADS = 6;
    private static final int OPERATIONS_PER_KEY = 60;
    private static final String[] KEYS = {"a", "a/b", "c"};

    /** The state of a key in the checker's eyes: the ETag of its bytes, or this. */
    private static final String ABSENT = "absent";

    private final SystemClock clock = new SystemClock();

    /** What threads saw of one key: its operations, and the ETag somebody saw last. */
    private static final class History {
        private final List<Operation<String>> operations = Collections.synchronizedList(new ArrayList<>());
        private volatile String lastSeen = "d41d8cd98f00b204e9800998ecf8427e";
    }

    @Test
    void answersHaveOneOrderInMemory() {
        Seeds.forEach(60, (seed, random) -> {
            ObjectStoreOptions options = ObjectStoreOptions.DEFAULT
                    .withSmallFiles()
                    .withInlineBytes(2000)
                    .withReserveBytes(0);
            try (ObjectStore store =
                    ObjectStore.openInMemory(List.of(new MemoryDisk()), clock, Randomness.secure(), options)) {
                round(store, "bucket", random);
                assertEquals(List.of(), store.verify().problems());
            }
        });
    }

    @Test
    void answersHaveOneOrderOnFiles(@TempDir Path folder) {
        List<Disk> zones = List.of(FileChannelDisk.open(folder.resolve("zone")));
        FileChannelDisk.open(folder).createDirectory("index");
        try (ExecutorService parallel = Threads.virtualPerTask("test-");
                ObjectStore store = ObjectStore.open(
                        zones,
                        () -> RocksIndex.open(folder.resolve("index"), 8 << 20),
                        clock,
                        Randomness.secure(),
                        ObjectStoreOptions.DEFAULT.withInlineBytes(2000).withReserveBytes(0),
                        parallel)) {
            // Each round has a bucket of its own, whose keys are absent.
            Seeds.forEach(5, (seed, random) -> round(store, "bucket-" + seed, random));
            assertEquals(List.of(), store.verify().problems());
        }
    }

    private void round(ObjectStore store, String bucket, SplittableGenerator random) throws InterruptedException {
        store.createBucket(new BucketName(bucket), "me", "", Tags.NONE).orElseThrow();
        List<History> histories = new ArrayList<>();
        for (int i = 0; i < KEYS.length; i++) {
            histories.add(new History());
        }
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int number = 0; number < THREADS; number++) {
            RandomGenerator own = random.split();
            threads.add(Threads.start("client-" + number, () -> {
                try {
                    start.await();
                    for (int i = 0; i < OPERATIONS_PER_KEY * KEYS.length / THREADS; i++) {
                        int key = i % KEYS.length;
                        step(store, bucket, KEYS[key], histories.get(key), own);
                    }
                } catch (InterruptedException | RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        start.countDown();
        while (threads.stream().anyMatch(Thread::isAlive)) {
            store.step();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        for (History history : histories) {
            List<Operation<String>> operations = List.copyOf(history.operations);
            assertEquals(OPERATIONS_PER_KEY, operations.size());
            assertTrue(
                    LinearizabilityChecker.isLinearizable(ABSENT, operations),
                    () -> "no order explains these answers:\n"
                            + String.join(
                                    "\n",
                                    operations.stream().map(Operation::toString).toList()));
        }
    }

    private void step(ObjectStore store, String bucket, String key, History history, RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(8) == 0 ? 2001 + random.nextInt(3000) : 1 + random.nextInt(100)];
        random.nextBytes(bytes);
        PutObject put = PutObject.of(bucket, key);
        switch (random.nextInt(10)) {
            case 0, 1 -> put(store, put, bytes, history);
            case 2, 3 -> put(store, put.with(Conditions.ifMatch(new ETag(history.lastSeen))), bytes, history);
            case 4 -> put(store, put.with(Conditions.ifAbsent()), bytes, history);
            case 5, 6, 7 -> get(store, GetObject.of(bucket, key), history);
            case 8 -> head(store, GetObject.of(bucket, key), history);
            default -> delete(store, DeleteObject.of(bucket, key), history);
        }
    }

    private void put(ObjectStore store, PutObject request, byte[] bytes, History history) {
        long called = clock.nanoTime();
        Outcome<ObjectVersion> outcome = store.put(request, ObjectSource.of(bytes));
        long returned = clock.nanoTime();
        Optional<String> wanted = request.conditions().ifMatch();
        boolean isIfAbsent = request.conditions().ifNoneMatch().isPresent();
        String made = etag(bytes);
        String answer = switch (outcome) {
            case Outcome.Done<ObjectVersion> done -> done.value().etag().text();
            case Outcome.Refused<ObjectVersion> refused ->
                refused.refusal().reason().name();
        };
        if (outcome instanceof Outcome.Done<ObjectVersion>) {
            assertEquals(made, answer);
            history.lastSeen = made;
        }
        String asked = "put " + made + wanted.map(tag -> " if " + tag).orElse("") + (isIfAbsent ? " if absent" : "");
        history.operations.add(new Operation<>(called, returned, asked + ": " + answer, state -> {
            boolean isAbsent = state.equals(ABSENT);
            String expected = made;
            if (wanted.isPresent() && isAbsent) {
                expected = Reason.NO_SUCH_KEY.name();
            } else if ((wanted.isPresent() && !wanted.get().equals(state)) || (isIfAbsent && !isAbsent)) {
                expected = Reason.PRECONDITION_FAILED.name();
            }
            return expected.equals(answer) ? Set.of(answer.equals(made) ? made : state) : Set.of();
        }));
    }

    private void get(ObjectStore store, GetObject request, History history) {
        long called = clock.nanoTime();
        String answer = switch (store.get(request)) {
            case Outcome.Done<ObjectReader> done -> {
                try (ObjectReader reader = done.value()) {
                    yield etag(ObjectStoreTest.bytes(reader));
                }
            }
            case Outcome.Refused<ObjectReader> refused -> absent(refused.refusal());
        };
        seen(called, "get", answer, history);
    }

    private void head(ObjectStore store, GetObject request, History history) {
        long called = clock.nanoTime();
        String answer = switch (store.head(request)) {
            case Outcome.Done<ObjectStore.Head> done ->
                done.value().version().etag().text();
            case Outcome.Refused<ObjectStore.Head> refused -> absent(refused.refusal());
        };
        seen(called, "head", answer, history);
    }

    private static String absent(Refusal refusal) {
        assertEquals(Reason.NO_SUCH_KEY, refusal.reason());
        return ABSENT;
    }

    private void seen(long called, String what, String answer, History history) {
        long returned = clock.nanoTime();
        if (!answer.equals(ABSENT)) {
            history.lastSeen = answer;
        }
        history.operations.add(new Operation<>(
                called, returned, what + ": " + answer, state -> state.equals(answer) ? Set.of(state) : Set.of()));
    }

    private void delete(ObjectStore store, DeleteObject request, History history) {
        long called = clock.nanoTime();
        store.delete(request).orElseThrow();
        history.operations.add(new Operation<>(called, clock.nanoTime(), "delete", _ -> Set.of(ABSENT)));
    }

    private static String etag(byte[] bytes) {
        Digester md5 = Digester.of(ChecksumAlgorithm.MD5);
        md5.update(bytes, 0, bytes.length);
        return ETag.ofMd5(md5.digest()).text();
    }
}
