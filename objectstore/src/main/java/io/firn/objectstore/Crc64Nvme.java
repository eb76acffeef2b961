package io.firn.objectstore;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * CRC-64/NVME, S3's default checksum: polynomial 0xAD93D23594C93659, reflected, all ones in and out; the check value of
 * "123456789" is 0xAE8B14860A799888.
 *
 * <p>Slicing by 16: two words of input per step, one look-up per byte in sixteen tables that together fill 32 KiB, so the
 * look-ups of a step are independent of each other. The JDK has no carry-less multiplication that would do better.
 *
 * <p>Sources: NVM Express NVM Command Set Specification 1.0, "64b CRC"; M. Kounavis and F. Berry, "Novel Table Lookup-Based
 * Algorithms for High-Performance CRC Generation", IEEE Transactions on Computers 57(11), 2008.
 */
final class Crc64Nvme extends Digester {

    /** The polynomial with its bits reflected: the coefficient of x^0 is the highest bit. */
    static final long REFLECTED_POLYNOMIAL = 0x9A6C9329AC4BC9B5L;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int SLICES = 16;
    /** Entry {@code [slice * 256 + b]}: the CRC of byte b followed by {@code slice} zero bytes. */
    private static final long[] TABLES = tables();

    private long state = -1;

    Crc64Nvme() {
        super(ChecksumAlgorithm.CRC64NVME);
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        long crc = state;
        int end = offset + length;
        int position = offset;
        for (int last = end - SLICES; position <= last; position += SLICES) {
            crc = step(crc ^ (long) LONG.get(bytes, position), (long) LONG.get(bytes, position + Long.BYTES));
        }
        for (; position < end; position++) {
            crc = TABLES[(int) (crc ^ bytes[position]) & 0xFF] ^ (crc >>> 8);
        }
        state = crc;
    }

    @Override
    public byte[] digest() {
        byte[] value = bigEndian(~state, Long.BYTES);
        state = -1;
        return value;
    }

    private static long step(long first, long second) {
        long[] t = TABLES;
        return t[15 * 256 + (int) (first & 0xFF)]
                ^ t[14 * 256 + (int) (first >>> 8 & 0xFF)]
                ^ t[13 * 256 + (int) (first >>> 16 & 0xFF)]
                ^ t[12 * 256 + (int) (first >>> 24 & 0xFF)]
                ^ t[11 * 256 + (int) (first >>> 32 & 0xFF)]
                ^ t[10 * 256 + (int) (first >>> 40 & 0xFF)]
                ^ t[9 * 256 + (int) (first >>> 48 & 0xFF)]
                ^ t[8 * 256 + (int) (first >>> 56)]
                ^ (t[7 * 256 + (int) (second & 0xFF)]
                        ^ t[6 * 256 + (int) (second >>> 8 & 0xFF)]
                        ^ t[5 * 256 + (int) (second >>> 16 & 0xFF)]
                        ^ t[4 * 256 + (int) (second >>> 24 & 0xFF)]
                        ^ t[3 * 256 + (int) (second >>> 32 & 0xFF)]
                        ^ t[2 * 256 + (int) (second >>> 40 & 0xFF)]
                        ^ t[256 + (int) (second >>> 48 & 0xFF)]
                        ^ t[(int) (second >>> 56)]);
    }

    private static long[] tables() {
        long[] tables = new long[SLICES * 256];
        for (int b = 0; b < 256; b++) {
            long crc = b;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : REFLECTED_POLYNOMIAL);
            }
            tables[b] = crc;
        }
        for (int i = 256; i < tables.length; i++) {
            long shorter = tables[i - 256];
            tables[i] = tables[(int) (shorter & 0xFF)] ^ (shorter >>> 8);
        }
        return tables;
    }
}
