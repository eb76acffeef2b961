package io.firn.objectstore;

import io.firn.io.Clock;
import io.firn.io.ReaderEpochs;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** What the operations of a store share: where things are kept, how they are committed, what time it is. */
record Engine(
        Zones zones,
        OrderedIndex index,
        CommitLog log,
        ExtentSpace space,
        Reserve reserve,
        AtomicLong ordinals,
        Clock clock,
        RandomGenerator random,
        ObjectStoreOptions options,
        KeyLocks locks,
        ReaderEpochs epochs,
        AccessEvents accesses,
        ConcurrentNavigableMap<BucketName, Bucket> buckets) {

    static ConcurrentNavigableMap<BucketName, Bucket> loadBuckets(OrderedIndex index) {
        ConcurrentNavigableMap<BucketName, Bucket> buckets = new ConcurrentSkipListMap<>();
        byte[] all = IndexKeys.of(IndexKeys.BUCKET);
        try (OrderedIndex.Cursor cursor = index.cursor(all)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                byte[] key = cursor.key();
                String name = new String(key, 1, key.length - 1, StandardCharsets.US_ASCII);
                buckets.put(new BucketName(name), IndexFormat.bucket(name, cursor.value()));
            }
        }
        return buckets;
    }

    Optional<Bucket> bucket(BucketName name) {
        return Optional.ofNullable(buckets.get(name));
    }

    static <T> Outcome<T> noSuchBucket() {
        return Outcome.refused(Refusal.Reason.NO_SUCH_BUCKET, "The specified bucket does not exist");
    }

    long nextOrdinal() {
        return ordinals.incrementAndGet();
    }

    /** Refuses to add bytes when too little room is left. */
    void requireSpace() {
        reserve.require();
    }
}
