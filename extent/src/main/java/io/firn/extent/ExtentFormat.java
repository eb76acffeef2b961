package io.firn.extent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Format version 1 of an extent file. Every number is little-endian; every CRC is CRC32C (Castagnoli). {@code docs/formats/extent.md}
 * holds the same drawing with the reasons.
 *
 * <pre>
 * file      0 +-----------------------------+
 *             | superblock (64 bytes)       |
 *         512 | seal mark (48 bytes)        |  zeros until sealed
 *        4096 +-----------------------------+
 *             | frame | hole | frame | ...  |  at coordinates the caller chose, multiples of 8; a hole is what a crash or a
 *             |                             |  failed write left, and holds anything
 *             +-----------------------------+
 *             | footer                      |  only when sealed; the seal mark says where
 *             +-----------------------------+
 *
 * superblock  0  8  magic "FIRNEXT1"          frame  0  4  magic "FFRM"
 *             8  4  CRC of 12..64                    4  4  CRC of 8..48+4n       (= ExtentRef.crc)
 *            12  4  format version                   8  2  format version
 *            16  8  extent id                       10  2  zero
 *            24 40  zeros                           12  4  payload length        1 .. 1 MiB
 *                                                   16  8  extent id
 * seal mark   0  8  magic "FIRNSEAL"                24  8  offset of this frame in the file
 *             8  4  CRC of 12..48                   32 16  owner: high, low
 *            12  4  format version                  48 4n  CRC of each 64 KiB block of the payload, n = ceil(length / 64 KiB)
 *            16  8  extent id                          ..  payload
 *            24  8  footer offset                      ..  0..7 bytes that nobody reads, up to a multiple of 8
 *            32  4  footer length
 *            36  4  footer CRC                footer 0  8  magic "FIRNFOOT"
 *            40  8  zeros                            8  8  extent id
 *                                                   16  4  number of frames
 *                                                   20  4  zero
 *                                                   24 32n frame: offset 8, owner high 8, low 8, payload length 4, header CRC 4;
 *                                                          ascending by offset
 * </pre>
 *
 * <p>The first 16 bytes of the superblock keep their meaning in every version to come, so an old Firn can tell "newer" from "damaged".
 */
final class ExtentFormat {
    static final int VERSION = 1;

    static final int SUPERBLOCK_BYTES = 64;
    static final int SEAL_OFFSET = 512;
    static final int SEAL_BYTES = 48;
    /** What {@link #SUPERBLOCK_BYTES} and the seal mark span: one read tells all about an extent. */
    static final int PREAMBLE_BYTES = SEAL_OFFSET + SEAL_BYTES;

    static final int FIRST_FRAME_OFFSET = 4096;
    static final int ALIGNMENT = 8;
    static final int BLOCK_BYTES = 64 << 10;
    static final int PAYLOAD_BYTES_MAX = 1 << 20;

    static final int FRAME_FIXED_BYTES = 48;
    static final int FRAME_HEADER_BYTES_MAX = FRAME_FIXED_BYTES + 4 * (PAYLOAD_BYTES_MAX / BLOCK_BYTES);

    static final int FOOTER_FIXED_BYTES = 24;
    static final int FOOTER_ENTRY_BYTES = 32;

    static final int FRAME_MAGIC = 0x4D52_4646; // "FFRM"

    private static final long SUPERBLOCK_MAGIC = 0x3154_5845_4E52_4946L; // "FIRNEXT1"
    private static final long SEAL_MAGIC = 0x4C41_4553_4E52_4946L; // "FIRNSEAL"
    private static final long FOOTER_MAGIC = 0x544F_4F46_4E52_4946L; // "FIRNFOOT"

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private ExtentFormat() {}

    static long longAt(ByteBuffer bytes, int index) {
        return (long) LONG.get(bytes, index);
    }

    static int intAt(ByteBuffer bytes, int index) {
        return (int) INT.get(bytes, index);
    }

    static int shortAt(ByteBuffer bytes, int index) {
        return Short.toUnsignedInt((short) SHORT.get(bytes, index));
    }

    static void putLong(ByteBuffer bytes, int index, long value) {
        LONG.set(bytes, index, value);
    }

    static void putInt(ByteBuffer bytes, int index, int value) {
        INT.set(bytes, index, value);
    }

    static void putShort(ByteBuffer bytes, int index, int value) {
        SHORT.set(bytes, index, (short) value);
    }

    /** CRC32C of the bytes {@code from} to {@code to} (absolute); position and limit are as before on return. */
    static int crc(CRC32C crc, ByteBuffer bytes, int from, int to) {
        int position = bytes.position();
        int limit = bytes.limit();
        crc.reset();
        crc.update(bytes.limit(to).position(from));
        bytes.limit(limit).position(position);
        return (int) crc.getValue();
    }

    static int blocks(int payloadLength) {
        return (payloadLength + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }

    static int headerBytes(int payloadLength) {
        return FRAME_FIXED_BYTES + 4 * blocks(payloadLength);
    }

    static long alignUp(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The bytes of a superblock; they depend on the id only, so writing them again never changes anything. */
    static ByteBuffer superblock(long extentId) {
        ByteBuffer bytes = ByteBuffer.allocate(SUPERBLOCK_BYTES);
        putLong(bytes, 0, SUPERBLOCK_MAGIC);
        putInt(bytes, 12, VERSION);
        putLong(bytes, 16, extentId);
        putInt(bytes, 8, crc(new CRC32C(), bytes, 12, SUPERBLOCK_BYTES));
        return bytes;
    }

    static boolean isSuperblock(ByteBuffer preamble) {
        return preamble.limit() >= SUPERBLOCK_BYTES
                && longAt(preamble, 0) == SUPERBLOCK_MAGIC
                && intAt(preamble, 8) == crc(new CRC32C(), preamble, 12, SUPERBLOCK_BYTES);
    }

    static int superblockVersion(ByteBuffer preamble) {
        return intAt(preamble, 12);
    }

    static long superblockExtent(ByteBuffer preamble) {
        return longAt(preamble, 16);
    }

    /** Where the footer of a sealed extent is. */
    record Seal(long footerOffset, int footerBytes, int footerCrc) {}

    static ByteBuffer sealMark(long extentId, Seal seal) {
        ByteBuffer bytes = ByteBuffer.allocate(SEAL_BYTES);
        putLong(bytes, 0, SEAL_MAGIC);
        putInt(bytes, 12, VERSION);
        putLong(bytes, 16, extentId);
        putLong(bytes, 24, seal.footerOffset);
        putInt(bytes, 32, seal.footerBytes);
        putInt(bytes, 36, seal.footerCrc);
        putInt(bytes, 8, crc(new CRC32C(), bytes, 12, SEAL_BYTES));
        return bytes;
    }

    /** What the place of the seal mark says. */
    enum SealState {
        OPEN,
        SEALED,
        DAMAGED
    }

    static SealState sealState(ByteBuffer preamble, long extentId) {
        int end = Math.min(preamble.limit(), PREAMBLE_BYTES);
        boolean zeros = true;
        for (int i = SEAL_OFFSET; i < end && zeros; i++) {
            zeros = preamble.get(i) == 0;
        }
        if (zeros) {
            return SealState.OPEN;
        }
        boolean whole = end == PREAMBLE_BYTES
                && longAt(preamble, SEAL_OFFSET) == SEAL_MAGIC
                && intAt(preamble, SEAL_OFFSET + 8) == crc(new CRC32C(), preamble, SEAL_OFFSET + 12, PREAMBLE_BYTES)
                && longAt(preamble, SEAL_OFFSET + 16) == extentId;
        return whole ? SealState.SEALED : SealState.DAMAGED;
    }

    static Seal seal(ByteBuffer preamble) {
        return new Seal(
                longAt(preamble, SEAL_OFFSET + 24),
                intAt(preamble, SEAL_OFFSET + 32),
                intAt(preamble, SEAL_OFFSET + 36));
    }

    static void putFooterHead(ByteBuffer footer, long extentId, int frames) {
        putLong(footer, 0, FOOTER_MAGIC);
        putLong(footer, 8, extentId);
        putInt(footer, 16, frames);
    }

    static boolean isFooterHead(ByteBuffer footer, long extentId) {
        return footer.limit() >= FOOTER_FIXED_BYTES
                && longAt(footer, 0) == FOOTER_MAGIC
                && longAt(footer, 8) == extentId
                && (footer.limit() - FOOTER_FIXED_BYTES) / FOOTER_ENTRY_BYTES == intAt(footer, 16);
    }
}
