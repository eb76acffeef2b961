package io.firn.snapshot;

import io.firn.blockstore.BlockSource;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * One snapshot that volumes are based on.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class SnapshotSource implements BlockSource {
    private final SnapshotSources sources;
    private final String id;
    private final long sizeBytes;
    private final String root;
    private final List<Integer> recorded;
    private volatile Snapshot snapshot;

    private final Set<Integer> touched = new HashSet<>();
    private final List<Integer> order = new ArrayList<>();
    private int lastFetched = -2;

    /** Size and lineage are those that the snapshot has now: it may be deleted while a volume needs it. */
    SnapshotSource(SnapshotSources sources, String id, Snapshot snapshot) {
        SnapshotInfo info = snapshot.info();
        this.sources = sources;
        this.id = id;
        this.snapshot = snapshot;
        this.sizeBytes = info.sizeBytes();
        this.root = sources.root(info);
        this.recorded = sources.orders().load(root);
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** The order in which others of the lineage were touched. */
    List<Integer> recorded() {
        return recorded;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        long at = offset;
        while (target.hasRemaining()) {
            int chunk = (int) (at / Chunk.BYTES);
            int within = (int) (at % Chunk.BYTES);
            int length = Math.min(target.remaining(), Chunk.BYTES - within);
            if ((long) chunk * Chunk.BYTES >= sizeBytes) {
                length = target.remaining();
                target.put(new byte[length]); // a volume may be larger than its snapshot
            } else {
                target.put(fetch(chunk).slice(within, length));
            }
            at += length;
        }
    }

    /** A chunk for somebody who waits for it. */
    private ByteBuffer fetch(int chunk) {
        ByteBuffer known = sources.cache().getIfPresent(key(chunk));
        if (known != null) {
            return known;
        }
        if (touch(chunk)) {
            int end = Math.min(chunk / Chunk.PER_BLOCK * Chunk.PER_BLOCK + Chunk.PER_BLOCK, chunkCount());
            for (int ahead = chunk + 1; ahead < end; ahead++) {
                cached(ahead);
            }
        }
        return cached(chunk);
    }

    private int chunkCount() {
        return Chunk.count(sizeBytes);
    }

    private ByteBuffer cached(int chunk) {
        return sources.cache().get(key(chunk), ignored -> load(chunk));
    }

    private SnapshotSources.ChunkKey key(int chunk) {
        return new SnapshotSources.ChunkKey(snapshot.id(), chunk);
    }

    /** Reads a chunk that nobody waits for. */
    ByteBuffer load(int chunk) {
        return reading(from -> {
            ByteBuffer bytes = ByteBuffer.allocate(Chunk.BYTES);
            from.readChunk(chunk, bytes);
            return bytes.flip();
        });
    }

    /** As {@link Snapshot#writtenChunks}. */
    ChunkPage writtenChunks(int fromChunk, int limitChunks) {
        return reading(from -> from.writtenChunks(fromChunk, limitChunks));
    }

    private <T> T reading(Function<Snapshot, T> read) {
        try {
            return read.apply(snapshot);
        } catch (StorageException.Closed deleted) {
            // It was deleted, and another stands in for it by now.
            Snapshot standing = sources.find(id).orElseThrow(() -> deleted);
            snapshot = standing;
            return read.apply(standing);
        }
    }

    /** Takes note of a miss; true when it goes on where the one before ended. */
    private synchronized boolean touch(int chunk) {
        boolean isSequential = chunk == lastFetched + 1;
        lastFetched = isSequential
                ? Math.min(chunk / Chunk.PER_BLOCK * Chunk.PER_BLOCK + Chunk.PER_BLOCK, chunkCount()) - 1
                : chunk;
        if (order.size() < FirstTouches.CHUNKS_MAX && touched.add(chunk)) {
            order.add(chunk);
        }
        return isSequential;
    }

    /** The {@code nth} chunk that was missed since the store was opened. */
    synchronized OptionalInt touched(int nth) {
        return nth < order.size() ? OptionalInt.of(order.get(nth)) : OptionalInt.empty();
    }

    private synchronized List<Integer> touches() {
        return List.copyOf(order);
    }

    /** Keeps the order for later restores of the lineage. */
    void record() {
        List<Integer> all = touches();
        if (!all.isEmpty()) {
            sources.orders().save(root, all);
        }
    }
}
