package io.firn.snapshot;

/**
 * A Bloom filter of hashes: {@value #BITS_EACH} bits and {@value #PROBES} probes for each, so that one in some 1,700 that are not in it seems
 * to be. The hashes are random already and serve as their own hash functions (Kirsch and Mitzenmacher, 2006). Never changed once it is read.
 */
final class HashFilter {
    private static final int BITS_EACH = 16;
    private static final int PROBES = 8;

    private final long[] words;

    HashFilter(long[] words) {
        this.words = words;
    }

    static HashFilter forEntries(int count) {
        return new HashFilter(new long[Math.max(1, Math.ceilDiv(count * BITS_EACH, Long.SIZE))]);
    }

    long[] words() {
        return words;
    }

    void add(ChunkHash hash) {
        for (int probe = 0; probe < PROBES; probe++) {
            long bit = bit(hash, probe);
            words[(int) (bit >>> 6)] |= 1L << bit;
        }
    }

    boolean mayHave(ChunkHash hash) {
        for (int probe = 0; probe < PROBES; probe++) {
            long bit = bit(hash, probe);
            if ((words[(int) (bit >>> 6)] & (1L << bit)) == 0) {
                return false;
            }
        }
        return true;
    }

    private long bit(ChunkHash hash, int probe) {
        return Math.unsignedMultiplyHigh(hash.high() + probe * hash.low(), (long) words.length * Long.SIZE);
    }
}
