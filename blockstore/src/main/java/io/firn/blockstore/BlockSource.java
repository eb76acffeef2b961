package io.firn.blockstore;

import java.nio.ByteBuffer;

/**
 * What a volume is based on outside its store, a snapshot for one: blocks that were never written in the volume are read here, and may
 * be brought in ({@link Volume#hydrate}).
 *
 * <p>What it reads never changes. Safe for many threads; a failure is a {@link io.firn.io.StorageException} and fails the read that
 * needed it.
 */
public interface BlockSource {

    /** Knows no source. */
    Finder NONE = id -> {
        throw new io.firn.io.StorageException.Unavailable(
                "the volume is based on " + id + ", which nobody provides here");
    };

    /** Opens sources by the id that the volume was made with. */
    @FunctionalInterface
    interface Finder {
        /** The source; {@link io.firn.io.StorageException.Unavailable} when there is none. Asked once for each opened volume. */
        BlockSource open(String id);
    }

    /** Fills {@code target} from byte {@code offset}; beyond what it has, with zeros. Offset and length are multiples of 4 KiB. */
    void read(long offset, ByteBuffer target);
}
