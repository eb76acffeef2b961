package io.firn.snapshot;

/** How a snapshot holds a chunk. */
public enum ChunkState {
    /** Never written: reads as zeros, and is no written block. */
    ABSENT,
    /** Written with zeros: reads as zeros and costs no space. */
    ZERO,
    /** Written, and its bytes are stored. */
    DATA
}
