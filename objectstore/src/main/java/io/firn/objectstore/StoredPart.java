package io.firn.objectstore;

import java.time.Instant;
import java.util.Optional;

/** What the index keeps of a part of an upload; its number is in the index key. The part refers to its blob. */
record StoredPart(ETag etag, long lengthBytes, Instant lastModified, Optional<Checksum> checksum, long blobId) {

    MultipartUpload.Part describe(int partNumber) {
        return new MultipartUpload.Part(partNumber, etag, lengthBytes, lastModified, checksum);
    }
}
