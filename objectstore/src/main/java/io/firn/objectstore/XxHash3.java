package io.firn.objectstore;

import static java.lang.Math.unsignedMultiplyHigh;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Objects;

/**
 * XXH3 of 64 bits ({@code XXHASH3}) and of 128 bits ({@code XXHASH128}), with seed 0 and the default secret.
 *
 * <p>Up to 240 bytes the hash is a closed formula per length class. Longer inputs run through eight accumulators in blocks of
 * 1,024 bytes (16 stripes of 64), scrambled between blocks. The last block, even a full one, is treated differently, so a block
 * is consumed only once a byte beyond it is known; and the final stripe is the input's last 64 bytes, which may reach back into
 * the block before, so those are remembered.
 *
 * <p>Written from the xxHash specification, doc/xxhash_spec.md v0.2.0, sections "XXH3 Algorithm Description". The digest is the
 * canonical form: big-endian, high half first.
 */
final class XxHash3 extends Digester {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long PRIME32_1 = 0x9E3779B1L;
    private static final long PRIME32_2 = 0x85EBCA77L;
    private static final long PRIME32_3 = 0xC2B2AE3DL;
    private static final long PRIME64_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME64_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME64_3 = 0x165667B19E3779F9L;
    private static final long PRIME64_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME64_5 = 0x27D4EB2F165667C5L;
    private static final long PRIME_MX1 = 0x165667919E3779F9L;
    private static final long PRIME_MX2 = 0x9FB21C651E98DF25L;

    private static final byte[] SECRET = HexFormat.of()
            .parseHex("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
                    + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
                    + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
                    + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
                    + "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
                    + "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e");
    /** The secret as overlapping words: entry i is the word at byte 8 * i. */
    private static final long[] SECRET_WORDS = secretWords();

    private static final int LANES = 8;
    private static final int STRIPE_BYTES = 64;
    private static final int STRIPES_PER_BLOCK = (SECRET.length - STRIPE_BYTES) / 8;
    private static final int BLOCK_BYTES = STRIPE_BYTES * STRIPES_PER_BLOCK;
    private static final int SHORT_BYTES = 240;

    private final long[] lanes = new long[LANES];
    private final byte[] pending = new byte[BLOCK_BYTES];
    /** The last 64 bytes before {@link #pending}, once a block was consumed. */
    private final byte[] before = new byte[STRIPE_BYTES];

    private int pendingBytes;
    private long totalBytes;

    XxHash3(ChecksumAlgorithm algorithm) {
        super(algorithm);
        reset();
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        totalBytes += length;
        int position = offset;
        int left = length;
        if (pendingBytes > 0 && pendingBytes + left > BLOCK_BYTES) {
            int taken = BLOCK_BYTES - pendingBytes;
            System.arraycopy(bytes, position, pending, pendingBytes, taken);
            block(pending, 0);
            System.arraycopy(pending, BLOCK_BYTES - STRIPE_BYTES, before, 0, STRIPE_BYTES);
            pendingBytes = 0;
            position += taken;
            left -= taken;
        }
        if (left > BLOCK_BYTES) {
            for (; left > BLOCK_BYTES; left -= BLOCK_BYTES) {
                block(bytes, position);
                position += BLOCK_BYTES;
            }
            System.arraycopy(bytes, position - STRIPE_BYTES, before, 0, STRIPE_BYTES);
        }
        System.arraycopy(bytes, position, pending, pendingBytes, left);
        pendingBytes += left;
    }

    @Override
    public byte[] digest() {
        boolean wide = algorithm() == ChecksumAlgorithm.XXHASH128;
        if (totalBytes > SHORT_BYTES) {
            lastBlock();
        }
        byte[] digest = new byte[algorithm().bytes()];
        if (wide) {
            hash128(digest);
        } else {
            putBigEndian(digest, 0, totalBytes > SHORT_BYTES ? low64OfLong() : short64());
        }
        reset();
        return digest;
    }

    private void reset() {
        pendingBytes = 0;
        totalBytes = 0;
        lanes[0] = PRIME32_3;
        lanes[1] = PRIME64_1;
        lanes[2] = PRIME64_2;
        lanes[3] = PRIME64_3;
        lanes[4] = PRIME64_4;
        lanes[5] = PRIME32_2;
        lanes[6] = PRIME64_5;
        lanes[7] = PRIME32_1;
    }

    // Long inputs

    private void block(byte[] bytes, int offset) {
        accumulate(bytes, offset, STRIPES_PER_BLOCK);
        for (int i = 0; i < LANES; i++) {
            long lane = lanes[i];
            lanes[i] = (lane ^ (lane >>> 47) ^ SECRET_WORDS[STRIPES_PER_BLOCK + i]) * PRIME32_1;
        }
    }

    private void lastBlock() {
        accumulate(pending, 0, (pendingBytes - 1) / STRIPE_BYTES);
        byte[] stripe = new byte[STRIPE_BYTES];
        int own = Math.min(pendingBytes, STRIPE_BYTES);
        System.arraycopy(before, own, stripe, 0, STRIPE_BYTES - own);
        System.arraycopy(pending, pendingBytes - own, stripe, STRIPE_BYTES - own, own);
        for (int i = 0; i < LANES; i++) {
            accumulateLane(i, word(stripe, i * 8), secret(SECRET.length - 71 + i * 8));
        }
    }

    private void accumulateLane(int lane, long input, long secretWord) {
        long mixed = input ^ secretWord;
        lanes[lane ^ 1] += input;
        lanes[lane] += (mixed & 0xFFFFFFFFL) * (mixed >>> 32);
    }

    /** Stripe n meets the secret from byte 8 n on; the lanes stay in registers, which a loop over them would not give. */
    private void accumulate(byte[] bytes, int offset, int stripes) {
        long[] words = SECRET_WORDS;
        long a0 = lanes[0];
        long a1 = lanes[1];
        long a2 = lanes[2];
        long a3 = lanes[3];
        long a4 = lanes[4];
        long a5 = lanes[5];
        long a6 = lanes[6];
        long a7 = lanes[7];
        for (int n = 0; n < stripes; n++) {
            int at = offset + n * STRIPE_BYTES;
            long i0 = word(bytes, at);
            long i1 = word(bytes, at + 8);
            long i2 = word(bytes, at + 16);
            long i3 = word(bytes, at + 24);
            long i4 = word(bytes, at + 32);
            long i5 = word(bytes, at + 40);
            long i6 = word(bytes, at + 48);
            long i7 = word(bytes, at + 56);
            a0 += i1 + product(i0 ^ words[n]);
            a1 += i0 + product(i1 ^ words[n + 1]);
            a2 += i3 + product(i2 ^ words[n + 2]);
            a3 += i2 + product(i3 ^ words[n + 3]);
            a4 += i5 + product(i4 ^ words[n + 4]);
            a5 += i4 + product(i5 ^ words[n + 5]);
            a6 += i7 + product(i6 ^ words[n + 6]);
            a7 += i6 + product(i7 ^ words[n + 7]);
        }
        lanes[0] = a0;
        lanes[1] = a1;
        lanes[2] = a2;
        lanes[3] = a3;
        lanes[4] = a4;
        lanes[5] = a5;
        lanes[6] = a6;
        lanes[7] = a7;
    }

    private static long product(long mixed) {
        return (mixed & 0xFFFFFFFFL) * (mixed >>> 32);
    }

    private long low64OfLong() {
        return merge(totalBytes * PRIME64_1, 11);
    }

    private long merge(long initial, int secretOffset) {
        long result = initial;
        for (int i = 0; i < LANES; i += 2) {
            result += foldedProduct(
                    lanes[i] ^ secret(secretOffset + i * 8), lanes[i + 1] ^ secret(secretOffset + i * 8 + 8));
        }
        return avalanche(result);
    }

    // Short inputs, 64 bits

    private long short64() {
        int length = pendingBytes;
        if (length == 0) {
            return XxHash64.avalanche(secret(56) ^ secret(64));
        }
        if (length <= 3) {
            return XxHash64.avalanche((secretInt(0) ^ secretInt(4)) ^ combined1to3());
        }
        if (length <= 8) {
            long combined = (intWord(pending, length - 4) & 0xFFFFFFFFL) | ((long) intWord(pending, 0) << 32);
            long value = (secret(8) ^ secret(16)) ^ combined;
            value ^= Long.rotateLeft(value, 49) ^ Long.rotateLeft(value, 24);
            value *= PRIME_MX2;
            value ^= (value >>> 35) + length;
            value *= PRIME_MX2;
            return value ^ (value >>> 28);
        }
        if (length <= 16) {
            long low = secret(24) ^ secret(32) ^ word(pending, 0);
            long high = secret(40) ^ secret(48) ^ word(pending, length - 8);
            return avalanche(length + Long.reverseBytes(low) + high + foldedProduct(low, high));
        }
        return medium64(length);
    }

    private long medium64(int length) {
        long sum = length * PRIME64_1;
        if (length <= 128) {
            for (int i = (length - 1) >> 5; i >= 0; i--) {
                sum += mix(i * 16, i * 32);
                sum += mix(length - i * 16 - 16, i * 32 + 16);
            }
            return avalanche(sum);
        }
        for (int i = 0; i < 8; i++) {
            sum += mix(i * 16, i * 16);
        }
        sum = avalanche(sum);
        for (int i = 8; i < length >> 4; i++) {
            sum += mix(i * 16, (i - 8) * 16 + 3);
        }
        return avalanche(sum + mix(length - 16, 119));
    }

    // 128 bits

    private void hash128(byte[] digest) {
        int length = pendingBytes;
        if (totalBytes > SHORT_BYTES) {
            put128(digest, low64OfLong(), merge(~(totalBytes * PRIME64_2), SECRET.length - 75));
        } else if (length == 0) {
            put128(digest, XxHash64.avalanche(secret(64) ^ secret(72)), XxHash64.avalanche(secret(80) ^ secret(88)));
        } else if (length <= 3) {
            long combined = combined1to3();
            long turned = Integer.rotateLeft(Integer.reverseBytes((int) combined), 13) & 0xFFFFFFFFL;
            put128(
                    digest,
                    XxHash64.avalanche((secretInt(0) ^ secretInt(4)) ^ combined),
                    XxHash64.avalanche((secretInt(8) ^ secretInt(12)) ^ turned));
        } else if (length <= 8) {
            hash128of4to8(digest, length);
        } else if (length <= 16) {
            hash128of9to16(digest, length);
        } else {
            medium128(digest, length);
        }
    }

    private void hash128of4to8(byte[] digest, int length) {
        long combined = (intWord(pending, 0) & 0xFFFFFFFFL) | ((long) intWord(pending, length - 4) << 32);
        long value = secret(16) ^ secret(24) ^ combined;
        long factor = PRIME64_1 + (length << 2);
        long low = value * factor;
        long high = unsignedMultiplyHigh(value, factor) + (low << 1);
        low ^= high >>> 3;
        low ^= low >>> 35;
        low *= PRIME_MX2;
        low ^= low >>> 28;
        put128(digest, low, avalanche(high));
    }

    private void hash128of9to16(byte[] digest, int length) {
        long first = word(pending, 0);
        long last = word(pending, length - 8);
        long value1 = secret(32) ^ secret(40) ^ first ^ last;
        long value2 = secret(48) ^ secret(56) ^ last;
        long low = value1 * PRIME64_1 + ((long) (length - 1) << 54);
        long high = unsignedMultiplyHigh(value1, PRIME64_1) + value2 + (value2 & 0xFFFFFFFFL) * (PRIME32_2 - 1);
        low ^= Long.reverseBytes(high);
        long high2 = unsignedMultiplyHigh(low, PRIME64_2) + high * PRIME64_2;
        put128(digest, avalanche(low * PRIME64_2), avalanche(high2));
    }

    private void medium128(byte[] digest, int length) {
        long[] sums = {length * PRIME64_1, 0};
        if (length <= 128) {
            for (int i = (length - 1) >> 5; i >= 0; i--) {
                mixTwo(sums, i * 16, length - i * 16 - 16, i * 32);
            }
        } else {
            for (int i = 0; i < 4; i++) {
                mixTwo(sums, i * 32, i * 32 + 16, i * 32);
            }
            sums[0] = avalanche(sums[0]);
            sums[1] = avalanche(sums[1]);
            for (int i = 4; i < length >> 5; i++) {
                mixTwo(sums, i * 32, i * 32 + 16, (i - 4) * 32 + 3);
            }
            // The specification negates the seed here; ours is 0.
            mixTwo(sums, length - 16, length - 32, 103);
        }
        long high = sums[0] * PRIME64_1 + sums[1] * PRIME64_4 + length * PRIME64_2;
        put128(digest, avalanche(sums[0] + sums[1]), -avalanche(high));
    }

    private void mixTwo(long[] sums, int at1, int at2, int secretOffset) {
        sums[0] += mix(at1, secretOffset);
        sums[1] += mix(at2, secretOffset + 16);
        sums[0] ^= word(pending, at2) + word(pending, at2 + 8);
        sums[1] ^= word(pending, at1) + word(pending, at1 + 8);
    }

    private long mix(int at, int secretOffset) {
        return foldedProduct(
                word(pending, at) ^ secret(secretOffset), word(pending, at + 8) ^ secret(secretOffset + 8));
    }

    private long combined1to3() {
        int length = pendingBytes;
        return ((pending[length - 1] & 0xFF)
                        | (length << 8)
                        | ((pending[0] & 0xFF) << 16)
                        | ((pending[length >> 1] & 0xFF) << 24))
                & 0xFFFFFFFFL;
    }

    private static long foldedProduct(long a, long b) {
        return (a * b) ^ unsignedMultiplyHigh(a, b);
    }

    private static long avalanche(long value) {
        long mixed = value ^ (value >>> 37);
        mixed *= PRIME_MX1;
        return mixed ^ (mixed >>> 32);
    }

    private static void put128(byte[] digest, long low, long high) {
        putBigEndian(digest, 0, high);
        putBigEndian(digest, 8, low);
    }

    private static void putBigEndian(byte[] digest, int at, long value) {
        System.arraycopy(bigEndian(value, Long.BYTES), 0, digest, at, Long.BYTES);
    }

    private static long secret(int at) {
        return word(SECRET, at);
    }

    private static long secretInt(int at) {
        return intWord(SECRET, at) & 0xFFFFFFFFL;
    }

    private static long word(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    private static int intWord(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    private static long[] secretWords() {
        long[] words = new long[SECRET.length / 8];
        for (int i = 0; i < words.length; i++) {
            words[i] = secret(i * 8);
        }
        return words;
    }
}
