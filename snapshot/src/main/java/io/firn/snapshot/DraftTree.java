package io.firn.snapshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a draft changes of its base: the entries of the chunks that were put, by leaf, and what of its own packs was put over since. Takes
 * some 25 bytes of memory for a chunk of data and next to none for runs of zeros and absences. Not safe for threads.
 */
final class DraftTree {
    private final long birth;
    private final RoaringBitmap touched = new RoaringBitmap();

    /** Those of {@link #touched} that are zeros; the others are data when {@link #data} has them, and absent when not. */
    private final RoaringBitmap zeros = new RoaringBitmap();

    private final NavigableMap<Integer, LeafData> data = new TreeMap<>();
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
        if (zeros.contains(chunk)) {
            return ChunkEntry.ZERO;
        }
        LeafData leaf = data.get(chunk >>> Page.FANOUT_BITS);
        return leaf == null ? ChunkEntry.ABSENT : leaf.find(chunk & (Page.FANOUT - 1), birth);
    }

    /** Puts a chunk whose bytes are in one of the draft's own packs. */
    void put(int chunk, ChunkEntry entry) {
        remove(chunk, 1);
        data.computeIfAbsent(chunk >>> Page.FANOUT_BITS, ignored -> new LeafData())
                .add(chunk & (Page.FANOUT - 1), entry);
        storedBytes += entry.length();
        touched.add(chunk);
    }

    /** Puts chunks that are all zeros, or all absent. */
    void putRun(int first, int count, ChunkState state) {
        remove(first, count);
        long end = (long) first + count;
        touched.add((long) first, end);
        if (state == ChunkState.ZERO) {
            zeros.add((long) first, end);
        }
    }

    private void remove(int first, int count) {
        if (count == 0) {
            return;
        }
        long end = (long) first + count;
        zeros.remove((long) first, end);
        int lastLeaf = (int) (end - 1) >>> Page.FANOUT_BITS;
        for (Map.Entry<Integer, LeafData> leaf :
                data.subMap(first >>> Page.FANOUT_BITS, true, lastLeaf, true).entrySet()) {
            int start = leaf.getKey() << Page.FANOUT_BITS;
            int from = Math.max(first, start) - start;
            int to = (int) Math.min(end - start, Page.FANOUT);
            for (ChunkEntry entry : leaf.getValue().remove(from, to, birth)) {
                supersede(entry.pack(), entry.offset());
                storedBytes -= entry.length();
            }
        }
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
            case ZERO -> putRun(item.first(), item.count(), ChunkState.ZERO);
            case ABSENT -> putRun(item.first(), item.count(), ChunkState.ABSENT);
            // Of a completion that did not come to its end: it is written anew.
            case PAGE -> supersede(pack, item.offset());
        }
    }

    /** Leaves that were changed, ascending. */
    List<Integer> leaves() {
        List<Integer> leaves = new ArrayList<>();
        PeekableIntIterator chunks = touched.getIntIterator();
        while (chunks.hasNext()) {
            int leaf = chunks.next() >>> Page.FANOUT_BITS;
            leaves.add(leaf);
            chunks.advanceIfNeeded((leaf + 1) << Page.FANOUT_BITS);
        }
        return leaves;
    }

    /** A leaf of the base with what was put over it. */
    Page.Leaf merged(int leaf, Page.Leaf base) {
        ChunkEntry[] entries = base.entries().toArray(ChunkEntry[]::new);
        int start = leaf << Page.FANOUT_BITS;
        PeekableIntIterator chunks = touched.getIntIterator();
        chunks.advanceIfNeeded(start);
        while (chunks.hasNext() && chunks.peekNext() >>> Page.FANOUT_BITS == leaf) {
            int chunk = chunks.next();
            entries[chunk - start] = zeros.contains(chunk) ? ChunkEntry.ZERO : ChunkEntry.ABSENT;
        }
        LeafData put = data.get(leaf);
        if (put != null) {
            put.putInto(entries, birth);
        }
        return Page.Leaf.of(entries);
    }

    long birth() {
        return birth;
    }

    /** The stored chunks of one leaf, by slot: number of the pack and CRC32C in one word, offset and length in the next. */
    private static final class LeafData {
        private static final int SLOTS_FIRST = 2;
        private short[] slots = new short[SLOTS_FIRST];
        private long[] words = new long[2 * SLOTS_FIRST];
        private int size;

        /** Adds an entry for a slot that has none. */
        void add(int slot, ChunkEntry entry) {
            if (size == slots.length) {
                int capacity = Math.min(Page.FANOUT, size + (size >> 1) + 1);
                slots = Arrays.copyOf(slots, capacity);
                words = Arrays.copyOf(words, 2 * capacity);
            }
            int at = -1 - Arrays.binarySearch(slots, 0, size, (short) slot);
            System.arraycopy(slots, at, slots, at + 1, size - at);
            System.arraycopy(words, 2 * at, words, 2 * at + 2, 2 * (size - at));
            slots[at] = (short) slot;
            words[2 * at] = (long) entry.pack().number() << Integer.SIZE | Integer.toUnsignedLong(entry.crc());
            words[2 * at + 1] = (long) entry.offset() << Integer.SIZE | entry.length();
            size++;
        }

        /** The entry of a slot, absent when it has none. */
        ChunkEntry find(int slot, long birth) {
            int at = Arrays.binarySearch(slots, 0, size, (short) slot);
            return at < 0 ? ChunkEntry.ABSENT : entry(at, birth);
        }

        /** Removes and returns the entries of the slots from {@code from} to before {@code to}. */
        List<ChunkEntry> remove(int from, int to, long birth) {
            int first = place(from);
            int end = place(to);
            List<ChunkEntry> removed = new ArrayList<>(end - first);
            for (int at = first; at < end; at++) {
                removed.add(entry(at, birth));
            }
            System.arraycopy(slots, end, slots, first, size - end);
            System.arraycopy(words, 2 * end, words, 2 * first, 2 * (size - end));
            size -= end - first;
            return removed;
        }

        private int place(int slot) {
            int found = Arrays.binarySearch(slots, 0, size, (short) slot);
            return found < 0 ? -1 - found : found;
        }

        private ChunkEntry entry(int at, long birth) {
            long first = words[2 * at];
            long second = words[2 * at + 1];
            return ChunkEntry.data(
                    new PackId(birth, (int) (first >>> Integer.SIZE)),
                    (int) (second >>> Integer.SIZE),
                    (int) second,
                    (int) first);
        }

        void putInto(ChunkEntry[] entries, long birth) {
            for (int at = 0; at < size; at++) {
                entries[slots[at]] = entry(at, birth);
            }
        }
    }
}
