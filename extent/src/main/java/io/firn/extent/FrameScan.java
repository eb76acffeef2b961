package io.firn.extent;

import io.firn.io.DiskFile;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frames of an extent by their headers, front to back.
 *
 * <p>A header counts when its CRC holds, it repeats this extent and this very offset, and its payload ends inside the file; the payload
 * itself is not read. Where there is no such header the scan goes on at the next multiple of 8, so a hole of any content costs its
 * own length and nothing behind it. Inside a hole (never inside a whole frame) a payload crafted to look like a header at that very
 * place could be taken for a frame: whoever walks decides by its own references which frames it wants.
 */
final class FrameScan {
    /** What the scan comes by, ascending by offset. */
    interface Visitor {
        void frame(FrameEntry frame);

        /** Bytes that are not all zero and belong to no frame: what a crash tore, or damage. */
        void unrecognised(long from, long to);
    }

    private final DiskFile file;
    private final long extentId;
    private final long end;
    private final Scratch scratch;
    private final Visitor visitor;
    private long windowStart;
    private int windowBytes;
    private long strangeFrom = -1;
    private long strangeTo;

    private FrameScan(DiskFile file, long extentId, long end, Scratch scratch, Visitor visitor) {
        this.file = file;
        this.extentId = extentId;
        this.end = end;
        this.scratch = scratch;
        this.visitor = visitor;
    }

    /** Scans up to {@code end}; nothing at or beyond it counts. */
    static void scan(DiskFile file, long extentId, long end, Scratch scratch, Visitor visitor) {
        new FrameScan(file, extentId, end, scratch, visitor).run();
    }

    private void run() {
        long position = ExtentFormat.FIRST_FRAME_OFFSET;
        while (position < end) {
            int index = window(position);
            if (windowBytes - index < ExtentFormat.ALIGNMENT) {
                strange(position, end);
                break;
            }
            FrameEntry frame = frameAt(index, position);
            if (frame != null) {
                endStrange();
                visitor.frame(frame);
                position = frame.ref().endOffset();
            } else {
                if (ExtentFormat.longAt(scratch.buffer, index) != 0) {
                    strange(position, Math.min(position + ExtentFormat.ALIGNMENT, end));
                }
                position += ExtentFormat.ALIGNMENT;
            }
        }
        endStrange();
    }

    private @Nullable FrameEntry frameAt(int index, long position) {
        FrameEntry frame = Frame.entryAt(scratch.buffer, index, scratch.crc);
        if (frame == null || frame.ref().extentId() != extentId || frame.ref().offset() != position) {
            return null;
        }
        int length = frame.ref().length();
        return position + ExtentFormat.headerBytes(length) + length <= end ? frame : null;
    }

    /** Brings the header that may be at {@code position} into the window and returns its index there. */
    private int window(long position) {
        long wanted = Math.min(position + ExtentFormat.FRAME_HEADER_BYTES_MAX, end);
        if (position < windowStart || wanted > windowStart + windowBytes) {
            ByteBuffer buffer = scratch.buffer;
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
            windowStart = position;
            windowBytes = file.read(buffer, position);
            buffer.position(0).limit(windowBytes);
        }
        return (int) (position - windowStart);
    }

    private void strange(long from, long to) {
        if (strangeFrom < 0) {
            strangeFrom = from;
        }
        strangeTo = to;
    }

    private void endStrange() {
        if (strangeFrom >= 0) {
            visitor.unrecognised(strangeFrom, strangeTo);
            strangeFrom = -1;
        }
    }
}
