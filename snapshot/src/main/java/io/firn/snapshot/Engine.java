package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.io.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * What the parts of an open store share.
 *
 * @param lock held by whoever changes the catalogue
 * @param unsentBytes what drafts hold in memory until it is sent, of all of them
 * @param dying packs some of whose items nobody may need any more; the compactor takes them
 * @param digests SHA-256 of blocks, by the entries of their chunks
 */
record Engine(
        Packs packs,
        Pages pages,
        Catalogue catalogue,
        Links links,
        Deduplication deduplication,
        Clock clock,
        RandomGenerator random,
        SnapshotStoreOptions options,
        ReentrantLock lock,
        LongAdder chunksPut,
        AtomicLong unsentBytes,
        Set<PackId> dying,
        Cache<List<ChunkEntry>, byte[]> digests) {
    private static final int DIGESTS_MAX = 65_536;

    static Engine of(SnapshotBucket bucket, Clock clock, RandomGenerator random, SnapshotStoreOptions options) {
        Packs packs = new Packs(bucket);
        Catalogue catalogue = Catalogue.load(bucket);
        return new Engine(
                packs,
                new Pages(packs, options.pageCacheBytes()),
                catalogue,
                new Links(bucket, packs, catalogue),
                Deduplication.open(bucket, packs, catalogue, random, options),
                clock,
                random,
                options,
                new ReentrantLock(),
                new LongAdder(),
                new AtomicLong(),
                new ConcurrentSkipListSet<>(),
                Caffeine.newBuilder()
                        .maximumSize(DIGESTS_MAX)
                        .executor(Runnable::run)
                        .build());
    }

    /** Deletes everything that was written for a tree that never counted, and lets go of what it linked to. */
    void purge(long birth) {
        Map<PackId, Set<PackId>> targets = links.targetsOf(birth);
        packs.purge(birth);
        dying.addAll(links.forget(birth, targets));
    }

    /** Ends the pins of what is no draft any more. */
    void release(long birth) {
        dying.addAll(links.release(birth));
    }
}
