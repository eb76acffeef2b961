package io.firn.objectstore;

import io.firn.io.Crc32c;
import io.firn.objectstore.StoreFormat.StoreId;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The bytes of a journal segment: a header, then batches, each at a multiple of 8.
 *
 * <pre>
 *   segment   file journal/SSSSSSSSSSSSSSSS.log, named by its first sequence in hexadecimal
 *     0  8  magic "FIRNJRNL"    8  4  format version   12  8  first sequence   20 16  store id
 *    36  8  salt               44  4  CRC32C of bytes 0..44            then the first batch at 64
 *
 *   batch     one group commit
 *     0  4  magic "JBAT"        4  4  CRC32C of the salt and bytes 8..48
 *     8  8  sequence of the first record     16  8  highest sequence that was durable before
 *    24  8  highest ordinal given out        32  4  records     36  4  body bytes
 *    40  4  CRC32C of the body 44  4  zero   48  body: per record its length (4 bytes) and its bytes ({@link Mutation})
 * </pre>
 *
 * Numbers are big-endian. The salt is drawn anew for every segment, so neither a batch of a file that was recycled nor bytes that a
 * client put inside a payload can be taken for a batch of this segment.
 */
final class JournalFormat {
    static final String FOLDER = "journal";
    static final String SPARE = "journal/spare";
    static final int SEGMENT_HEADER_BYTES = 64;
    static final int BATCH_HEADER_BYTES = 48;
    static final int BATCH_MAGIC = 0x4A424154;
    static final int ALIGNMENT = 8;

    private static final long SEGMENT_MAGIC = 0x4649524E4A524E4CL;
    private static final int SEGMENT_CRC_AT = 44;
    private static final String SUFFIX = ".log";

    private JournalFormat() {}

    static String segmentName(long firstSeq) {
        return FOLDER + "/" + HexFormat.of().toHexDigits(firstSeq) + SUFFIX;
    }

    /** The first sequence of the segment of this file name (without folder). */
    static OptionalLong firstSeq(String fileName) {
        if (fileName.length() != 16 + SUFFIX.length() || !fileName.endsWith(SUFFIX)) {
            return OptionalLong.empty();
        }
        String digits = fileName.substring(0, 16);
        return digits.chars().allMatch(HexFormat::isHexDigit)
                ? OptionalLong.of(HexFormat.fromHexDigitsToLong(digits))
                : OptionalLong.empty();
    }

    static ByteBuffer segmentHeader(StoreId store, long firstSeq, long salt) {
        ByteBuffer header = ByteBuffer.allocate(SEGMENT_HEADER_BYTES)
                .putLong(SEGMENT_MAGIC)
                .putInt(StoreFormat.VERSION)
                .putLong(firstSeq)
                .putLong(store.high())
                .putLong(store.low())
                .putLong(salt);
        header.putInt(SEGMENT_CRC_AT, Crc32c.of(header, 0, SEGMENT_CRC_AT));
        return header.clear();
    }

    /** The salt of the segment whose header this is; nothing when it is not the header of that segment of that store. */
    static OptionalLong salt(ByteBuffer header, StoreId store, long firstSeq) {
        boolean isIts = isWhole(header)
                && header.getInt(8) == StoreFormat.VERSION
                && header.getLong(12) == firstSeq
                && header.getLong(20) == store.high()
                && header.getLong(28) == store.low();
        return isIts ? OptionalLong.of(header.getLong(36)) : OptionalLong.empty();
    }

    /** True when these are the bytes that some segment header was written with, of whichever segment, store and version. */
    static boolean isWhole(ByteBuffer header) {
        return header.limit() >= SEGMENT_HEADER_BYTES
                && header.getLong(0) == SEGMENT_MAGIC
                && header.getInt(SEGMENT_CRC_AT) == Crc32c.of(header, 0, SEGMENT_CRC_AT);
    }

    /** The facts of a batch header. */
    record BatchHeader(long firstSeq, long durableSeq, long highestOrdinal, int records, int bodyBytes, int bodyCrc) {
        long lastSeq() {
            return firstSeq + records - 1;
        }

        /** Bytes from this header to where the next batch may begin. */
        long stride() {
            return align(BATCH_HEADER_BYTES + (long) bodyBytes);
        }
    }

    static long align(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Puts the header over the first bytes of {@code batch}, whose body is in place behind it up to the position. */
    static void closeBatch(
            ByteBuffer batch, long salt, long firstSeq, long durableSeq, long highestOrdinal, int records) {
        int bodyBytes = batch.position() - BATCH_HEADER_BYTES;
        batch.putInt(0, BATCH_MAGIC)
                .putLong(8, firstSeq)
                .putLong(16, durableSeq)
                .putLong(24, highestOrdinal)
                .putInt(32, records)
                .putInt(36, bodyBytes)
                .putInt(40, Crc32c.of(batch, BATCH_HEADER_BYTES, bodyBytes))
                .putInt(44, 0);
        batch.putInt(4, headerCrc(batch, 0, salt));
        while (batch.position() % ALIGNMENT != 0) {
            batch.put((byte) 0);
        }
    }

    /** The header at {@code index}, when there is a whole one of the segment with this salt. */
    static Optional<BatchHeader> batchHeader(ByteBuffer bytes, int index, long salt) {
        if (bytes.limit() - index < BATCH_HEADER_BYTES
                || bytes.getInt(index) != BATCH_MAGIC
                || bytes.getInt(index + 4) != headerCrc(bytes, index, salt)) {
            return Optional.empty();
        }
        return Optional.of(new BatchHeader(
                bytes.getLong(index + 8),
                bytes.getLong(index + 16),
                bytes.getLong(index + 24),
                bytes.getInt(index + 32),
                bytes.getInt(index + 36),
                bytes.getInt(index + 40)));
    }

    private static int headerCrc(ByteBuffer bytes, int index, long salt) {
        byte[] covered = new byte[Long.BYTES + BATCH_HEADER_BYTES - 8];
        ByteBuffer.wrap(covered).putLong(salt);
        bytes.get(index + 8, covered, Long.BYTES, BATCH_HEADER_BYTES - 8);
        return Crc32c.of(covered);
    }
}
