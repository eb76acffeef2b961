package io.firn.snapshot;

import java.nio.ByteBuffer;

/**
 * A snapshot under way: its parent's chunks, with others put over them. It outlives the process; {@link SnapshotStore#draft} gives it back.
 *
 * <p><b>Durability.</b> What was put before {@link #save} began is durable when it returns, and {@link #isPut} tells after a restart;
 * callers that save at once share the writing. What was put and not saved may be there after a crash, or not, each chunk whole; so a
 * resumed upload puts what {@link #isPut} denies. Putting again overwrites.
 *
 * <p><b>Threads.</b> Safe for many; compression happens on the calling thread, outside of any lock. Two puts of one chunk at once: either wins.
 *
 * <p><b>Errors.</b> A {@link io.firn.io.StorageException} of a put or save loses nothing: what is not durable yet is kept in memory and
 * written by the next save. {@code Closed} once the draft is completed, failed or deleted.
 */
public final class SnapshotDraft {
    SnapshotDraft() {}

    public SnapshotId id() {
        throw new UnsupportedOperationException();
    }

    public SnapshotInfo info() {
        throw new UnsupportedOperationException();
    }

    /** How many chunks the upload will put in all, for {@link SnapshotInfo#progressPercent}; forgotten by a restart. */
    public void expect(long chunks) {
        throw new UnsupportedOperationException();
    }

    /**
     * Puts the {@value Chunk#BYTES} remaining bytes of {@code bytes} (the last chunk of the volume filled up with zeros) as a chunk. Zeros are
     * recognised and cost no space.
     */
    public void put(int index, ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #put}, unless the chunk holds these very bytes already, here or in the parent; returns whether it was put. */
    public boolean putIfChanged(int index, ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    /** Puts the {@value Chunk#BLOCK_BYTES} remaining bytes as the chunks of a block, those beyond the volume's size left out. */
    public void putBlock(int blockIndex, ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    /** Makes {@code count} chunks written zeros. */
    public void zero(int index, int count) {
        throw new UnsupportedOperationException();
    }

    /** Makes {@code count} chunks never written. */
    public void absent(int index, int count) {
        throw new UnsupportedOperationException();
    }

    /** Whether a chunk was put, zeroed or made absent in this draft. */
    public boolean isPut(int index) {
        throw new UnsupportedOperationException();
    }

    /** How many chunks were. */
    public long putChunks() {
        throw new UnsupportedOperationException();
    }

    /** The first chunk from {@code index} on that was not put; the count of the volume's chunks when there is none. */
    public int nextNotPut(int index) {
        throw new UnsupportedOperationException();
    }

    /** Makes all that was put before the call durable. */
    public void save() {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes the snapshot whole: saves, writes its pages, reads every one of them back, and then commits it; durable, and visible as
     * {@link SnapshotState#COMPLETED}, on return. After a {@code StorageException} it may be called again, after a crash as well. Refused when
     * it is not pending.
     */
    public SnapshotOutcome<Snapshot> complete() {
        throw new UnsupportedOperationException();
    }

    /** Gives up: the snapshot is an {@link SnapshotState#ERROR} from then on, durably, and its space is given back in the background. */
    public SnapshotOutcome<SnapshotInfo> fail(String reason) {
        throw new UnsupportedOperationException();
    }
}
