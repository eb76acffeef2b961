package io.firn.bench.library;

import io.firn.blockstore.Volume;
import io.firn.io.Randomness;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** Blocks of 4 KiB at random places of a volume, each as likely as any other, with content that nothing can compress. For one thread. */
final class RandomBlocks {
    static final int BYTES = 4096;
    private static final int CONTENT_BYTES = 1 << 20;

    private final RandomGenerator random;
    private final long blocks;
    private final ByteBuffer content = ByteBuffer.allocateDirect(CONTENT_BYTES);

    RandomBlocks(long seed, long volumeBytes) {
        random = Randomness.seeded(seed);
        blocks = volumeBytes / BYTES;
        byte[] bytes = new byte[CONTENT_BYTES];
        random.nextBytes(bytes);
        content.put(bytes);
    }

    long offset() {
        return random.nextLong(blocks) * BYTES;
    }

    /** What to write to the next; to be taken before the next is asked for. */
    ByteBuffer content() {
        int start = random.nextInt(CONTENT_BYTES / BYTES) * BYTES;
        return content.limit(start + BYTES).position(start);
    }

    /** Writes all of the volume, from its beginning. */
    void fill(Volume volume) {
        for (long at = 0; at < blocks * BYTES; at += CONTENT_BYTES) {
            content.position(0).limit((int) Math.min(CONTENT_BYTES, blocks * BYTES - at));
            volume.write(at, content);
        }
        volume.flush();
    }
}
