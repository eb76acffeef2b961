package io.firn.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {

    @Test
    void namesItsHeaderAsS3Does() {
        assertEquals("x-amz-checksum-crc64nvme", ChecksumAlgorithm.CRC64NVME.headerName());
        assertEquals(Optional.of(ChecksumAlgorithm.XXHASH128), ChecksumAlgorithm.ofHeader("X-Amz-Checksum-XXHash128"));
        assertEquals(Optional.empty(), ChecksumAlgorithm.ofHeader("x-amz-checksum-type"));
        assertEquals(Optional.of(ChecksumAlgorithm.CRC32C), ChecksumAlgorithm.parse("crc32c"));
        assertEquals(Optional.empty(), ChecksumAlgorithm.parse("CRC16"));
    }

    @Test
    void allowsInMultipartWhatS3Allows() {
        assertTrue(ChecksumAlgorithm.CRC32.allowsInMultipart(ChecksumType.FULL_OBJECT));
        assertEquals(ChecksumType.COMPOSITE, ChecksumAlgorithm.CRC32C.defaultMultipartType());
        assertEquals(ChecksumType.FULL_OBJECT, ChecksumAlgorithm.CRC64NVME.defaultMultipartType());
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            boolean crc = algorithm.name().startsWith("CRC");
            assertEquals(crc, algorithm.allowsInMultipart(ChecksumType.FULL_OBJECT), algorithm.name());
            assertEquals(algorithm != ChecksumAlgorithm.CRC64NVME, algorithm.allowsInMultipart(ChecksumType.COMPOSITE));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new ChecksumCombiner(ChecksumAlgorithm.SHA256, ChecksumType.FULL_OBJECT));
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatItWrites(ChecksumAlgorithm algorithm) {
        Checksum whole = Checksum.fullObject(algorithm, DigesterTest.digestOf(algorithm, "firn".getBytes(UTF_8)));
        assertEquals(Optional.of(whole), Checksum.parse(algorithm, whole.wireValue()));
        Checksum composite = new Checksum(algorithm, ChecksumType.COMPOSITE, whole.base64(), 10_000);
        assertEquals(whole.base64() + "-10000", composite.wireValue());
        assertEquals(Optional.of(composite), Checksum.parse(algorithm, composite.wireValue()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AAAAAA",
                "AAAAAA=",
                "AAAAAAAA",
                "AAAAAB==",
                "AAAA-A==",
                "AAAAAA==-",
                "AAAAAA==-0",
                "AAAAAA==-x",
                "AAAAAA==--1",
                "AAAAAA==-10001",
                "AAAAAA==-999999999999",
                "AAAAAA==-1-2",
                "A AAAA==",
                "é______="
            })
    void refusesWhatIsNoCrc32(String text) {
        assertEquals(Optional.empty(), Checksum.parse(ChecksumAlgorithm.CRC32, text));
    }

    @Test
    void composesAsTheUserGuideDescribes() throws Exception {
        byte[] first = "first part".getBytes(UTF_8);
        byte[] second = "second".getBytes(UTF_8);
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        byte[] concatenated = new byte[64];
        System.arraycopy(sha.digest(first), 0, concatenated, 0, 32);
        System.arraycopy(sha.digest(second), 0, concatenated, 32, 32);
        String expected = Base64.getEncoder().encodeToString(sha.digest(concatenated)) + "-2";

        ChecksumCombiner combiner = new ChecksumCombiner(ChecksumAlgorithm.SHA256, ChecksumType.COMPOSITE);
        combiner.add(Checksum.fullObject(ChecksumAlgorithm.SHA256, sha.digest(first)), first.length);
        combiner.add(Checksum.fullObject(ChecksumAlgorithm.SHA256, sha.digest(second)), second.length);
        assertEquals(expected, combiner.combined().wireValue());
        assertThrows(IllegalStateException.class, combiner::combined);
    }

    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
    void combinesPartsToTheWhole(ChecksumAlgorithm algorithm) {
        ChecksumCombiner combiner = new ChecksumCombiner(algorithm, ChecksumType.FULL_OBJECT);
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(100_000)];
            random.nextBytes(bytes);
            int at = 0;
            do {
                int length = random.nextInt(4) == 0 ? 0 : random.nextInt(bytes.length - at + 1);
                combiner.add(partOf(algorithm, bytes, at, length), length);
                at += length;
            } while (at < bytes.length);
            assertEquals(partOf(algorithm, bytes, 0, bytes.length), combiner.combined(), "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
    void combinesPartsTooLongToHoldInMemory(ChecksumAlgorithm algorithm) {
        // 2^34 zeros by doubling, then by one part of that length after an empty one: the same polynomial power both
        // ways.
        Checksum zeros = partOf(algorithm, new byte[1 << 20], 0, 1 << 20);
        ChecksumCombiner combiner = new ChecksumCombiner(algorithm, ChecksumType.FULL_OBJECT);
        long length = 1 << 20;
        for (; length < 1L << 34; length *= 2) {
            combiner.add(zeros, length);
            combiner.add(zeros, length);
            zeros = combiner.combined();
        }
        for (int i = 0; i < 1 << 14; i++) {
            combiner.add(partOf(algorithm, new byte[1 << 10], 0, 1 << 10), 1 << 10);
        }
        Checksum first16Mib = combiner.combined();
        for (int i = 0; i < 1 << 10; i++) {
            combiner.add(first16Mib, 1L << 24);
        }
        assertEquals(zeros, combiner.combined());
    }

    private static Checksum partOf(ChecksumAlgorithm algorithm, byte[] bytes, int offset, int length) {
        return Checksum.fullObject(
                algorithm, DigesterTest.digestOf(algorithm, Arrays.copyOfRange(bytes, offset, offset + length)));
    }
}
