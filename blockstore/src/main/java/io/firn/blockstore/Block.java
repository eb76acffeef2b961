package io.firn.blockstore;

/** The unit of the map: 4 KiB at a logical block address. */
final class Block {
    static final int BYTES = 4096;
    static final int SHIFT = 12;
    static final int MASK = BYTES - 1;

    private Block() {}

    /** The block that holds a byte. */
    static long at(long offset) {
        return offset >> SHIFT;
    }

    /** How many blocks so many bytes need. */
    static long count(long bytes) {
        return (bytes + MASK) >> SHIFT;
    }
}
