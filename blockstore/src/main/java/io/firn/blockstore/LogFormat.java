package io.firn.blockstore;

import io.firn.io.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The log's bytes, format version 2. Little-endian; a slot is 4 KiB; a segment file is
 *
 * <pre>
 *   slot 0        segment header
 *   slot 1 ...    batch | batch | ...        each: one header slot, then its payload slots
 *
 *   segment header            batch header                       entry
 *    0  8  FIRNVSEG            0  8  FIRNVBAT                     0  1  kind
 *    8  4  CRC of 12..64       8  4  CRC of 12..used              1  1  zero
 *   12  4  format version     12  4  used bytes of the slot       2  2  n, length of inline bytes
 *   16  8  store salt         16  8  store salt                   4  4  volume id
 *   24  8  ordinal            24  8  segment ordinal              8  8  epoch
 *   32  4  segment number     32  4  slot of this header         16  8  first LBA, a size, or the mark of a SEAL
 *   36 28  zeros              36  4  payload slots               24  8  blocks
 *                             40  8  term                        32  8  source location (MOVE only)
 *                             48  8  sequence                     .  4  CRC32C of each payload block (DATA, HYDRATE, MOVE)
 *                             56  8  durable sequence             .  n  inline bytes, padded to 4 (CREATE, RENAME, MODIFY)
 *                             64  4  entries
 *                             68  4  zero
 *                             72     entries
 * </pre>
 *
 * <p>A batch is whole when its header's CRC holds, it names this store, this life of the file and this slot, and every payload block has
 * its CRC. The sequence has no gaps; the durable sequence is the highest that was synced when the batch was written, which tells a torn
 * tail from lost history. The term grows each time a tail is given up or written again elsewhere; the superblock says from which sequence
 * each term counts, so a batch of an older life of the log is never taken for one of this.
 *
 * <p>Version 2 is version 1 with marks, which were 0 before: all of version 1 is read as it is.
 */
final class LogFormat {
    static final int VERSION = 2;
    static final long SEGMENT_MAGIC = magic("FIRNVSEG");
    static final long BATCH_MAGIC = magic("FIRNVBAT");

    /** Payload blocks of a batch: as many as the CRCs of one entry fit into its header. */
    static final int BATCH_BLOCKS_MAX = 960;

    static final int BATCH_BYTES_MAX = (1 + BATCH_BLOCKS_MAX) * Block.BYTES;

    // Batch header.
    static final int CRC = 8;
    static final int USED = 12;
    static final int SALT = 16;
    static final int ORDINAL = 24;
    static final int SLOT = 32;
    static final int PAYLOAD_SLOTS = 36;
    static final int TERM = 40;
    static final int SEQUENCE = 48;
    static final int DURABLE = 56;
    static final int ENTRIES = 64;
    static final int FIRST_ENTRY = 72;

    // Entry.
    static final int ENTRY_INLINE = 2;
    static final int ENTRY_VOLUME = 4;
    static final int ENTRY_EPOCH = 8;
    static final int ENTRY_LBA = 16;
    static final int ENTRY_BLOCKS = 24;
    static final int ENTRY_BYTES = 32;

    private static final int SEGMENT_CRC_FROM = 12;
    private static final int SEGMENT_BYTES = 64;

    private LogFormat() {}

    /** The kinds of entries, by the number that stands for each on disk. */
    static final class Kind {
        static final int DATA = 1;
        static final int ZERO = 2;
        static final int TRIM = 3;
        static final int HYDRATE = 4;
        static final int MOVE = 5;
        static final int SEAL = 6;
        static final int RELEASE = 7;
        static final int FORGET = 8;
        static final int RESIZE = 9;
        static final int CREATE = 10;
        static final int RENAME = 11;
        static final int DELETE = 12;
        static final int DISCARD = 13;
        static final int FLATTEN = 14;
        static final int DETACH = 15;
        static final int ACKNOWLEDGE = 16;
        static final int MODIFY = 17;
        static final int LAST = MODIFY;

        private Kind() {}

        static boolean hasPayload(int kind) {
            return kind == DATA || kind == HYDRATE || kind == MOVE;
        }
    }

    /** Whether this Firn reads a format version. */
    static boolean isKnown(int version) {
        return version >= 1 && version <= VERSION;
    }

    static long magic(String ascii) {
        return ByteBuffer.wrap(ascii.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    /** A whole slot, ready to be written. */
    static ByteBuffer segmentHeader(long salt, int number, long ordinal) {
        ByteBuffer bytes = ByteBuffer.allocate(Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, SEGMENT_MAGIC)
                .putInt(SEGMENT_CRC_FROM, VERSION)
                .putLong(16, salt)
                .putLong(24, ordinal)
                .putInt(32, number);
        return bytes.putInt(CRC, Crc32c.of(bytes, SEGMENT_CRC_FROM, SEGMENT_BYTES - SEGMENT_CRC_FROM));
    }

    /** The ordinal that a segment's first slot names, or -1 when it is not the header of this store's segment of that number. */
    static long ordinal(ByteBuffer slot, long salt, int number) {
        boolean isWhole = slot.getLong(0) == SEGMENT_MAGIC
                && slot.getInt(CRC) == Crc32c.of(slot, SEGMENT_CRC_FROM, SEGMENT_BYTES - SEGMENT_CRC_FROM)
                && isKnown(slot.getInt(SEGMENT_CRC_FROM))
                && slot.getLong(16) == salt
                && slot.getInt(32) == number;
        return isWhole ? slot.getLong(24) : -1;
    }

    /** Completes a header whose fields and entries are in place. */
    static void close(ByteBuffer header) {
        header.putLong(0, BATCH_MAGIC);
        header.putInt(CRC, Crc32c.of(header, USED, header.getInt(USED) - USED));
    }

    /** True when a slot (at index 0 of the buffer) is a batch header of that life of a segment, written for that slot. */
    static boolean isBatch(ByteBuffer header, long salt, long ordinal, int slot) {
        if (header.getLong(0) != BATCH_MAGIC) {
            return false;
        }
        int used = header.getInt(USED);
        return used >= FIRST_ENTRY
                && used <= Block.BYTES
                && header.getInt(CRC) == Crc32c.of(header, USED, used - USED)
                && header.getLong(SALT) == salt
                && header.getLong(ORDINAL) == ordinal
                && header.getInt(SLOT) == slot;
    }
}
