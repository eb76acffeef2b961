package io.firn.objectstore;

import java.util.Optional;

/** A delete: of the current version (which in a versioned bucket adds a delete marker), or of one version for good. */
public record DeleteObject(BucketName bucket, ObjectKey key, Optional<VersionId> versionId, Conditions conditions) {

    public static DeleteObject of(String bucket, String key) {
        return new DeleteObject(new BucketName(bucket), ObjectKey.of(key), Optional.empty(), Conditions.NONE);
    }

    /**
     * What a delete did.
     *
     * @param versionId the version removed, or the delete marker added; absent when the bucket never kept versions
     * @param isDeleteMarker true when a delete marker was added, or the version removed was one
     */
    public record Deleted(Optional<VersionId> versionId, boolean isDeleteMarker) {}
}
