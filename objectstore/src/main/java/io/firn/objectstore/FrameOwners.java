package io.firn.objectstore;

import io.firn.extent.FrameOwner;

/**
 * What the store writes into the owner of a frame: bucket and version ordinal for a small payload, the complement of the blob's number
 * (so that it is negative) and the frame's number in it for a blob.
 */
final class FrameOwners {
    private FrameOwners() {}

    static FrameOwner ofVersion(long bucketId, long versionOrdinal) {
        return new FrameOwner(bucketId, versionOrdinal);
    }

    static FrameOwner ofBlob(long blobId, int frameNumber) {
        return new FrameOwner(~blobId, frameNumber);
    }

    static boolean isBlob(FrameOwner owner) {
        return owner.high() < 0;
    }

    static long blobId(FrameOwner owner) {
        return ~owner.high();
    }

    static int frameNumber(FrameOwner owner) {
        return Math.toIntExact(owner.low());
    }
}
