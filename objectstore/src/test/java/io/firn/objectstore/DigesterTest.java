package io.firn.objectstore;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DigesterTest {

    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @CsvSource({
        "CRC32, cbf43926",
        "CRC32C, e3069283",
        "CRC64NVME, ae8b14860a799888",
        "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
        "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        "MD5, 25f9e794323b453885f5181f1b624d0b",
        "XXHASH64, 8cb841db40e6ae83",
        "XXHASH3, 72dcb18b67a17dff",
        "XXHASH128, 33119477ede5dcd5e9716427681d5860",
    })
    void hasThePublishedCheckValue(ChecksumAlgorithm algorithm, String digest) {
        assertEquals(digest, HEX.formatHex(digestOf(algorithm, "123456789".getBytes(US_ASCII))));
    }

    @Test
    void hasTheDigestOfNothing() {
        assertEquals("0000000000000000", HEX.formatHex(digestOf(ChecksumAlgorithm.CRC64NVME, new byte[0])));
        assertEquals(
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                HEX.formatHex(digestOf(ChecksumAlgorithm.SHA512, new byte[0])));
    }

    /** NVM Express NVM Command Set Specification 1.0, 64b CRC test cases. */
    @ParameterizedTest
    @CsvSource({"0, 6482d367eb22b64e", "255, c0ddba7302eca3ac", "-1, 3e729f5f6750449c"})
    void hasTheNvmExpressTestValues(int pattern, String digest) {
        byte[] block = new byte[4096];
        if (pattern >= 0) {
            Arrays.fill(block, (byte) pattern);
        } else {
            for (int i = 0; i < block.length; i++) {
                block[i] = (byte) i;
            }
        }
        assertEquals(digest, HEX.formatHex(digestOf(ChecksumAlgorithm.CRC64NVME, block)));
    }

    /** Values that libxxhash 0.8.1 gives for prefixes of the buffer of its own sanity check. */
    @ParameterizedTest
    @CsvSource({
        "0, ef46db3751d8e999, 2d06800538d394c2, 99aa06d3014798d86001c324468d497f",
        "1, e934a84adb052768, c44bdff4074eecdb, a6cd5e9392000f6ac44bdff4074eecdb",
        "4, 9136a0dca57457ee, e5dc74bc51848a51, 970d585ac632bf8e2e7d8d6876a39fe9",
        "6, c72565b7154268a8, 27b56a84cd2d7325, 082afe0b8162d12a3e7039bdda43cfc6",
        "9, 554b1ae991eda6b6, 14d5001c15dd3f2b, 564ef6078950d457ed7ccbc501eb7501",
        "14, 8282dcc4994e35c8, 1ac0bbda2b9fcf03, b2623398aa0bda1e352b80797cda6247",
        "32, 18b216492bb44b70, 9feaddbdbf57eed3, 98fc6458710dc2e8278410a17595e3f9",
        "80, 99bd5d25eb211099, bcdefbbb2c47c90a, fdf2cefde9eaac8a454ae6bf7a8a532d",
        "128, 90ca021457d96dc5, fcff24126754d861, 39992220e045260aebb15e34a7fb5ab1",
        "195, 52b73ecdb3ef30e4, cd94217ee362ec3a, 7729543a26b207ee3fb593c086a66075",
        "240, b81838d483baee53, 81c3c2b67f568ccf, aa4202daa2769dc85c9aae94c8ebe5a0",
        "241, 95d76c8b4d8fc4d6, c5a639ecd2030e5e, 99a80ecf0ecfc647c5a639ecd2030e5e",
        "403, d99858fee82283df, cdeb804d65c6dea4, 1b6de21e332dd73dcdeb804d65c6dea4",
        "1024, 4775bf7cace4d177, dd85c9b5c1109c5c, 0d30d24071c64c57dd85c9b5c1109c5c",
        "1025, 847fa6006d7c2ac0, d870c0fa13211c6a, fd3ee4fe7f2954c6d870c0fa13211c6a",
        "2048, 5940f2752bc04387, dd59e2c3a5f038e0, f736557fd47073a5dd59e2c3a5f038e0",
        "2240, a4edb3c85b99b1d9, 6e73a90539cf2948, ccb134fbfa7ce49d6e73a90539cf2948",
        "2367, a82418ddec0ea581, cb37aeb9e5d361ed, e89c0f6ff369b427cb37aeb9e5d361ed",
        "4160, eee6a4e2ac952a5e, 4f323b15321e94e1, 67140711c1e3e3354f323b15321e94e1",
    })
    void agreesWithTheReferenceLibrary(int length, String xxh64, String xxh3, String xxh128) {
        byte[] bytes = Arrays.copyOf(sanityBuffer(), length);
        assertEquals(xxh64, HEX.formatHex(digestOf(ChecksumAlgorithm.XXHASH64, bytes)));
        assertEquals(xxh3, HEX.formatHex(digestOf(ChecksumAlgorithm.XXHASH3, bytes)));
        assertEquals(xxh128, HEX.formatHex(digestOf(ChecksumAlgorithm.XXHASH128, bytes)));
    }

    /** SHA-256 over the digests of all prefixes of 0 to 4,161 bytes, computed with libxxhash 0.8.1. */
    @ParameterizedTest
    @CsvSource({
        "XXHASH64, f6d3ed15165b5fe45d4b1bf981225677dd77d9a889b1a0473d064b0dffceac76",
        "XXHASH3, 82f7d9cfa11761f67bb3c724aa7f1ff6b44da4bcb6c9d8a43eaa7baab6b8c378",
        "XXHASH128, 37e2f912bef3d16307fdb95b14b17ccf8f096ba6f5ae018ffe3d4f95145fcdc6",
    })
    void agreesWithTheReferenceLibraryAtEveryLength(ChecksumAlgorithm algorithm, String sha256) throws Exception {
        byte[] bytes = sanityBuffer();
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        Digester digester = Digester.of(algorithm);
        for (int length = 0; length <= bytes.length; length++) {
            digester.update(bytes, 0, length);
            all.update(digester.digest());
        }
        assertEquals(sha256, HEX.formatHex(all.digest()));
    }

    @ParameterizedTest
    @EnumSource
    void doesNotDependOnHowTheBytesArrive(ChecksumAlgorithm algorithm) {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(1, 40_000)];
            random.nextBytes(bytes);
            byte[] whole = digestOf(algorithm, bytes);
            Digester digester = Digester.of(algorithm);
            for (int at = 0; at < bytes.length; ) {
                int most = random.nextBoolean() ? 70 : 20_000;
                int length = Math.min(bytes.length - at, random.nextInt(most));
                switch (random.nextInt(4)) {
                    case 0 -> digester.update(bytes, at, length);
                    case 1 -> updateFully(digester, ByteBuffer.wrap(bytes, at, length));
                    case 2 ->
                        updateFully(digester, ByteBuffer.wrap(bytes, at, length).asReadOnlyBuffer());
                    default ->
                        updateFully(
                                digester,
                                ByteBuffer.allocateDirect(length + 3)
                                        .position(3)
                                        .put(bytes, at, length)
                                        .position(3));
                }
                at += length;
            }
            assertArrayEquals(whole, digester.digest(), "seed " + seed);
            assertArrayEquals(digestOf(algorithm, new byte[0]), digester.digest(), "begins anew");
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesARangeOutsideTheArray(ChecksumAlgorithm algorithm) {
        Digester digester = Digester.of(algorithm);
        assertThrows(RuntimeException.class, () -> digester.update(new byte[100], 50, 51));
        assertThrows(RuntimeException.class, () -> digester.update(new byte[100], -1, 5));
    }

    private static void updateFully(Digester digester, ByteBuffer buffer) {
        digester.update(buffer);
        assertFalse(buffer.hasRemaining());
    }

    static byte[] digestOf(ChecksumAlgorithm algorithm, byte[] bytes) {
        Digester digester = Digester.of(algorithm);
        digester.update(bytes, 0, bytes.length);
        byte[] digest = digester.digest();
        assertEquals(algorithm.bytes(), digest.length);
        return digest;
    }

    private static byte[] sanityBuffer() {
        byte[] bytes = new byte[4096 + 64 + 1];
        long generator = 2654435761L;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (generator >>> 56);
            generator *= 0x9E3779B185EBCA8DL;
        }
        return bytes;
    }
}
