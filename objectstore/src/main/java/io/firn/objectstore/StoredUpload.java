package io.firn.objectstore;

import java.time.Instant;
import java.util.Optional;

/** What the index keeps of an upload in progress. */
record StoredUpload(
        UploadId uploadId,
        ObjectAttributes attributes,
        Instant initiated,
        Optional<ChecksumAlgorithm> algorithm,
        Optional<ChecksumType> checksumType) {

    MultipartUpload describe(BucketName bucket, ObjectKey key) {
        return new MultipartUpload(bucket, key, uploadId, attributes, initiated, algorithm, checksumType);
    }
}
