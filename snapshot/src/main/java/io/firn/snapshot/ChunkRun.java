package io.firn.snapshot;

/**
 * Neighbouring chunks in the same state.
 *
 * @param first the index of the first
 * @param count at least 1
 */
public record ChunkRun(int first, int count, ChunkState state) {
    public ChunkRun {
        if (first < 0 || count < 1) {
            throw new IllegalArgumentException("a run of " + count + " chunks from " + first);
        }
    }

    /** One more than the index of the last. */
    public int end() {
        return first + count;
    }
}
