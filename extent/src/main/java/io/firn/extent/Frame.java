package io.firn.extent;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one frame: a header that says what and where it is, one CRC32C per {@link #BLOCK_BYTES} of payload, the payload.
 *
 * <p>Layout: see {@code docs/formats/extent.md}. All methods are pure and safe for use by many threads.
 */
public final class Frame {
    /** Where the first frame of an extent may start; what is before belongs to the extent. */
    public static final long FIRST_OFFSET = ExtentFormat.FIRST_FRAME_OFFSET;

    /** Every frame starts at a multiple of this. */
    public static final int ALIGNMENT = ExtentFormat.ALIGNMENT;

    /** The most a payload may hold: 1 MiB. */
    public static final int PAYLOAD_BYTES_MAX = ExtentFormat.PAYLOAD_BYTES_MAX;

    /** What one CRC covers and so the least that a read touches: 64 KiB. */
    public static final int BLOCK_BYTES = ExtentFormat.BLOCK_BYTES;

    private Frame() {}

    /** Bytes that a frame occupies in its extent: header, block table and payload, up to a multiple of {@link #ALIGNMENT}. */
    public static int encodedBytes(int payloadLength) {
        checkLength(payloadLength);
        return (int) ExtentFormat.alignUp(ExtentFormat.headerBytes(payloadLength) + (long) payloadLength);
    }

    /**
     * Makes a frame of the payload's remaining bytes for the given place. The payload's position is left alone and its bytes are not
     * copied (see {@link EncodedFrame}).
     */
    public static EncodedFrame encode(long extentId, long offset, FrameOwner owner, ByteBuffer payload) {
        int length = payload.remaining();
        checkLength(length);
        int headerBytes = ExtentFormat.headerBytes(length);
        ByteBuffer header = ByteBuffer.allocate(headerBytes);
        ByteBuffer body = payload.slice();
        CRC32C crc = new CRC32C();
        for (int block = 0; block < ExtentFormat.blocks(length); block++) {
            int from = block * BLOCK_BYTES;
            int to = Math.min(from + BLOCK_BYTES, length);
            ExtentFormat.putInt(
                    header, ExtentFormat.FRAME_FIXED_BYTES + 4 * block, ExtentFormat.crc(crc, body, from, to));
        }
        ExtentFormat.putInt(header, 0, ExtentFormat.FRAME_MAGIC);
        ExtentFormat.putShort(header, 8, ExtentFormat.VERSION);
        ExtentFormat.putInt(header, 12, length);
        ExtentFormat.putLong(header, 16, extentId);
        ExtentFormat.putLong(header, 24, offset);
        ExtentFormat.putLong(header, 32, owner.high());
        ExtentFormat.putLong(header, 40, owner.low());
        int headerCrc = ExtentFormat.crc(crc, header, 8, headerBytes);
        ExtentFormat.putInt(header, 4, headerCrc);
        return new EncodedFrame(new ExtentRef(extentId, offset, length, headerCrc), owner, header, body);
    }

    /**
     * Reads a frame back from the bytes of its header and payload, as a journal keeps them, verifying both; the position moves behind
     * the payload and the bytes are not copied.
     *
     * @throws StorageException.Corrupt when the bytes are no whole frame
     */
    public static EncodedFrame decode(ByteBuffer bytes) {
        ByteBuffer frame = bytes.slice();
        CRC32C crc = new CRC32C();
        FrameEntry entry = entryAt(frame, 0, crc);
        if (entry == null) {
            throw new StorageException.Corrupt("no frame header in these " + frame.limit() + " bytes");
        }
        int length = entry.ref().length();
        int headerBytes = ExtentFormat.headerBytes(length);
        if (frame.limit() < headerBytes + length) {
            throw new StorageException.Corrupt(describe(entry.ref()) + " is cut off");
        }
        ByteBuffer header = frame.slice(0, headerBytes);
        ByteBuffer payload = frame.slice(headerBytes, length);
        for (int block = 0; block < ExtentFormat.blocks(length); block++) {
            checkBlock(entry.ref(), header, block, payload, block * BLOCK_BYTES, crc);
        }
        bytes.position(bytes.position() + headerBytes + length);
        return new EncodedFrame(entry.ref(), entry.owner(), header, payload);
    }

    /** The frame whose whole header is at {@code index}, or null when there is none that this version knows. */
    static @Nullable FrameEntry entryAt(ByteBuffer bytes, int index, CRC32C crc) {
        if (bytes.limit() - index < ExtentFormat.FRAME_FIXED_BYTES
                || ExtentFormat.intAt(bytes, index) != ExtentFormat.FRAME_MAGIC
                || ExtentFormat.shortAt(bytes, index + 8) != ExtentFormat.VERSION) {
            return null;
        }
        int length = ExtentFormat.intAt(bytes, index + 12);
        long extentId = ExtentFormat.longAt(bytes, index + 16);
        long offset = ExtentFormat.longAt(bytes, index + 24);
        if (length < 1 || length > PAYLOAD_BYTES_MAX || extentId < 0 || !isOffset(offset)) {
            return null;
        }
        int end = index + ExtentFormat.headerBytes(length);
        if (end > bytes.limit()) {
            return null;
        }
        int headerCrc = ExtentFormat.crc(crc, bytes, index + 8, end);
        if (headerCrc != ExtentFormat.intAt(bytes, index + 4)) {
            return null;
        }
        return new FrameEntry(
                new ExtentRef(extentId, offset, length, headerCrc),
                new FrameOwner(ExtentFormat.longAt(bytes, index + 32), ExtentFormat.longAt(bytes, index + 40)));
    }

    /** Checks that the header at the start of {@code bytes} is the one that {@code ref} points to. */
    static void checkHeader(ExtentRef ref, ByteBuffer bytes, CRC32C crc) {
        if (ExtentFormat.intAt(bytes, 0) != ExtentFormat.FRAME_MAGIC) {
            throw new StorageException.Corrupt(describe(ref) + " does not start with a frame header");
        }
        int found = ExtentFormat.crc(crc, bytes, 8, ExtentFormat.headerBytes(ref.length()));
        int stored = ExtentFormat.intAt(bytes, 4);
        if (found != ref.crc() || stored != ref.crc()) {
            throw new StorageException.Corrupt(String.format(
                    "%s has a header CRC of %08x (stored %08x), expected %08x",
                    describe(ref), found, stored, ref.crc()));
        }
        // The CRC that the parent kept covers these fields: a difference here means that the parent itself is wrong.
        if (ExtentFormat.longAt(bytes, 16) != ref.extentId()
                || ExtentFormat.longAt(bytes, 24) != ref.offset()
                || ExtentFormat.intAt(bytes, 12) != ref.length()) {
            throw new StorageException.Corrupt(String.format(
                    "%s holds a frame of extent %d, offset %d, length %d",
                    describe(ref),
                    ExtentFormat.longAt(bytes, 16),
                    ExtentFormat.longAt(bytes, 24),
                    ExtentFormat.intAt(bytes, 12)));
        }
        int version = ExtentFormat.shortAt(bytes, 8);
        if (version > ExtentFormat.VERSION) {
            throw new StorageException.Unavailable(describe(ref) + " has format version " + version
                    + "; this Firn reads up to " + ExtentFormat.VERSION + ": use a newer Firn");
        }
    }

    /** Checks one block of a payload, whose bytes start at {@code from} in {@code bytes}, against the table in {@code header}. */
    static void checkBlock(ExtentRef ref, ByteBuffer header, int block, ByteBuffer bytes, int from, CRC32C crc) {
        int length = Math.min(BLOCK_BYTES, ref.length() - block * BLOCK_BYTES);
        int expected = ExtentFormat.intAt(header, ExtentFormat.FRAME_FIXED_BYTES + 4 * block);
        int found = ExtentFormat.crc(crc, bytes, from, from + length);
        if (found != expected) {
            throw new StorageException.Corrupt(String.format(
                    "%s: payload block %d (bytes %d..%d) has CRC %08x, expected %08x",
                    describe(ref), block, block * BLOCK_BYTES, block * BLOCK_BYTES + length, found, expected));
        }
    }

    static String describe(ExtentRef ref) {
        return "extent " + ref.extentId() + ", frame at offset " + ref.offset() + ", length " + ref.length();
    }

    static boolean isOffset(long offset) {
        return offset >= FIRST_OFFSET && offset % ALIGNMENT == 0 && offset <= Long.MAX_VALUE / 2;
    }

    static void checkOffset(long offset) {
        if (!isOffset(offset)) {
            throw new IllegalArgumentException(
                    "a frame starts at " + FIRST_OFFSET + " or later, at a multiple of " + ALIGNMENT + ": " + offset);
        }
    }

    static void checkLength(int length) {
        if (length < 1 || length > PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException("a payload is 1 to " + PAYLOAD_BYTES_MAX + " bytes: " + length);
        }
    }
}
