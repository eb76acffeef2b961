package io.firn.bench.snapshot;

import io.firn.io.Randomness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * Bytes as disks hold them, which LZ4 brings to about half: words of a vocabulary, some far more often than others. Every block of 4 KiB
 * begins with a stamp, so that no two are alike. Belongs to one thread.
 */
final class Content {
    static final int BLOCK_BYTES = 4096;
    private static final int POOL_BYTES = 16 << 20;
    private static final int WORDS = 1 << 14;

    private final RandomGenerator random;
    private final byte[] pool = new byte[POOL_BYTES];

    Content(long seed) {
        random = Randomness.seeded(seed);
        byte[][] words = new byte[WORDS][];
        for (int i = 0; i < WORDS; i++) {
            words[i] = Long.toString(random.nextLong() >>> 1, 36)
                    .substring(0, 2 + random.nextInt(9))
                    .concat(" ")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        int at = 0;
        while (at < POOL_BYTES) {
            byte[] word = words[(int) (WORDS * Math.pow(random.nextDouble(), 3))];
            int length = Math.min(word.length, POOL_BYTES - at);
            System.arraycopy(word, 0, pool, at, length);
            at += length;
        }
    }

    RandomGenerator random() {
        return random;
    }

    /** Fills {@code target}, whose length is a multiple of 4 KiB and at most 8 MiB, and rewinds it. */
    ByteBuffer fill(ByteBuffer target) {
        target.clear();
        int start = random.nextInt(POOL_BYTES - target.capacity());
        target.put(pool, start, target.capacity());
        for (int at = 0; at < target.capacity(); at += BLOCK_BYTES) {
            target.putLong(at, random.nextLong());
        }
        return target.rewind();
    }
}
