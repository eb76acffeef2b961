package io.firn.objectstore;

import java.util.Optional;

/**
 * A copy inside the store: bytes are referenced, not moved.
 *
 * @param source which version to copy, under which conditions on it (range and part number must be absent)
 * @param replacement new attributes; absent keeps those of the source (the owner is always the new one)
 * @param replacementTags new tags; absent keeps those of the source
 * @param algorithm the checksum algorithm of the copy; absent keeps the source's
 * @param conditions on the object at the target
 */
public record CopyObject(
        GetObject source,
        BucketName bucket,
        ObjectKey key,
        String owner,
        StorageClass storageClass,
        Optional<ObjectMetadata> replacement,
        Optional<Tags> replacementTags,
        Optional<ChecksumAlgorithm> algorithm,
        Conditions conditions) {

    /**
     * What a copy made.
     *
     * @param source the version copied
     * @param copy the new version
     */
    public record Copied(ObjectVersion source, ObjectVersion copy) {}
}
