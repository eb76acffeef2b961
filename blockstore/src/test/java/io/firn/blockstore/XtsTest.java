package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.firn.io.Randomness;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class XtsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] KEY = HEX.parseHex("2718281828459045235360287471352662497757247093699959574966967627"
            + "3141592653589793238462643383279502884197169399375105820974944592");

    private static List<String> vectors() throws IOException {
        try (InputStream in = Objects.requireNonNull(XtsTest.class.getResourceAsStream("xts-aes-256.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @Test
    void agreesWithTheVectorsOfTheStandard() throws IOException {
        byte[] plain = new byte[512];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) i;
        }
        Xts xts = new Xts(KEY);
        List<String> vectors = vectors();
        assertEquals(5, vectors.size());
        for (String line : vectors) {
            String[] fields = line.split(" ", -1);
            byte[] unit = Arrays.copyOf(HEX.parseHex(fields[1]), Long.BYTES);
            long lba = Long.reverseBytes(ByteBuffer.wrap(unit).getLong());
            // At an offset and outside the heap, as batches have it.
            ByteBuffer bytes = ByteBuffer.allocateDirect(plain.length + 3).put(3, plain);
            xts.encrypt(lba, bytes, 3, plain.length);
            byte[] cipher = new byte[plain.length];
            bytes.get(3, cipher);
            assertEquals(fields[2], HEX.formatHex(cipher), "vector " + fields[0]);
            xts.decrypt(lba, bytes, 3, plain.length);
            bytes.get(3, cipher);
            assertArrayEquals(plain, cipher, "vector " + fields[0]);
        }
    }

    /** The same text in another block, or under another key, is another cipher text. */
    @Test
    void dependsOnBlockAndKey() {
        byte[] plain = new byte[Block.BYTES];
        byte[] other = KEY.clone();
        other[63] ^= 1;
        byte[] first = encrypted(KEY, 7, plain);
        assertFalse(Arrays.equals(first, encrypted(KEY, 8, plain)));
        assertFalse(Arrays.equals(first, encrypted(KEY, 7 + (1L << 33), plain)));
        assertFalse(Arrays.equals(first, encrypted(other, 7, plain)));
        // Nor do equal parts of one block look alike.
        assertFalse(Arrays.equals(Arrays.copyOf(first, 16), Arrays.copyOfRange(first, 16, 32)));
    }

    @Test
    void givesBackWhatWasEncrypted() {
        byte[] plain = new byte[Block.BYTES];
        Randomness.seeded(3).nextBytes(plain);
        for (long lba : new long[] {0, 1, (1L << 34) - 1, -1}) {
            ByteBuffer bytes = ByteBuffer.wrap(encrypted(KEY, lba, plain));
            new Xts(KEY).decrypt(lba, bytes, 0, Block.BYTES);
            assertArrayEquals(plain, bytes.array());
        }
    }

    private static byte[] encrypted(byte[] key, long lba, byte[] plain) {
        ByteBuffer bytes = ByteBuffer.wrap(plain.clone());
        new Xts(key).encrypt(lba, bytes, 0, plain.length);
        return bytes.array();
    }
}
