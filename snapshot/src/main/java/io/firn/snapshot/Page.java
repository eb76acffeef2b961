package io.firn.snapshot;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A page of a tree, decoded: {@link #FANOUT} chunks, or as many pages. Never changed once made. */
sealed interface Page {
    int FANOUT_BITS = 10;

    /** What a page holds: a leaf covers 64 MiB. */
    int FANOUT = 1 << FANOUT_BITS;

    /** The level of the root; leaves are level 0. Three levels of 1,024 cover 64 TiB. */
    int ROOT_LEVEL = 2;

    /** Memory it takes in the cache, about. */
    int memoryBytes();

    /** Chunks. */
    record Leaf(List<ChunkEntry> entries) implements Page {
        static final Leaf EMPTY = new Leaf(Collections.nCopies(FANOUT, ChunkEntry.ABSENT));
        private static final int ENTRY_BYTES = 44;

        static Leaf of(ChunkEntry[] entries) {
            return new Leaf(Arrays.asList(entries));
        }

        @Override
        public int memoryBytes() {
            return FANOUT * ENTRY_BYTES;
        }
    }

    /** Pages of the level below. */
    record Inner(List<PageRef> children) implements Page {
        static final Inner EMPTY = new Inner(Collections.nCopies(FANOUT, PageRef.NONE));
        private static final int REF_BYTES = 72;

        static Inner of(PageRef[] children) {
            return new Inner(Arrays.asList(children));
        }

        @Override
        public int memoryBytes() {
            return FANOUT * REF_BYTES;
        }
    }

    /** How many chunks a page of a level covers, as a shift. */
    static int chunkBits(int level) {
        return FANOUT_BITS * (level + 1);
    }
}
