package io.firn.snapshot;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a draft changes of its base: the entries of the chunks that were put, by leaf, and what of its own packs was put over since.
 * Takes some 50 bytes of memory for a chunk that was put. Not safe for threads.
 */
final class DraftTree {
    private final long birth;
    private final RoaringBitmap touched = new RoaringBitmap();
    private final Map<Integer, ChunkEntry[]> edits = new TreeMap<>();
    private final Map<PackId, RoaringBitmap> superseded = new TreeMap<>();
    private long storedBytes;

    DraftTree(long birth) {
        this.birth = birth;
    }

    boolean isPut(int chunk) {
        return touched.contains(chunk);
    }

    long putChunks() {
        return touched.getLongCardinality();
    }

    int nextNotPut(int chunk) {
        return (int) Math.min(Integer.MAX_VALUE, touched.nextAbsentValue(chunk));
    }

    /** The first chunk from {@code chunk} on that was put. */
    OptionalInt nextPut(int chunk) {
        long next = touched.nextValue(chunk);
        return next < 0 ? OptionalInt.empty() : OptionalInt.of((int) next);
    }

    /** Compressed bytes of the chunks put. */
    long storedBytes() {
        return storedBytes;
    }

    /** The entry that was put; ask {@link #isPut} first. */
    ChunkEntry entry(int chunk) {
        return edits.getOrDefault(chunk >>> Page.FANOUT_BITS, new ChunkEntry[0])[chunk & (Page.FANOUT - 1)];
    }

    void put(int chunk, ChunkEntry entry) {
        ChunkEntry[] leaf = edits.computeIfAbsent(chunk >>> Page.FANOUT_BITS, ignored -> emptyLeaf());
        ChunkEntry before = leaf[chunk & (Page.FANOUT - 1)];
        if (before.isData()) {
            supersede(before.pack(), before.offset());
            storedBytes -= before.length();
        }
        leaf[chunk & (Page.FANOUT - 1)] = entry;
        storedBytes += entry.length();
        touched.add(chunk);
    }

    private static ChunkEntry[] emptyLeaf() {
        ChunkEntry[] leaf = new ChunkEntry[Page.FANOUT];
        Arrays.fill(leaf, ChunkEntry.ABSENT);
        return leaf;
    }

    /** An item of the draft's own packs that its tree will not refer to. */
    void supersede(PackId pack, int offset) {
        superseded.computeIfAbsent(pack, ignored -> new RoaringBitmap()).add(offset);
    }

    Map<PackId, RoaringBitmap> superseded() {
        return superseded;
    }

    /** Takes up an item that was found in one of the draft's packs, later ones over earlier ones. */
    void recover(PackId pack, PackFormat.Item item) {
        switch (item.kind()) {
            case CHUNK -> put(item.first(), ChunkEntry.data(pack, item.offset(), item.length(), item.crc()));
            case ZERO -> putRun(item.first(), item.count(), ChunkEntry.ZERO);
            case ABSENT -> putRun(item.first(), item.count(), ChunkEntry.ABSENT);
            // Of a completion that did not come to its end: it is written anew.
            case PAGE -> supersede(pack, item.offset());
        }
    }

    void putRun(int first, int count, ChunkEntry entry) {
        for (int chunk = first; chunk < first + count; chunk++) {
            put(chunk, entry);
        }
    }

    /** Leaves that were changed, ascending. */
    Iterable<Integer> leaves() {
        return edits.keySet();
    }

    /** A leaf of the base with what was put over it. */
    Page.Leaf merged(int leaf, Page.Leaf base) {
        ChunkEntry[] entries = base.entries().toArray(ChunkEntry[]::new);
        int start = leaf << Page.FANOUT_BITS;
        ChunkEntry[] edited = edits.getOrDefault(leaf, entries);
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            if (touched.contains(start + slot)) {
                entries[slot] = edited[slot];
            }
        }
        return Page.Leaf.of(entries);
    }

    long birth() {
        return birth;
    }
}
