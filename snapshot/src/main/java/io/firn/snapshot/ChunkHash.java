package io.firn.snapshot;

/** 128 bits of a chunk's HMAC-SHA-256 under its tenant's key; ordered as unsigned bytes. */
record ChunkHash(long high, long low) implements Comparable<ChunkHash> {
    @Override
    public int compareTo(ChunkHash other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }
}
