package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A body that has been taken in and verified, not referred to by anything yet.
 *
 * @param lengthBytes its length
 * @param digests what was computed of it
 * @param small its bytes, when they are few enough to travel in the journal record
 * @param blobId the number of the blob its frames make, when they do not
 * @param frames the frames it was written to, durable already
 */
record Received(
        long lengthBytes, Digests.Results digests, Optional<ByteBuffer> small, long blobId, List<EncodedFrame> frames) {

    ETag etag() {
        return digests.etag();
    }

    Checksum checksum(ChecksumAlgorithm algorithm) {
        return digests.of(algorithm).orElseThrow();
    }
}
