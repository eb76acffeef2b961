package io.firn.blockstore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Copies of the batches that no sync has covered yet. A failed sync may have dropped their bytes from the page cache (fsync(2); "Can
 * Applications Recover from fsync Failures?", USENIX ATC 2020), so they are written elsewhere from here.
 *
 * <p><b>Threads.</b> Under the log's lock.
 */
final class UnsyncedBatches implements Iterable<UnsyncedBatches.Kept> {
    private static final int CHUNK_BYTES = LogFormat.BATCH_BYTES_MAX;

    /** One batch as it was written. */
    static final class Kept {
        private final long sequence;
        private final Chunk chunk;
        private final ByteBuffer bytes;
        Segment segment;
        int slot;

        private Kept(long sequence, Chunk chunk, ByteBuffer bytes, Segment segment, int slot) {
            this.sequence = sequence;
            this.chunk = chunk;
            this.bytes = bytes;
            this.segment = segment;
            this.slot = slot;
        }

        long sequence() {
            return sequence;
        }

        /** Header and payload, little-endian, whole at position 0. */
        ByteBuffer bytes() {
            return bytes.clear();
        }
    }

    private static final class Chunk {
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK_BYTES);
        private int used;
        private int batches;
    }

    private final int chunksMax;
    private final ArrayDeque<Kept> batches = new ArrayDeque<>();
    private final ArrayDeque<Chunk> spare = new ArrayDeque<>();
    private @Nullable Chunk current;
    private int chunksInUse;
    private long bytes;

    UnsyncedBatches(long bytesMax) {
        this.chunksMax = (int) Math.max(2, Math.min(1 << 20, bytesMax / CHUNK_BYTES));
    }

    /** True when a batch of any size can be taken. */
    boolean hasRoom() {
        return chunksInUse < chunksMax;
    }

    /** How many bytes wait for a sync. */
    long bytes() {
        return bytes;
    }

    void keep(long sequence, ByteBuffer batch, Segment segment, int slot) {
        int length = batch.remaining();
        Chunk chunk = current;
        if (chunk == null || chunk.used + length > CHUNK_BYTES) {
            chunk = spare.isEmpty() ? new Chunk() : spare.pop();
            chunksInUse++;
            current = chunk;
        }
        ByteBuffer copy = chunk.bytes.slice(chunk.used, length).order(ByteOrder.LITTLE_ENDIAN);
        copy.put(batch.duplicate());
        chunk.used += length;
        chunk.batches++;
        bytes += length;
        batches.addLast(new Kept(sequence, chunk, copy, segment, slot));
    }

    /** Forgets those up to a sequence, which are durable now. */
    void release(long sequence) {
        while (!batches.isEmpty() && batches.getFirst().sequence <= sequence) {
            Kept released = batches.removeFirst();
            Chunk chunk = released.chunk;
            bytes -= released.bytes.capacity();
            chunk.batches--;
            if (chunk.batches == 0) {
                chunk.used = 0;
                chunksInUse--;
                spare.push(chunk);
                if (chunk.equals(current)) {
                    current = null;
                }
            }
        }
    }

    @Override
    public Iterator<Kept> iterator() {
        return batches.iterator();
    }
}
