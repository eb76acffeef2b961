package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import io.firn.blockstore.BlockSource;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
    private final Engine engine;
    private final SnapshotId id;

    Snapshot(Engine engine, SnapshotId id) {
        this.engine = engine;
        this.id = id;
    }

    public SnapshotId id() {
        return id;
    }

    /** As it is now. */
    public SnapshotInfo info() {
        return record().info();
    }

    private SnapshotRecord record() {
        return engine.catalogue()
                .find(id)
                .orElseThrow(() -> new StorageException.Closed("snapshot " + id + " was deleted"));
    }

    public long sizeBytes() {
        return info().sizeBytes();
    }

    private PageRef root() {
        SnapshotRecord record = record();
        if (record.info().state() != SnapshotState.COMPLETED) {
            throw new StorageException.Closed("snapshot " + id + " is "
                    + record.info().state().wireName() + ": only a completed one can be read");
        }
        if (record.info().tier() == SnapshotTier.ARCHIVE) {
            throw new StorageException.Unavailable("snapshot " + id + " is in the archive tier: restore it first");
        }
        return engine.catalogue().tree(record.tree()).root();
    }

    /** What was deleted or archived under a reader's hands may look damaged to it: then it says what happened. */
    private <T> T reading(Function<PageRef, T> read) {
        PageRef root = root();
        try {
            return read.apply(root);
        } catch (StorageException.Corrupt e) {
            if (root().equals(root)) {
                throw e;
            }
            return read.apply(root());
        }
    }

    /** Fills {@code target} from a byte offset, any; what lies beyond the size, and what was never written, is zeros. */
    @Override
    public void read(long offset, ByteBuffer target) {
        if (offset < 0) {
            throw new IllegalArgumentException("an offset is not negative: " + offset);
        }
        int chunks = Chunk.count(sizeBytes());
        long position = offset;
        while (target.hasRemaining()) {
            long index = position / Chunk.BYTES;
            int from = (int) (position % Chunk.BYTES);
            int length = Math.min(Chunk.BYTES - from, target.remaining());
            if (index < chunks) {
                target.put(bytes((int) index), from, length);
            } else {
                target.put(new byte[length]);
            }
            position += length;
        }
    }

    private byte[] bytes(int index) {
        return reading(root -> engine.pages().chunk(engine.pages().entry(root, index)));
    }

    private void requireChunk(int index) {
        int chunks = Chunk.count(sizeBytes());
        if (index < 0 || index >= chunks) {
            throw new IllegalArgumentException("chunk " + index + " is none of the " + chunks + " of " + id);
        }
    }

    /** Puts the {@value Chunk#BYTES} bytes of a chunk into {@code target}. */
    public void readChunk(int index, ByteBuffer target) {
        requireChunk(index);
        target.put(bytes(index));
    }

    /** How a chunk is held. */
    public ChunkState chunk(int index) {
        requireChunk(index);
        return reading(root -> engine.pages().entry(root, index).state());
    }

    /**
     * The written chunks from {@code fromChunk} on, at most {@code limitChunks} of them. Takes time for what is written, not for the size.
     */
    public ChunkPage writtenChunks(int fromChunk, int limitChunks) {
        requirePage(fromChunk, limitChunks);
        return reading(root -> TreeDiff.between(engine.pages(), root, PageRef.NONE, fromChunk, limitChunks));
    }

    private static void requirePage(int fromChunk, int limitChunks) {
        if (fromChunk < 0 || limitChunks < 1) {
            throw new IllegalArgumentException("at most " + limitChunks + " chunks from " + fromChunk);
        }
    }

    /**
     * The chunks that may differ from those of {@code since}, from {@code fromChunk} on, at most {@code limitChunks}, each in the state it has
     * here: any two snapshots of one store, in either order. What both share as the same stored chunk is not listed; for unrelated snapshots
     * that is everything either has written. Takes time for the difference, not for the size. A chunk that here is absent and there is
     * not is listed as absent, beyond this one's size too.
     */
    public ChunkPage changedChunks(Snapshot since, int fromChunk, int limitChunks) {
        requirePage(fromChunk, limitChunks);
        return reading(
                root -> since.reading(base -> TreeDiff.between(engine.pages(), root, base, fromChunk, limitChunks)));
    }

    /** True when one was made from the other, at any distance, or both from a third. */
    public boolean isRelatedTo(Snapshot other) {
        return eldest() == other.eldest();
    }

    private long eldest() {
        return engine.catalogue().eldest(engine.catalogue().tree(record().tree()));
    }

    /**
     * Fills {@code target} with a block of {@value Chunk#BLOCK_BYTES} bytes, zeros beyond the size included, and tells its SHA-256. That is
     * computed when the block is first read, then remembered for all snapshots that share its chunks, as long as there is room.
     */
    public byte[] readBlock(int blockIndex, ByteBuffer target) {
        int start = target.position();
        return reading(root -> {
            target.position(start);
            List<ChunkEntry> entries = block(root, blockIndex);
            entries.forEach(entry -> target.put(engine.pages().chunk(entry)));
            Cache<List<ChunkEntry>, byte[]> digests = engine.digests();
            byte[] known = digests.getIfPresent(entries);
            if (known == null) {
                MessageDigest sha256 = PageFormat.sha256();
                sha256.update(target.slice(start, Chunk.BLOCK_BYTES));
                known = sha256.digest();
                digests.put(entries, known);
            }
            return known.clone();
        });
    }

    private List<ChunkEntry> block(PageRef root, int blockIndex) {
        int first = Math.multiplyExact(blockIndex, Chunk.PER_BLOCK);
        requireChunk(first);
        // A block lies within one leaf, and entries beyond the size are absent.
        ChunkEntry[] entries = new ChunkEntry[Chunk.PER_BLOCK];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = engine.pages().entry(root, first + i);
        }
        return List.of(entries);
    }

    /** What a block token is made from; nothing when no chunk of the block was ever written, or the block lies beyond the size. */
    @SuppressWarnings("EnumOrdinal") // the order of the constants is part of the identity
    public Optional<BlockIdentity> blockIdentity(int blockIndex) {
        if (blockIndex < 0 || blockIndex > (Chunk.count(sizeBytes()) - 1) / Chunk.PER_BLOCK) {
            return Optional.empty();
        }
        return reading(root -> {
            List<ChunkEntry> entries = block(root, blockIndex);
            if (entries.stream().allMatch(entry -> entry.state() == ChunkState.ABSENT)) {
                return Optional.empty();
            }
            MessageDigest sha256 = PageFormat.sha256();
            sha256.update(id.text().getBytes(StandardCharsets.US_ASCII));
            ByteBuffer state = ByteBuffer.allocate(Integer.BYTES * (1 + 2 * Chunk.PER_BLOCK));
            state.putInt(blockIndex);
            for (ChunkEntry entry : entries) {
                state.putInt(entry.state().ordinal()).putInt(entry.crc());
            }
            ByteBuffer hash = ByteBuffer.wrap(sha256.digest(state.array()));
            return Optional.of(new BlockIdentity(hash.getLong(), hash.getLong()));
        });
    }

    /** What it costs, counted now; takes time for what it alone holds. */
    public SnapshotUsage usage() {
        SnapshotRecord record = record();
        Tree tree = engine.catalogue().tree(record.tree());
        long exclusive = 0;
        long pageBytes = 0;
        if (engine.catalogue().holders(tree.birth()) == 1) {
            ExclusiveWalk walk = ExclusiveWalk.of(
                    engine.pages(), tree.root(), engine.catalogue().neighbours(tree));
            exclusive = walk.chunkBytes();
            pageBytes = walk.pageBytes();
        }
        SnapshotInfo info = record.info();
        return new SnapshotUsage(
                info.fullBytes(),
                info.storedBytes(),
                info.incrementalBytes(),
                exclusive,
                info.storedBytes() - exclusive,
                pageBytes);
    }
}
