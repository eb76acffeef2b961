package io.firn.blockstore;

import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * A set of 4 KiB blocks by their LBA, never changed once made: what an epoch dirtied, what differs between two seals.
 *
 * <p>A Roaring bitmap per 2^32 blocks (16 TiB), since one alone ends there (Chambi, Lemire, Kaser, Godin: Better bitmap performance with
 * Roaring bitmaps, 2016).
 *
 * <p><b>Threads.</b> Immutable.
 */
public final class BlockSet {
    private static final int SHARD_SHIFT = 32;

    /** No blocks. */
    public static final BlockSet EMPTY = new BlockSet(new TreeMap<>());

    private final NavigableMap<Integer, RoaringBitmap> shards;

    private BlockSet(NavigableMap<Integer, RoaringBitmap> shards) {
        this.shards = shards;
    }

    /** A run of blocks: {@code count} from {@code lba}. */
    public record Run(long lba, long count) {}

    /** Collects blocks; the set is the builder's no more once taken. */
    public static final class Builder {
        private final NavigableMap<Integer, RoaringBitmap> shards = new TreeMap<>();

        /** Adds {@code count} blocks from {@code lba}. */
        public Builder add(long lba, long count) {
            long from = lba;
            long end = lba + count;
            while (from < end) {
                int shard = (int) (from >>> SHARD_SHIFT);
                long shardStart = (long) shard << SHARD_SHIFT;
                long to = Math.min(end, shardStart + (1L << SHARD_SHIFT));
                shards.computeIfAbsent(shard, ignored -> new RoaringBitmap()).add(from - shardStart, to - shardStart);
                from = to;
            }
            return this;
        }

        /** Adds the blocks whose bits are set in 64 bits that begin at {@code lba}. */
        Builder addBits(long lba, long bits) {
            RoaringBitmap shard = shards.computeIfAbsent((int) (lba >>> SHARD_SHIFT), ignored -> new RoaringBitmap());
            for (long rest = bits; rest != 0; rest &= rest - 1) {
                shard.add((int) (lba + Long.numberOfTrailingZeros(rest)));
            }
            return this;
        }

        public BlockSet build() {
            shards.values().removeIf(RoaringBitmap::isEmpty);
            shards.values().forEach(RoaringBitmap::runOptimize);
            return new BlockSet(shards);
        }
    }

    public boolean contains(long lba) {
        RoaringBitmap shard = shards.get((int) (lba >>> SHARD_SHIFT));
        return shard != null && shard.contains((int) lba);
    }

    public boolean isEmpty() {
        return shards.isEmpty();
    }

    /** How many blocks. */
    public long count() {
        return shards.values().stream()
                .mapToLong(RoaringBitmap::getLongCardinality)
                .sum();
    }

    /** The blocks of either. */
    public BlockSet union(BlockSet other) {
        if (other.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        NavigableMap<Integer, RoaringBitmap> all = new TreeMap<>(shards);
        other.shards.forEach((shard, bits) -> all.merge(shard, bits, (one, two) -> RoaringBitmap.or(one, two)));
        return new BlockSet(all);
    }

    /** The first run of blocks that starts at or contains a block not before {@code lba}, cut to start there; empty count past the end. */
    public Run runFrom(long lba) {
        Runs runs = runs(lba);
        return runs.hasNext() ? runs.next() : new Run(Long.MAX_VALUE, 0);
    }

    /** The runs in ascending order, from {@code lba} on. */
    public Runs runs(long lba) {
        return new Runs(this, lba);
    }

    /** Walks runs of adjacent blocks, by their ends: a run costs the same whatever its length. Belongs to one thread. */
    public static final class Runs {
        private static final long NONE = -1;

        private final NavigableMap<Integer, RoaringBitmap> rest;
        private long shardStart;
        private RoaringBitmap shard = new RoaringBitmap();

        /** The first block of the next run, within its shard. */
        private long next = NONE;

        private Runs(BlockSet set, long from) {
            int first = (int) (from >>> SHARD_SHIFT);
            rest = new TreeMap<>(set.shards.tailMap(first, true));
            if (rest.containsKey(first)) {
                enter((int) from);
            }
            advance();
        }

        private void enter(int from) {
            var entry = rest.pollFirstEntry();
            shardStart = (long) entry.getKey() << SHARD_SHIFT;
            shard = entry.getValue();
            next = shard.nextValue(from);
        }

        private void advance() {
            while (next == NONE && !rest.isEmpty()) {
                enter(0);
            }
        }

        public boolean hasNext() {
            return next != NONE;
        }

        /** The next run; runs that meet at a 16 TiB boundary stay two. */
        public Run next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no more runs");
            }
            long start = next;
            long end = shard.nextAbsentValue((int) start);
            end = end == NONE ? 1L << SHARD_SHIFT : end;
            Run run = new Run(shardStart + start, end - start);
            next = end >= 1L << SHARD_SHIFT ? NONE : shard.nextValue((int) end);
            advance();
            return run;
        }
    }

    void write(RecordWriter out) {
        out.varint(shards.size());
        shards.forEach((shard, bits) -> {
            ByteBuffer bytes = ByteBuffer.allocate(bits.serializedSizeInBytes());
            bits.serialize(bytes);
            out.varint(shard).bytes(bytes.array());
        });
    }

    static BlockSet read(RecordReader in) {
        NavigableMap<Integer, RoaringBitmap> shards = new TreeMap<>();
        for (int left = in.count(2); left > 0; left--) {
            int shard = in.small();
            RoaringBitmap bits = new RoaringBitmap();
            try {
                bits.deserialize(ByteBuffer.wrap(in.bytes()));
            } catch (IOException | RuntimeException e) {
                throw new StorageException.Corrupt("a set of blocks is not in Roaring's format: " + e);
            }
            shards.put(shard, bits);
        }
        return new BlockSet(shards);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockSet that && shards.equals(that.shards);
    }

    @Override
    public int hashCode() {
        return shards.hashCode();
    }

    @Override
    public String toString() {
        return count() + " blocks";
    }
}
