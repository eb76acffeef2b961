package io.firn.extent;

import java.nio.ByteBuffer;

/**
 * Where a frame is and what it must be: the pointer that an index or a journal keeps.
 *
 * <p>The {@code crc} covers the frame's header, which repeats the coordinates and holds a CRC of every payload block: a frame of other
 * bytes, another length, another place or another extent does not match, so a parent always detects a wrong child.
 *
 * @param extentId the extent, 0 or more
 * @param offset bytes from the start of the file to the start of the frame's header: {@link Frame#FIRST_OFFSET} or more, a multiple
 *     of {@link Frame#ALIGNMENT}
 * @param length bytes of payload, 1 to {@link Frame#PAYLOAD_BYTES_MAX}
 * @param crc CRC32C of the frame's header
 */
public record ExtentRef(long extentId, long offset, int length, int crc) {
    /** What {@link #encode} takes. */
    public static final int ENCODED_BYTES = 24;

    public ExtentRef {
        if (extentId < 0) {
            throw new IllegalArgumentException("extent id is negative: " + extentId);
        }
        Frame.checkOffset(offset);
        Frame.checkLength(length);
    }

    /** Writes {@link #ENCODED_BYTES} at the position, little-endian whatever the buffer's own order, and moves the position. */
    public void encode(ByteBuffer target) {
        int at = target.position();
        target.position(at + ENCODED_BYTES);
        ExtentFormat.putLong(target, at, extentId);
        ExtentFormat.putLong(target, at + 8, offset);
        ExtentFormat.putInt(target, at + 16, length);
        ExtentFormat.putInt(target, at + 20, crc);
    }

    /** Reads what {@link #encode} wrote and moves the position; bytes that are no reference are an {@link IllegalArgumentException}. */
    public static ExtentRef decode(ByteBuffer source) {
        int at = source.position();
        source.position(at + ENCODED_BYTES);
        return new ExtentRef(
                ExtentFormat.longAt(source, at),
                ExtentFormat.longAt(source, at + 8),
                ExtentFormat.intAt(source, at + 16),
                ExtentFormat.intAt(source, at + 20));
    }

    /** The first offset after this frame at which another may be. */
    public long endOffset() {
        return offset + Frame.encodedBytes(length);
    }
}
