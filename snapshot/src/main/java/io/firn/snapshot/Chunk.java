package io.firn.snapshot;

import io.firn.blockstore.VolumeSpec;

/**
 * The unit that snapshots store and compare: {@value #BYTES} bytes at a multiple of that. The chunk with index {@code i} holds the bytes
 * from {@code i * BYTES}; the last one of a volume whose size is no multiple is filled up with zeros.
 *
 * <p>A <i>block</i> is what the EBS direct APIs call so: {@value #BLOCK_BYTES} bytes, eight chunks.
 */
public final class Chunk {
    public static final int BYTES = 64 << 10;
    public static final int BLOCK_BYTES = 512 << 10;
    public static final int PER_BLOCK = BLOCK_BYTES / BYTES;

    /** One more than the highest index of a chunk: 64 TiB. */
    public static final int COUNT_MAX = (int) (VolumeSpec.SIZE_BYTES_MAX / BYTES);

    private Chunk() {}

    /** How many chunks hold so many bytes. */
    public static int count(long sizeBytes) {
        return Math.toIntExact((sizeBytes + BYTES - 1) / BYTES);
    }
}
