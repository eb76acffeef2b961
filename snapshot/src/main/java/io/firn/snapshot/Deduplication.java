package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * Content that was stored before, by the same owner, is linked to and not stored again, when the store's options ask for it. A tenant's key is
 * derived from a secret of the store, so that hashes tell nothing about content to who has only them.
 *
 * <p>Everything here can be lost without losing anything but links that might have been made.
 */
final class Deduplication {
    private static final String HASHES = "hashes/";
    private static final String SECRET = "hashes-secret";
    private static final int SECRET_VERSION = 1;
    private static final int SECRET_BYTES = 32;
    private static final int FOLDER_BYTES = 8;
    private static final long BLOCK_CACHE_BYTES = 8L << 20;

    /** Runs are swept when one in so many of their entries has gone. */
    private static final int STALE_SHARE = 4;

    private final SnapshotBucket bucket;
    private final Packs packs;
    private final Catalogue catalogue;
    private final Optional<byte[]> secret;
    private final Map<String, HashRuns> folders = new ConcurrentSkipListMap<>();
    private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
    private final LongAdder gone = new LongAdder();
    private long sweptChanges;
    private final Cache<HashRun.Block, byte[]> blocks = Caffeine.newBuilder()
            .maximumWeight(BLOCK_CACHE_BYTES)
            .weigher((HashRun.Block id, byte[] block) -> block.length)
            .executor(Runnable::run)
            .build();

    /** Chunks that were linked to, and what they would have taken. */
    final LongAdder linked = new LongAdder();

    final LongAdder savedBytes = new LongAdder();

    private Deduplication(SnapshotBucket bucket, Packs packs, Catalogue catalogue, Optional<byte[]> secret) {
        this.bucket = bucket;
        this.packs = packs;
        this.catalogue = catalogue;
        this.secret = secret;
    }

    /** Reads what is kept in memory of the runs, when it is asked for at all. */
    static Deduplication open(
            SnapshotBucket bucket,
            Packs packs,
            Catalogue catalogue,
            RandomGenerator random,
            SnapshotStoreOptions options) {
        if (!options.isDeduplicating()) {
            return new Deduplication(bucket, packs, catalogue, Optional.empty());
        }
        Deduplication opened = new Deduplication(bucket, packs, catalogue, Optional.of(secret(bucket, random)));
        for (String key : bucket.list(HASHES)) {
            opened.runs(key.substring(0, key.lastIndexOf('/') + 1)).load(key);
        }
        return opened;
    }

    private static byte[] secret(SnapshotBucket bucket, RandomGenerator random) {
        try {
            Optional<SnapshotBucket.Stored> stored = bucket.get(SECRET);
            if (stored.isPresent()) {
                return SealedRecord.open(stored.get().bytes(), SECRET_VERSION, SECRET)
                        .raw(SECRET_BYTES);
            }
        } catch (StorageException.Corrupt damaged) {
            bucket.delete(SECRET);
        }
        // Hashes under another secret are of no use.
        bucket.list(HASHES).forEach(bucket::delete);
        byte[] fresh = new byte[SECRET_BYTES];
        random.nextBytes(fresh);
        bucket.put(SECRET, SealedRecord.seal(SECRET_VERSION, new RecordWriter(SECRET_BYTES).raw(fresh)));
        return fresh;
    }

    private HashRuns runs(String folder) {
        return folders.computeIfAbsent(folder, name -> new HashRuns(bucket, packs, blocks, name));
    }

    /** How a draft finds what it may link to; nothing when it has to store everything itself. */
    Optional<Tenant> tenantOf(SnapshotSpec spec) {
        return mayLink(spec)
                ? secret.map(bytes -> tenants.computeIfAbsent(spec.owner(), owner -> tenant(bytes, owner)))
                : Optional.empty();
    }

    /** Whether a draft may link and be linked to: equal hashes would tell of equal content that is encrypted. */
    private static boolean mayLink(SnapshotSpec spec) {
        return !spec.isEncrypted();
    }

    private Tenant tenant(byte[] bytes, String owner) {
        byte[] folder = Arrays.copyOf(derived(bytes, "folder ", owner), FOLDER_BYTES);
        return new Tenant(
                derived(bytes, "key ", owner), runs(HASHES + HexFormat.of().formatHex(folder) + "/"));
    }

    private static byte[] derived(byte[] secret, String use, String owner) {
        return Tenant.hmac(secret, (use + owner).getBytes(StandardCharsets.UTF_8));
    }

    void countLink(ChunkPlace target) {
        linked.increment();
        savedBytes.add(target.length());
    }

    /** Counts the chunks of a pack that have gone from it: noted places that lead nowhere now. */
    void note(List<PackFormat.Item> before, List<PackFormat.Item> after) {
        gone.add(chunks(before) - chunks(after));
    }

    private static long chunks(List<PackFormat.Item> items) {
        return items.stream()
                .filter(item -> item.kind() == PackFormat.Kind.CHUNK)
                .count();
    }

    /** Does one piece of background work; false when there is none. */
    boolean step() {
        long entries = folders.values().stream().mapToLong(HashRuns::entries).sum();
        boolean isStale = gone.sum() * STALE_SHARE >= entries && gone.sum() > 0;
        // Counts of an earlier life are not known; but that nothing is left can be seen.
        boolean isEmpty = catalogue.trees().isEmpty() && catalogue.changes() != sweptChanges;
        if (entries > 0 && (isStale || isEmpty)) {
            gone.reset();
            sweptChanges = catalogue.changes();
            folders.values().forEach(HashRuns::beginSweep);
        }
        for (HashRuns runs : folders.values()) {
            if (runs.step()) {
                return true;
            }
        }
        return false;
    }
}
