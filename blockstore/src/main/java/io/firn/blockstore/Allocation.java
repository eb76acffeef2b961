package io.firn.blockstore;

/**
 * A run of bytes that are alike.
 *
 * @param lengthBytes at least 1; what follows may be alike too
 */
public record Allocation(long lengthBytes, Kind kind) {
    /** How bytes are held. */
    public enum Kind {
        /** Written, and takes space. */
        DATA,
        /** Reads as zeros, and was asked to be allocated. */
        ZERO,
        /** Reads as zeros, and nothing is held. */
        HOLE,
        /** Comes from what the volume was made from, which holds it. */
        BASE
    }
}
