package io.firn.objectstore;

import java.time.Instant;
import java.util.Optional;

/**
 * What the index keeps of one version; its key is in the index key.
 *
 * @param nonce the random half of the version's id
 * @param isNull true when the version answers to {@code null}
 */
record StoredVersion(
        long ordinal,
        long nonce,
        boolean isNull,
        boolean isDeleteMarker,
        long lengthBytes,
        ETag etag,
        Instant lastModified,
        ObjectAttributes attributes,
        Optional<Checksum> checksum,
        int partCount,
        Body body) {

    VersionId versionId() {
        return isNull ? VersionId.NULL : new VersionId(ordinal, nonce, false);
    }

    ObjectVersion describe(ObjectKey key, boolean isLatest) {
        return new ObjectVersion(
                key,
                versionId(),
                isLatest,
                isDeleteMarker,
                lengthBytes,
                etag,
                lastModified,
                attributes,
                checksum,
                partCount);
    }

    StoredVersion withBody(Body newBody) {
        return new StoredVersion(
                ordinal,
                nonce,
                isNull,
                isDeleteMarker,
                lengthBytes,
                etag,
                lastModified,
                attributes,
                checksum,
                partCount,
                newBody);
    }

    StoredVersion withAttributes(ObjectAttributes newAttributes) {
        return new StoredVersion(
                ordinal,
                nonce,
                isNull,
                isDeleteMarker,
                lengthBytes,
                etag,
                lastModified,
                newAttributes,
                checksum,
                partCount,
                body);
    }
}
