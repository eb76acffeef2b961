package io.firn.snapshot;

import io.firn.blockstore.MasterKey;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.StorageClass;
import java.util.Optional;

/**
 * The few settings of a snapshot store; none of them changes what is already written.
 *
 * @param bucket where everything is kept; made when it is not there; nobody else writes into it
 * @param packBytes a pack is closed when it has grown to this, 64 KiB to 64 MiB, 16 MiB unless changed; 8 MiB or more for real use
 * @param pageCacheBytes memory for pages that were read, at least 1 MiB, 64 MiB unless changed
 * @param unsentBytes memory for what was put into drafts and is not in the object store yet, of all of them together, at least 64 KiB, 128 MiB
 *     unless changed; beyond it whoever puts sends what its draft holds first
 * @param archiveClass the storage class that packs of the archive tier are put under, GLACIER unless changed
 * @param masterKey wraps the keys of encrypted snapshots; without it they are neither made nor read
 * @param isDeduplicating whether chunks that the same owner has stored before, in any snapshot that is not encrypted, are linked to and not
 *     stored again; false unless changed. Takes 2.1 bytes of memory for each chunk stored under it, and a hash of each that is put. What was
 *     linked stays so when it is turned off.
 */
public record SnapshotStoreOptions(
        BucketName bucket,
        int packBytes,
        long pageCacheBytes,
        long unsentBytes,
        StorageClass archiveClass,
        Optional<MasterKey> masterKey,
        boolean isDeduplicating) {
    private static final int MIB = 1 << 20;

    public static final SnapshotStoreOptions DEFAULT = new SnapshotStoreOptions(
            new BucketName("firn-snapshots"),
            16 * MIB,
            64L * MIB,
            128L * MIB,
            StorageClass.GLACIER,
            Optional.empty(),
            false);

    public SnapshotStoreOptions {
        between("packBytes", packBytes, Chunk.BYTES, 64 * MIB);
        between("pageCacheBytes", pageCacheBytes, MIB, Long.MAX_VALUE);
        between("unsentBytes", unsentBytes, Chunk.BYTES, Long.MAX_VALUE);
    }

    private static void between(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + ", not from " + low + " to " + high);
        }
    }

    public SnapshotStoreOptions withBucket(String name) {
        return new SnapshotStoreOptions(
                new BucketName(name), packBytes, pageCacheBytes, unsentBytes, archiveClass, masterKey, isDeduplicating);
    }

    public SnapshotStoreOptions withPackBytes(int bytes) {
        return new SnapshotStoreOptions(
                bucket, bytes, pageCacheBytes, unsentBytes, archiveClass, masterKey, isDeduplicating);
    }

    public SnapshotStoreOptions withPageCacheBytes(long bytes) {
        return new SnapshotStoreOptions(
                bucket, packBytes, bytes, unsentBytes, archiveClass, masterKey, isDeduplicating);
    }

    public SnapshotStoreOptions withUnsentBytes(long bytes) {
        return new SnapshotStoreOptions(
                bucket, packBytes, pageCacheBytes, bytes, archiveClass, masterKey, isDeduplicating);
    }

    public SnapshotStoreOptions withMasterKey(MasterKey key) {
        return new SnapshotStoreOptions(
                bucket, packBytes, pageCacheBytes, unsentBytes, archiveClass, Optional.of(key), isDeduplicating);
    }

    public SnapshotStoreOptions withDeduplication() {
        return new SnapshotStoreOptions(bucket, packBytes, pageCacheBytes, unsentBytes, archiveClass, masterKey, true);
    }
}
