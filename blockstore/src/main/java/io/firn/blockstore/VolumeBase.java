package io.firn.blockstore;

/** What a volume shows where nothing was written in it. */
public sealed interface VolumeBase {

    /** Zeros. */
    record None() implements VolumeBase {}

    /**
     * A sealed view in this store.
     *
     * @param volume its volume, see {@link Volume#id}
     */
    record View(int volume, long epoch) implements VolumeBase {}

    /** Something outside, found by {@link VolumeStoreOptions#sources}. */
    record Source(String id) implements VolumeBase {}
}
