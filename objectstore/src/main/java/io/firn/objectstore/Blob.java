package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import java.util.List;

/**
 * Immutable bytes that are referred to by number and counted: what makes a copy a reference.
 *
 * <p>A blob holds its own frames, or is a sequence of ranges of other blobs. An object assembled from 10,000 parts is one blob of 10,000
 * segments, and copying it adds one reference.
 */
sealed interface Blob {

    long lengthBytes();

    /** How many blobs lie between this one and frames, itself included. */
    int depth();

    /** Bytes in frames of {@link #FRAME_BYTES} each, the last one shorter. */
    record Frames(long lengthBytes, List<ExtentRef> frames) implements Blob {
        @Override
        public int depth() {
            return 1;
        }
    }

    /** Ranges of other blobs, each of which this one refers to. */
    record Segments(long lengthBytes, int depth, List<Segment> segments) implements Blob {}

    /** {@code length} bytes from {@code offset} of a blob. */
    record Segment(long blobId, long offset, long length) {}

    /** Payload bytes of every frame of a blob but the last. */
    int FRAME_BYTES = 1 << 20;

    /** The most levels of segments; a copy that would nest deeper refers to the inner blobs instead. */
    int MAX_DEPTH = 8;
}
