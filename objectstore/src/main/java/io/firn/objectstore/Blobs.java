package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.io.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks blobs up, walks them, and says what a mutation adds to make or drop one. */
final class Blobs {
    private final OrderedIndex index;

    Blobs(OrderedIndex index) {
        this.index = index;
    }

    Optional<Blob> find(long blobId) {
        byte[] value = index.get(IndexKeys.of(IndexKeys.BLOB, blobId));
        return value == null ? Optional.empty() : Optional.of(IndexFormat.blob(value));
    }

    Blob get(long blobId) {
        return find(blobId).orElseThrow(() -> new StorageException.Corrupt("blob " + blobId + " is missing"));
    }

    /** Adds a blob of frames with one reference, whose frames count as live. */
    static void add(IndexBatch batch, long blobId, long lengthBytes, List<EncodedFrame> frames) {
        List<ExtentRef> refs = new ArrayList<>(frames.size());
        for (EncodedFrame frame : frames) {
            refs.add(frame.ref());
            addLive(batch, frame.ref(), 1);
        }
        batch.put(IndexKeys.of(IndexKeys.BLOB, blobId), IndexFormat.encode(new Blob.Frames(lengthBytes, refs)));
        refer(batch, blobId, 1);
    }

    /** Adds a blob of segments with one reference; the references to the segments' blobs are the caller's to add. */
    static void add(IndexBatch batch, long blobId, Blob.Segments segments) {
        batch.put(IndexKeys.of(IndexKeys.BLOB, blobId), IndexFormat.encode(segments));
        refer(batch, blobId, 1);
    }

    static void refer(IndexBatch batch, long blobId, long delta) {
        batch.add(IndexKeys.of(IndexKeys.REFERENCES, blobId), delta);
    }

    /** Counts a frame's bytes as live ({@code sign} 1) or dead (-1). */
    static void addLive(IndexBatch batch, ExtentRef frame, int sign) {
        batch.add(IndexKeys.of(IndexKeys.EXTENT, frame.extentId()), (long) sign * Frame.encodedBytes(frame.length()));
    }

    /** A range of consecutive bytes in the frames of one blob. */
    record Piece(long blobId, Blob.Frames blob, long from, long to) {}

    /** The pieces that hold {@code [from, to)} of a blob, in order, each looked up when it is asked for. */
    Walk walk(long blobId, long from, long to) {
        return new Walk(blobId, from, to);
    }

    final class Walk {
        private final Deque<Blob.Segment> ahead = new ArrayDeque<>();

        private Walk(long blobId, long from, long to) {
            if (to > from) {
                ahead.push(new Blob.Segment(blobId, from, to - from));
            }
        }

        @Nullable Piece next() {
            while (!ahead.isEmpty()) {
                Blob.Segment segment = ahead.pop();
                long to = segment.offset() + segment.length();
                switch (get(segment.blobId())) {
                    case Blob.Frames frames -> {
                        return new Piece(segment.blobId(), frames, segment.offset(), to);
                    }
                    case Blob.Segments inner ->
                        clip(inner, segment.offset(), to).reversed().forEach(ahead::push);
                }
            }
            return null;
        }
    }

    /** The segments of {@code inner} that hold {@code [from, to)}, cut to it. */
    static List<Blob.Segment> clip(Blob.Segments inner, long from, long to) {
        List<Blob.Segment> clipped = new ArrayList<>();
        long start = 0;
        for (Blob.Segment segment : inner.segments()) {
            long end = start + segment.length();
            if (end > from && start < to) {
                long cutFrom = Math.max(from, start);
                long cutTo = Math.min(to, end);
                clipped.add(new Blob.Segment(segment.blobId(), segment.offset() + (cutFrom - start), cutTo - cutFrom));
            }
            start = end;
            if (start >= to) {
                break;
            }
        }
        return clipped;
    }
}
