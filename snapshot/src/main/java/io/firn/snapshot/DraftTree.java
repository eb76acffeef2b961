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
 * some 25 bytes of memory for a chunk of data, 50 in a leaf with links, and next to none for runs of zeros and absences. Not safe for threads.
 */
final class DraftTree {
    private static final ChunkPlace NO_TARGET = new ChunkPlace(new PackId(0, 0), 0, 0);

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

    /** Puts a chunk whose bytes, or the link to them, are in one of the draft's own packs. */
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

    /** A pack of the draft's own that has nothing its tree could refer to, and goes with what dies. */
    void supersede(PackId pack) {
        superseded.computeIfAbsent(pack, ignored -> new RoaringBitmap());
    }

    Map<PackId, RoaringBitmap> superseded() {
        return superseded;
    }

    /** Takes up an item that was found in one of the draft's packs, later ones over earlier ones. */
    void recover(PackId pack, PackFormat.Item item) {
        switch (item.kind()) {
            case CHUNK, LINK -> put(item.first(), item.entry(pack));
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

    /**
     * The stored chunks of one leaf, by slot: number of the pack and CRC32C in one word, offset and length in the next. A leaf with a link in
     * it has three words more for each: birth, number and offset, length of where the bytes are, a length of 0 for a chunk of its own.
     */
    private static final class LeafData {
        private static final int SLOTS_FIRST = 2;
        private static final int WORDS = 2;
        private static final int WORDS_WITH_LINKS = 5;

        private short[] slots = new short[SLOTS_FIRST];
        private int stride = WORDS;
        private long[] words = new long[stride * SLOTS_FIRST];
        private int size;

        /** Adds an entry for a slot that has none. */
        void add(int slot, ChunkEntry entry) {
            if (entry.target().isPresent() && stride == WORDS) {
                makeRoomForLinks();
            }
            if (size == slots.length) {
                int capacity = Math.min(Page.FANOUT, size + (size >> 1) + 1);
                slots = Arrays.copyOf(slots, capacity);
                words = Arrays.copyOf(words, stride * capacity);
            }
            int at = -1 - Arrays.binarySearch(slots, 0, size, (short) slot);
            System.arraycopy(slots, at, slots, at + 1, size - at);
            System.arraycopy(words, stride * at, words, stride * (at + 1), stride * (size - at));
            slots[at] = (short) slot;
            set(stride * at, entry);
            size++;
        }

        private void makeRoomForLinks() {
            long[] wider = new long[WORDS_WITH_LINKS * slots.length];
            for (int at = 0; at < size; at++) {
                System.arraycopy(words, WORDS * at, wider, WORDS_WITH_LINKS * at, WORDS);
            }
            words = wider;
            stride = WORDS_WITH_LINKS;
        }

        private void set(int word, ChunkEntry entry) {
            words[word] = word(entry.pack().number(), entry.crc());
            words[word + 1] = word(entry.offset(), entry.length());
            if (stride == WORDS_WITH_LINKS) {
                ChunkPlace target = entry.target().orElse(NO_TARGET);
                words[word + 2] = target.pack().birth();
                words[word + 3] = target.pack().number();
                words[word + 4] = word(target.offset(), target.length());
            }
        }

        private static long word(int high, int low) {
            return (long) high << Integer.SIZE | Integer.toUnsignedLong(low);
        }

        private static int high(long word) {
            return (int) (word >>> Integer.SIZE);
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
            System.arraycopy(words, stride * end, words, stride * first, stride * (size - end));
            size -= end - first;
            return removed;
        }

        private int place(int slot) {
            int found = Arrays.binarySearch(slots, 0, size, (short) slot);
            return found < 0 ? -1 - found : found;
        }

        private ChunkEntry entry(int at, long birth) {
            int word = stride * at;
            PackId pack = new PackId(birth, high(words[word]));
            int crc = (int) words[word];
            int offset = high(words[word + 1]);
            boolean isLink = stride == WORDS_WITH_LINKS && (int) words[word + 4] != 0;
            if (!isLink) {
                return ChunkEntry.data(pack, offset, (int) words[word + 1], crc);
            }
            PackId target = new PackId(words[word + 2], (int) words[word + 3]);
            return ChunkEntry.link(
                    pack, offset, new ChunkPlace(target, high(words[word + 4]), (int) words[word + 4]), crc);
        }

        void putInto(ChunkEntry[] entries, long birth) {
            for (int at = 0; at < size; at++) {
                entries[slots[at]] = entry(at, birth);
            }
        }
    }
}
