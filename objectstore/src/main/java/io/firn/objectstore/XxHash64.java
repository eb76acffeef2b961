package io.firn.objectstore;

import static java.lang.Long.rotateLeft;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * XXH64 with seed 0.
 *
 * <p>Four lanes of eight bytes each take a stripe of 32 bytes; what is left of the last stripe is mixed in at the end. Written
 * from the xxHash specification, doc/xxhash_spec.md v0.2.0, section "XXH64 Algorithm Description".
 */
final class XxHash64 extends Digester {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;
    /** PRIME_1 + PRIME_2 modulo 2^64. */
    private static final long FIRST_LANE = 0x60EA27EEADC0B5D6L;

    private static final int STRIPE_BYTES = 32;

    private final byte[] pending = new byte[STRIPE_BYTES];
    private int pendingBytes;
    private long totalBytes;
    private long lane1;
    private long lane2;
    private long lane3;
    private long lane4;

    XxHash64() {
        super(ChecksumAlgorithm.XXHASH64);
        reset();
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        totalBytes += length;
        int position = offset;
        int end = offset + length;
        if (pendingBytes > 0) {
            int taken = Math.min(STRIPE_BYTES - pendingBytes, length);
            System.arraycopy(bytes, position, pending, pendingBytes, taken);
            pendingBytes += taken;
            position += taken;
            if (pendingBytes < STRIPE_BYTES) {
                return;
            }
            stripes(pending, 0, STRIPE_BYTES);
            pendingBytes = 0;
        }
        position = stripes(bytes, position, end);
        pendingBytes = end - position;
        System.arraycopy(bytes, position, pending, 0, pendingBytes);
    }

    @Override
    public byte[] digest() {
        long hash;
        if (totalBytes < STRIPE_BYTES) {
            hash = PRIME_5;
        } else {
            hash = rotateLeft(lane1, 1) + rotateLeft(lane2, 7) + rotateLeft(lane3, 12) + rotateLeft(lane4, 18);
            hash = merge(merge(merge(merge(hash, lane1), lane2), lane3), lane4);
        }
        byte[] digest = bigEndian(avalanche(mixPending(hash + totalBytes)), Long.BYTES);
        reset();
        return digest;
    }

    /** Takes whole stripes of {@code bytes[position .. end)} and returns where it stopped. */
    private int stripes(byte[] bytes, int position, int end) {
        long a = lane1;
        long b = lane2;
        long c = lane3;
        long d = lane4;
        int at = position;
        for (int last = end - STRIPE_BYTES; at <= last; at += STRIPE_BYTES) {
            a = round(a, (long) LONG.get(bytes, at));
            b = round(b, (long) LONG.get(bytes, at + 8));
            c = round(c, (long) LONG.get(bytes, at + 16));
            d = round(d, (long) LONG.get(bytes, at + 24));
        }
        lane1 = a;
        lane2 = b;
        lane3 = c;
        lane4 = d;
        return at;
    }

    private long mixPending(long hash) {
        long mixed = hash;
        int at = 0;
        for (; at + Long.BYTES <= pendingBytes; at += Long.BYTES) {
            mixed ^= round(0, (long) LONG.get(pending, at));
            mixed = rotateLeft(mixed, 27) * PRIME_1 + PRIME_4;
        }
        if (at + Integer.BYTES <= pendingBytes) {
            mixed ^= ((int) INT.get(pending, at) & 0xFFFFFFFFL) * PRIME_1;
            mixed = rotateLeft(mixed, 23) * PRIME_2 + PRIME_3;
            at += Integer.BYTES;
        }
        for (; at < pendingBytes; at++) {
            mixed ^= (pending[at] & 0xFFL) * PRIME_5;
            mixed = rotateLeft(mixed, 11) * PRIME_1;
        }
        return mixed;
    }

    private void reset() {
        pendingBytes = 0;
        totalBytes = 0;
        lane1 = FIRST_LANE;
        lane2 = PRIME_2;
        lane3 = 0;
        lane4 = -PRIME_1;
    }

    private static long round(long lane, long input) {
        return rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
    }

    /** The final mixing of XXH64, which XXH3 uses for its shortest inputs. */
    static long avalanche(long hash) {
        long mixed = hash;
        mixed ^= mixed >>> 33;
        mixed *= PRIME_2;
        mixed ^= mixed >>> 29;
        mixed *= PRIME_3;
        mixed ^= mixed >>> 32;
        return mixed;
    }
}
