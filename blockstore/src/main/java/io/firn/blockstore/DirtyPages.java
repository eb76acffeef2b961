package io.firn.blockstore;

/**
 * The blocks that one epoch has changed, as plain bits: a page of 65,536 for each 256 MiB. Becomes a {@link BlockSet} after the seal;
 * Roaring is not on the path of a write, where setting a bit in it would cost a microsecond.
 */
final class DirtyPages {
    private static final int PAGE_BITS_SHIFT = 16;

    private final PageTree tree;
    private long count;

    DirtyPages(PageSpace space, int volume, long epoch) {
        this.tree = new PageTree(space, volume, PageKey.Kind.DIRTY, epoch);
    }

    PageTree tree() {
        return tree;
    }

    /** How many blocks. */
    long count() {
        return count;
    }

    /** Counts again after the pages were loaded. */
    void recount() {
        count = 0;
        tree.forEach(page -> {
            for (int i = 0; i < Page.LONGS; i++) {
                count += Long.bitCount(page.get(i));
            }
        });
    }

    boolean contains(long lba) {
        return (tree.get(lba >>> 6) & 1L << lba) != 0;
    }

    /** Sets the bit; true when it was clear. */
    boolean add(long lba) {
        Page page = tree.find(lba >>> PAGE_BITS_SHIFT);
        int index = (int) (lba >>> 6) & (Page.LONGS - 1);
        long bit = 1L << lba;
        if (page != null && (page.get(index) & bit) != 0) {
            return false;
        }
        page = tree.touch(lba >>> PAGE_BITS_SHIFT);
        page.set(index, page.get(index) | bit);
        count++;
        return true;
    }

    /** All of them now. */
    BlockSet toBlockSet() {
        BlockSet.Builder set = new BlockSet.Builder();
        tree.forEach(page -> {
            long start = page.key().index() << PAGE_BITS_SHIFT;
            for (int i = 0; i < Page.LONGS; i++) {
                long bits = page.get(i);
                if (bits == -1) {
                    set.add(start + (long) i * Long.SIZE, Long.SIZE);
                } else if (bits != 0) {
                    set.addBits(start + (long) i * Long.SIZE, bits);
                }
            }
        });
        return set.build();
    }
}
