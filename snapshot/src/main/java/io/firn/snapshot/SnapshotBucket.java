package io.firn.snapshot;

import io.firn.io.StorageException;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ByteRange;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Conditions;
import io.firn.objectstore.DeleteObject;
import io.firn.objectstore.Expectations;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ObjectAttributes;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectMetadata;
import io.firn.objectstore.ObjectReader;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Refusal;
import io.firn.objectstore.Tags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The bucket that a snapshot store keeps everything in: whole objects put and deleted atomically, ranges read. Refusals that cannot be
 * expected here are {@link StorageException.Unavailable}.
 */
final class SnapshotBucket {
    private static final String OWNER = "firn-snapshots";
    private static final String GENERATION = "generation";
    private static final String WRAPPED_KEY = "wrapped-key";

    private final ObjectStore objects;
    private final BucketName bucket;
    private final PackCipher cipher;

    SnapshotBucket(ObjectStore objects, BucketName bucket, PackCipher cipher) {
        this.objects = objects;
        this.bucket = bucket;
        this.cipher = cipher;
        if (objects.bucket(bucket).isEmpty()) {
            objects.createBucket(bucket, OWNER, "", Tags.NONE).orElseThrow(SnapshotBucket::unexpected);
        }
    }

    /** Bytes of an object as it is now, in the clear; never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Stored(byte[] bytes, PackForm form) {}

    private static StorageException unexpected(Refusal refusal) {
        return new StorageException.Unavailable(
                "the object store refused: " + refusal.reason() + ", " + refusal.detail());
    }

    void put(String key, byte[] bytes) {
        put(key, PackBytes.of(bytes), PackForm.PLAIN);
    }

    /**
     * Puts or replaces a whole object; durable on return. Everything in it carries checksums of its own: of the store's, the one that takes no
     * time is enough.
     */
    void put(String key, PackBytes clear, PackForm form) {
        TreeMap<String, String> user = new TreeMap<>();
        if (form.generation() > 0) {
            user.put(GENERATION, Integer.toString(form.generation()));
        }
        PackBytes bytes = clear;
        if (form.isEncrypted()) {
            PackCipher.Encrypted encrypted = cipher.encrypt(clear.toArray());
            user.put(WRAPPED_KEY, encrypted.wrappedKey());
            bytes = PackBytes.of(encrypted.bytes());
        }
        ObjectAttributes attributes = ObjectAttributes.DEFAULT
                .withOwner(OWNER)
                .withStorageClass(form.storageClass())
                .withMetadata(new ObjectMetadata(Collections.emptySortedMap(), user));
        objects.put(
                        new PutObject(
                                bucket,
                                ObjectKey.of(key),
                                attributes,
                                Expectations.length(bytes.length()).withoutMd5().storing(ChecksumAlgorithm.CRC32C),
                                Conditions.NONE),
                        bytes.source())
                .orElseThrow(SnapshotBucket::unexpected);
    }

    Optional<Stored> get(String key) {
        return read(GetObject.of(bucket, ObjectKey.of(key)));
    }

    /** A range, cut where the object ends; nothing when there is no object or none of the range. */
    Optional<Stored> get(String key, ByteRange range) {
        return read(GetObject.of(bucket, ObjectKey.of(key)).range(range));
    }

    boolean has(String key) {
        return objects.head(GetObject.of(bucket, ObjectKey.of(key))) instanceof Outcome.Done<?>;
    }

    private Optional<Stored> read(GetObject request) {
        return switch (objects.get(request)) {
            case Outcome.Refused<ObjectReader>(Refusal refusal) -> {
                if (refusal.reason() == Refusal.Reason.NO_SUCH_KEY
                        || refusal.reason() == Refusal.Reason.INVALID_RANGE) {
                    yield Optional.empty();
                }
                throw unexpected(refusal);
            }
            case Outcome.Done<ObjectReader>(ObjectReader reader) -> {
                try (reader) {
                    ByteBuffer target =
                            ByteBuffer.allocate(Math.toIntExact(reader.span().length()));
                    while (target.hasRemaining() && reader.read(target) >= 0) {}
                    ObjectAttributes attributes = reader.version().attributes();
                    Map<String, String> user = attributes.metadata().user();
                    int generation = Integer.parseInt(user.getOrDefault(GENERATION, "0"));
                    Optional<String> wrappedKey = Optional.ofNullable(user.get(WRAPPED_KEY));
                    wrappedKey.ifPresent(
                            wrapped -> cipher.decrypt(wrapped, reader.span().offset(), target.array()));
                    PackForm form = new PackForm(generation, attributes.storageClass(), wrappedKey.isPresent());
                    yield Optional.of(new Stored(target.array(), form));
                }
            }
        };
    }

    /** Deletes an object, if there is one; durable on return. */
    void delete(String key) {
        objects.delete(new DeleteObject(bucket, ObjectKey.of(key), Optional.empty(), Conditions.NONE))
                .orElseThrow(SnapshotBucket::unexpected);
    }

    /** All keys with a prefix, ascending. */
    List<String> list(String prefix) {
        List<String> keys = new ArrayList<>();
        Optional<String> after = Optional.empty();
        do {
            ListObjects.Page page = objects.list(new ListObjects(bucket, prefix, "", after, ListObjects.MAX_KEYS))
                    .orElseThrow(SnapshotBucket::unexpected);
            for (ObjectVersion object : page.objects()) {
                keys.add(object.key().text());
            }
            after = page.next();
        } while (after.isPresent());
        return keys;
    }
}
