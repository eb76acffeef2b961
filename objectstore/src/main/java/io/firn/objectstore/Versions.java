package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a key in the index. The current one has an entry of its own place, so that a read is one look-up; those before it are
 * behind it, newest first.
 *
 * <p>Methods that take a batch describe a change; the caller holds the key's lock from look-up to commit.
 */
final class Versions {
    private final OrderedIndex index;

    Versions(OrderedIndex index) {
        this.index = index;
    }

    /** The current version, which may be a delete marker. */
    Optional<StoredVersion> current(long bucketId, ObjectKey key) {
        return decoded(index.get(IndexKeys.current(bucketId, key)));
    }

    private static Optional<StoredVersion> decoded(byte @Nullable [] value) {
        return value == null ? Optional.empty() : Optional.of(IndexFormat.version(value));
    }

    /** A version by id, current or not. */
    Optional<StoredVersion> find(long bucketId, ObjectKey key, VersionId id) {
        Optional<StoredVersion> current = current(bucketId, key);
        if (current.isEmpty()) {
            return Optional.empty();
        }
        if (current.get().versionId().equals(id)) {
            return current;
        }
        if (id.isNull()) {
            return olderNull(bucketId, key);
        }
        return older(bucketId, key, id.ordinal())
                .filter(version -> version.versionId().equals(id));
    }

    /** A version behind the current one, by ordinal. */
    Optional<StoredVersion> older(long bucketId, ObjectKey key, long ordinal) {
        return decoded(index.get(IndexKeys.older(bucketId, key, ordinal)));
    }

    /** The null version behind the current one: a walk over the key's versions, of which at most one is null. */
    private Optional<StoredVersion> olderNull(long bucketId, ObjectKey key) {
        byte[] all = IndexKeys.ofKey(IndexKeys.OBJECT, bucketId, key);
        try (OrderedIndex.Cursor cursor = index.cursor(all)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                StoredVersion version = IndexFormat.version(cursor.value());
                if (version.isNull() && IndexKeys.trailingNumber(cursor.key()) != 0) {
                    return Optional.of(version);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<StoredVersion> newestOlder(long bucketId, ObjectKey key) {
        byte[] all = IndexKeys.ofKey(IndexKeys.OBJECT, bucketId, key);
        try (OrderedIndex.Cursor cursor = index.cursor(all)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                if (IndexKeys.trailingNumber(cursor.key()) != 0) {
                    return Optional.of(IndexFormat.version(cursor.value()));
                }
            }
        }
        return Optional.empty();
    }

    /** Makes {@code fresh} the current version in place of {@code current}, which is kept or dropped as the bucket's versioning says. */
    void add(IndexBatch batch, Bucket bucket, ObjectKey key, Optional<StoredVersion> current, StoredVersion fresh) {
        batch.put(IndexKeys.current(bucket.id(), key), IndexFormat.encode(fresh));
        if (current.isEmpty()) {
            return;
        }
        if (fresh.isNull() && current.get().isNull()) {
            dropBody(batch, current.get());
            return;
        }
        batch.put(IndexKeys.older(bucket.id(), key, current.get().ordinal()), IndexFormat.encode(current.get()));
        if (fresh.isNull()) {
            Optional<StoredVersion> replaced = olderNull(bucket.id(), key);
            replaced.ifPresent(version -> {
                batch.delete(IndexKeys.older(bucket.id(), key, version.ordinal()));
                dropBody(batch, version);
            });
        }
    }

    /** Removes a version for good; when it was the current one the next newest takes its place. */
    void remove(IndexBatch batch, Bucket bucket, ObjectKey key, StoredVersion version, boolean isCurrent) {
        dropBody(batch, version);
        if (!isCurrent) {
            batch.delete(IndexKeys.older(bucket.id(), key, version.ordinal()));
            return;
        }
        Optional<StoredVersion> next =
                bucket.versioning() == Versioning.UNVERSIONED ? Optional.empty() : newestOlder(bucket.id(), key);
        if (next.isPresent()) {
            batch.put(IndexKeys.current(bucket.id(), key), IndexFormat.encode(next.get()));
            batch.delete(IndexKeys.older(bucket.id(), key, next.get().ordinal()));
        } else {
            batch.delete(IndexKeys.current(bucket.id(), key));
        }
    }

    /** Writes a version again where it is, with other attributes or another body. */
    void rewrite(IndexBatch batch, long bucketId, ObjectKey key, StoredVersion version, boolean isCurrent) {
        byte[] entry = isCurrent ? IndexKeys.current(bucketId, key) : IndexKeys.older(bucketId, key, version.ordinal());
        batch.put(entry, IndexFormat.encode(version));
    }

    private static void dropBody(IndexBatch batch, StoredVersion version) {
        switch (version.body()) {
            case Body.Empty ignored -> {}
            case Body.Inline(ExtentRef frame) -> Blobs.addLive(batch, frame, -1);
            case Body.InBlob(long blobId) -> Blobs.refer(batch, blobId, -1);
        }
    }
}
