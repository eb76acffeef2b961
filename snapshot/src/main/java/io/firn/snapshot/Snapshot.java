package io.firn.snapshot;

import io.firn.blockstore.BlockSource;
import java.nio.ByteBuffer;

/**
 * A whole snapshot, for reading: as long as it exists it shows the same bytes.
 *
 * <p><b>Cost.</b> Finding a chunk takes three pages, mostly cached, whatever the chain of snapshots it belongs to.
 *
 * <p><b>Threads.</b> Safe for many.
 *
 * <p><b>Errors.</b> {@code StorageException.Closed} once it was deleted (the recycle bin included), {@code Unavailable} while it is in
 * the archive tier, {@code Corrupt} for bytes that do not carry their checksum: never wrong bytes.
 */
public final class Snapshot implements BlockSource {
    Snapshot() {}

    public SnapshotId id() {
        throw new UnsupportedOperationException();
    }

    /** As it is now. */
    public SnapshotInfo info() {
        throw new UnsupportedOperationException();
    }

    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code target} from a byte offset, any; what lies beyond the size, and what was never written, is zeros. */
    @Override
    public void read(long offset, ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    /** Puts the {@value Chunk#BYTES} bytes of a chunk into {@code target}. */
    public void readChunk(int index, ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    /** How a chunk is held. */
    public ChunkState chunk(int index) {
        throw new UnsupportedOperationException();
    }

    /**
     * The written chunks from {@code fromChunk} on, at most about {@code limitChunks} of them, cut where it is reached. Takes time for what
     * is written, not for the size.
     */
    public ChunkPage writtenChunks(int fromChunk, int limitChunks) {
        throw new UnsupportedOperationException();
    }

    /**
     * The chunks that may differ from those of {@code since}, from {@code fromChunk} on, each in the state it has here: any two snapshots,
     * in either order. What both share as the same stored chunk is not listed; for unrelated snapshots that is everything either has written.
     * Takes time for the difference, not for the size. A chunk that here is absent and there is not is listed as absent.
     */
    public ChunkPage changedChunks(Snapshot since, int fromChunk, int limitChunks) {
        throw new UnsupportedOperationException();
    }

    /** True when one was made from the other, at any distance, or both from a third. */
    public boolean isRelatedTo(Snapshot other) {
        throw new UnsupportedOperationException();
    }

    /**
     * SHA-256 of a block of {@value Chunk#BLOCK_BYTES} bytes, zeros beyond the size included. Read and computed when first asked for, then
     * remembered for all snapshots that share it, as long as there is room.
     */
    public byte[] blockSha256(int blockIndex) {
        throw new UnsupportedOperationException();
    }

    /** What block tokens are made from. */
    public BlockIdentity blockIdentity(int blockIndex) {
        throw new UnsupportedOperationException();
    }

    /** What it costs, counted now; takes time for what it alone holds. */
    public SnapshotUsage usage() {
        throw new UnsupportedOperationException();
    }
}
