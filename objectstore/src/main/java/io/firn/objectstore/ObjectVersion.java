package io.firn.objectstore;

import java.time.Instant;
import java.util.Optional;

/**
 * One stored version of an object, or a delete marker.
 *
 * @param isLatest true when a read without a version id finds this one
 * @param isDeleteMarker true for a delete marker: length 0, no ETag text, no checksum
 * @param lastModified when it was written, in whole milliseconds; for a multipart object when the upload was begun
 * @param checksum the object's checksum: the one the writer chose, else CRC64NVME
 * @param partCount the number of parts it was completed from; 0 when it was put whole
 */
public record ObjectVersion(
        ObjectKey key,
        VersionId versionId,
        boolean isLatest,
        boolean isDeleteMarker,
        long lengthBytes,
        ETag etag,
        Instant lastModified,
        ObjectAttributes attributes,
        Optional<Checksum> checksum,
        int partCount) {}
