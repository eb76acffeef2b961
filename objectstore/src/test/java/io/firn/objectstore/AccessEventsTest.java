package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.Threads;
import io.firn.io.VirtualClock;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class AccessEventsTest {
    private static final int SLOTS = 1 << 13;

    private record Access(long bucketId, long versionOrdinal, long epochMillis, long bytes) {}

    private final AccessEvents events = new AccessEvents();
    private final List<Access> heard = new ArrayList<>();

    private void listen() {
        events.listen((bucketId, versionOrdinal, epochMillis, bytes) ->
                heard.add(new Access(bucketId, versionOrdinal, epochMillis, bytes)));
    }

    @Test
    void eventsAreDeliveredOnceWithTheirNumbers() {
        listen();
        List<Access> published = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            for (long n = 0; n < SLOTS - 1000; n++) {
                Access access = new Access(i, n, n * n, -n);
                events.publish(access.bucketId(), access.versionOrdinal(), access.epochMillis(), access.bytes());
                published.add(access);
            }
            assertEquals(10, events.step(10));
            assertEquals(SLOTS - 1010, events.step(Long.MAX_VALUE));
            assertEquals(0, events.step(Long.MAX_VALUE));
        }
        assertEquals(published, heard);
        assertEquals(0, events.dropped());
    }

    @Test
    void whatDoesNotFitIsDroppedAndCountedAndLaterOnesAreDelivered() {
        listen();
        for (long n = 0; n < SLOTS + 123; n++) {
            events.publish(1, n, 0, 0);
        }
        assertEquals(123, events.dropped());
        assertEquals(SLOTS, events.step(Long.MAX_VALUE));
        assertEquals(SLOTS - 1, heard.getLast().versionOrdinal(), "the oldest are kept");
        events.publish(1, -5, 0, 0);
        assertEquals(1, events.step(Long.MAX_VALUE));
        assertEquals(-5, heard.getLast().versionOrdinal());
    }

    @Test
    void withoutAListenerNothingIsKept() {
        for (long n = 0; n < SLOTS + 1; n++) {
            events.publish(1, n, 0, 0);
        }
        listen();
        assertEquals(0, events.step(Long.MAX_VALUE));
        assertEquals(0, events.dropped());
    }

    @Test
    void publishingAllocatesNothing() {
        AtomicLong sum = new AtomicLong();
        events.listen((bucketId, versionOrdinal, epochMillis, bytes) -> sum.addAndGet(bytes));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        // The first rounds load classes and grow what measures.
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int n = 0; n < 10_000; n++) {
                events.publish(1, n, 2, 3);
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - before);
            events.step(Long.MAX_VALUE);
        }
        assertTrue(least < 1_000, least + " bytes for 10,000 events, some of them dropped");
        assertEquals(5L * SLOTS * 3, sum.get());
        assertEquals(5L * (10_000 - SLOTS), events.dropped());
    }

    @Test
    void manyPublishersLoseNothingThatIsNotCounted() throws InterruptedException {
        int publishers = 4;
        int each = 50_000;
        BitSet seen = new BitSet();
        AtomicLong torn = new AtomicLong();
        events.listen((bucketId, versionOrdinal, epochMillis, bytes) -> {
            boolean isWhole = epochMillis == ~versionOrdinal && bytes == bucketId * 31 + versionOrdinal;
            int number = (int) (bucketId * each + versionOrdinal);
            if (!isWhole || seen.get(number)) {
                torn.incrementAndGet();
            }
            seen.set(number);
        });
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            long bucketId = i;
            threads.add(Threads.start("publisher-" + i, () -> {
                for (long n = 0; n < each; n++) {
                    events.publish(bucketId, n, ~n, bucketId * 31 + n);
                }
            }));
        }
        while (threads.stream().anyMatch(Thread::isAlive)) {
            events.step(1000);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        events.step(Long.MAX_VALUE);
        assertEquals(0, torn.get(), "events mixed up or delivered twice");
        assertEquals((long) publishers * each, seen.cardinality() + events.dropped());
    }

    @Test
    void aReadOfAStoreIsAnEventAndAHeadIsNot() {
        VirtualClock clock = new VirtualClock(Instant.parse("2026-11-24T00:00:00Z"));
        ObjectStoreOptions options = ObjectStoreOptions.DEFAULT.withReserveBytes(0);
        try (ObjectStore store =
                ObjectStore.openInMemory(List.of(new MemoryDisk()), clock, Randomness.seeded(1), options)) {
            Bucket bucket = store.createBucket(new BucketName("bucket"), "me", "", Tags.NONE)
                    .orElseThrow();
            store.put(PutObject.of("bucket", "k"), ObjectSource.of(new byte[100]))
                    .orElseThrow();
            store.listen((bucketId, versionOrdinal, epochMillis, bytes) ->
                    heard.add(new Access(bucketId, versionOrdinal, epochMillis, bytes)));
            store.head(GetObject.of("bucket", "k")).orElseThrow();
            store.get(GetObject.of("bucket", "k").range(ByteRange.of(10, 29)))
                    .orElseThrow()
                    .close();
            store.step();
            assertEquals(1, heard.size());
            Access access = heard.getFirst();
            assertEquals(bucket.id(), access.bucketId());
            assertEquals(clock.now().toEpochMilli(), access.epochMillis());
            assertEquals(20, access.bytes());
        }
    }
}
