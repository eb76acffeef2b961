package io.firn.blockstore;

import io.firn.io.StorageException;

/**
 * Which page this is, in a checkpoint and in memory.
 *
 * @param tag tells apart the trees that one volume has had of a kind: the map's incarnation, the epoch of dirty pages
 */
record PageKey(int volume, Kind kind, long tag, long index) {
    enum Kind {
        /** 1,024 map entries: 4 MiB of volume. */
        MAP(1),
        /** 65,536 bits: 256 MiB of volume. */
        DIRTY(2),
        /** 256 nodes of kept blocks. */
        KEPT(3);

        private final int type;

        Kind(int type) {
            this.type = type;
        }

        /** What stands for it in a checkpoint file. */
        int type() {
            return type;
        }

        static Kind ofType(int type) {
            return switch (type) {
                case 1 -> MAP;
                case 2 -> DIRTY;
                case 3 -> KEPT;
                default -> throw new StorageException.Corrupt("a checkpoint has a record of unknown type " + type);
            };
        }
    }
}
