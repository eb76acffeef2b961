package io.firn.snapshot;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * The hashes of the chunks that a draft stored, open-addressed in one array: 32 bytes an entry, between a quarter and a half of it in use.
 * Not safe for threads.
 */
final class DraftHashes {
    /** 64 GiB of chunks, and 64 MiB of memory. */
    static final int ENTRIES_MAX = 1 << 20;

    private static final int WORDS = 4;
    private static final int SLOTS_FIRST = 256;

    /** The bits of a slot, in place of the last ones of a hash, while sorting. */
    private static final long SLOT_MASK = 2L * ENTRIES_MAX - 1;

    private final long birth;

    /** Of each slot: both words of the hash, number of the pack and offset, length and CRC32C. A length of 0 is an empty slot. */
    private long[] words = new long[WORDS * SLOTS_FIRST];

    private int size;

    DraftHashes(long birth) {
        this.birth = birth;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size >= ENTRIES_MAX;
    }

    /** Notes where a content is, unless that is known. */
    void put(ChunkHash hash, ChunkEntry entry) {
        if (2 * (size + 1) > words.length / WORDS) {
            grow();
        }
        int at = slot(hash);
        if ((int) (words[at + 3] >>> Integer.SIZE) == 0) {
            words[at] = hash.high();
            words[at + 1] = hash.low();
            set(at, entry);
            size++;
        }
    }

    private void set(int at, ChunkEntry entry) {
        words[at + 2] = place(entry.pack().number(), entry.offset());
        words[at + 3] = (long) entry.length() << Integer.SIZE | Integer.toUnsignedLong(entry.crc());
    }

    private static long place(int number, int offset) {
        return (long) number << Integer.SIZE | offset;
    }

    private void grow() {
        long[] before = words;
        words = new long[2 * before.length];
        for (int at = 0; at < before.length; at += WORDS) {
            if (before[at + 3] >>> Integer.SIZE != 0) {
                System.arraycopy(before, at, words, slot(new ChunkHash(before[at], before[at + 1])), WORDS);
            }
        }
    }

    /** Where a hash is, or would be. */
    private int slot(ChunkHash hash) {
        int mask = words.length / WORDS - 1;
        int slot = (int) hash.low() & mask;
        while (true) {
            int at = WORDS * slot;
            if (words[at + 3] >>> Integer.SIZE == 0 || (words[at] == hash.high() && words[at + 1] == hash.low())) {
                return at;
            }
            slot = (slot + 1) & mask;
        }
    }

    Optional<HashEntry> find(ChunkHash hash) {
        int at = slot(hash);
        return words[at + 3] >>> Integer.SIZE == 0 ? Optional.empty() : Optional.of(entry(at));
    }

    private HashEntry entry(int at) {
        PackId pack = new PackId(birth, (int) (words[at + 2] >>> Integer.SIZE));
        ChunkPlace place = new ChunkPlace(pack, (int) words[at + 2], (int) (words[at + 3] >>> Integer.SIZE));
        return new HashEntry(new ChunkHash(words[at], words[at + 1]), place, (int) words[at + 3]);
    }

    /** Takes note of chunks that were written again, by where they were: of those in these packs. */
    Moves moves(RoaringBitmap packNumbers) {
        Map<Long, Integer> slots = new HashMap<>();
        for (int at = 0; at < words.length; at += WORDS) {
            if (words[at + 3] >>> Integer.SIZE != 0 && packNumbers.contains((int) (words[at + 2] >>> Integer.SIZE))) {
                slots.put(words[at + 2], at);
            }
        }
        return (before, after) -> {
            Integer at = slots.remove(place(before.pack().number(), before.offset()));
            if (at != null) {
                set(at, after);
            }
        };
    }

    /** Told of each chunk that moves; valid until the next {@link #put}. */
    interface Moves {
        void moved(ChunkEntry before, ChunkEntry after);
    }

    /** All entries in ascending order, but those of items that the draft does not refer to any more. */
    Iterator<HashEntry> sorted(Map<PackId, RoaringBitmap> superseded) {
        long[] order = new long[size];
        int next = 0;
        for (int at = 0; at < words.length; at += WORDS) {
            if (words[at + 3] >>> Integer.SIZE != 0) {
                // As signed numbers in the order of the hashes.
                order[next++] = ((words[at] & ~SLOT_MASK) | at / WORDS) ^ Long.MIN_VALUE;
            }
        }
        Arrays.sort(order);
        int[] slots = new int[size];
        for (int i = 0; i < size; i++) {
            slots[i] = (int) (order[i] & SLOT_MASK);
            // Those that agree in the bits that were sorted by are as good as never more than two.
            for (int j = i; j > 0 && hash(slots[j - 1]).compareTo(hash(slots[j])) > 0; j--) {
                int swapped = slots[j];
                slots[j] = slots[j - 1];
                slots[j - 1] = swapped;
            }
        }
        return IntStream.of(slots)
                .mapToObj(slot -> entry(WORDS * slot))
                .filter(entry -> !superseded
                        .getOrDefault(entry.place().pack(), new RoaringBitmap())
                        .contains(entry.place().offset()))
                .iterator();
    }

    private ChunkHash hash(int slot) {
        return new ChunkHash(words[WORDS * slot], words[WORDS * slot + 1]);
    }
}
