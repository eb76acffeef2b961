package io.firn.blockstore;

/**
 * Which page this is, in a checkpoint and in memory.
 *
 * @param tag tells apart the trees that one volume has had of a kind: the map's incarnation, the epoch of dirty pages
 */
record PageKey(int volume, Kind kind, long tag, long index) {
    enum Kind {
        /** 1,024 map entries: 4 MiB of volume. */
        MAP,
        /** 65,536 bits: 256 MiB of volume. */
        DIRTY,
        /** 256 nodes of kept blocks. */
        KEPT
    }
}
