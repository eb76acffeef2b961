package io.firn.objectstore;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What makes a mutation of one key see the one before it: a lock held from the check of its conditions until it is durable and
 * visible. Keys share a fixed number of locks; a bucket's own lock is held by all mutations in it together, and alone by those of the
 * bucket itself.
 */
final class KeyLocks {
    private static final int STRIPES = 1 << 13;
    private static final int BUCKET_STRIPES = 1 << 8;

    private final ReentrantLock[] keys = new ReentrantLock[STRIPES];
    private final ReentrantReadWriteLock[] buckets = new ReentrantReadWriteLock[BUCKET_STRIPES];

    KeyLocks() {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new ReentrantLock();
        }
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new ReentrantReadWriteLock();
        }
    }

    /** Held until closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** For one mutation of a key. */
    Held key(BucketName bucket, ObjectKey key) {
        Lock shared = bucketLock(bucket).readLock();
        Lock own = keys[stripe(bucket, key)];
        shared.lock();
        own.lock();
        return () -> {
            own.unlock();
            shared.unlock();
        };
    }

    /** For one mutation of several keys of a bucket, whatever other such mutations name. */
    Held keys(BucketName bucket, List<ObjectKey> named) {
        TreeSet<Integer> stripes = new TreeSet<>();
        for (ObjectKey key : named) {
            stripes.add(stripe(bucket, key));
        }
        List<Lock> locks = new ArrayList<>();
        locks.add(bucketLock(bucket).readLock());
        stripes.forEach(stripe -> locks.add(keys[stripe]));
        locks.forEach(Lock::lock);
        return () -> locks.reversed().forEach(Lock::unlock);
    }

    /** For a mutation of the bucket itself: no mutation of its keys is under way. */
    Held bucket(BucketName bucket) {
        Lock alone = bucketLock(bucket).writeLock();
        alone.lock();
        return alone::unlock;
    }

    private ReentrantReadWriteLock bucketLock(BucketName bucket) {
        return buckets[spread(bucket.hashCode()) & (BUCKET_STRIPES - 1)];
    }

    private static int stripe(BucketName bucket, ObjectKey key) {
        return spread(31 * bucket.hashCode() + key.hashCode()) & (STRIPES - 1);
    }

    private static int spread(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }
}
