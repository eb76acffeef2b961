package io.firn.blockstore;

import io.firn.io.Invariant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * The map entries that only sealed views still see: what a block was before the first write after a seal. 32 bytes for each block
 * overwritten, and no data.
 *
 * <p>An entry is kept under the newest view that sees it. So view v sees, for a block, the entry kept under the oldest view that is not
 * older than v; where there is none, the live map. Releasing a view hands what it kept on to the view before it, except what was written
 * after that one (the dead list of ZFS: Ahrens, Maybee, "ZFS dataset deletion", 2006).
 *
 * <p>Nodes lie in pages, so that checkpoints find them; the tables that lead to them are rebuilt when the store opens.
 *
 * <p><b>Threads.</b> Under the log's lock.
 */
final class KeptBlocks {
    private static final int NODE_LONGS = 4;
    private static final int NODES_PER_PAGE = Page.LONGS / NODE_LONGS;

    // The fields of a node. LBA plus one, so that zeros are a free node.
    private static final int LBA = 0;
    private static final int EPOCH = 1;
    private static final int ENTRY = 2;
    /** Low half: the next node of this block, of an older epoch. High half: the next node of this epoch. */
    private static final int NEXT = 3;

    private final PageTree tree;
    private final LongIntMap byBlock = new LongIntMap();
    private final SortedMap<Long, Integer> byEpoch = new TreeMap<>();
    private int nodes = 1; // node 0 means none
    private int free;
    private int count;

    KeptBlocks(PageSpace space, int volume, long tag) {
        this.tree = new PageTree(space, volume, PageKey.Kind.KEPT, tag);
    }

    PageTree tree() {
        return tree;
    }

    /** How many entries are kept. */
    int count() {
        return count;
    }

    /** Keeps what a block was up to and including {@code epoch}. */
    void add(long lba, long epoch, long entry) {
        int node = allocate();
        set(node, LBA, lba + 1);
        set(node, EPOCH, epoch);
        set(node, ENTRY, entry);
        int newest = byBlock.get(lba);
        Invariant.check(newest == 0 || get(newest, EPOCH) < epoch, "block %d is kept twice for epoch %d", lba, epoch);
        set(node, NEXT, link(newest, byEpoch.getOrDefault(epoch, 0)));
        byBlock.put(lba, node);
        byEpoch.put(epoch, node);
        count++;
    }

    /** The node that the view of {@code epoch} sees, or 0 when it sees the live map. */
    int find(long lba, long epoch) {
        int seen = 0;
        for (int node = byBlock.get(lba); node != 0 && get(node, EPOCH) >= epoch; node = nextOfBlock(node)) {
            seen = node;
        }
        return seen;
    }

    long entry(int node) {
        return get(node, ENTRY);
    }

    /** True when some view sees this entry of a block, and the live map another. */
    boolean keeps(long lba, long entry) {
        for (int node = byBlock.get(lba); node != 0; node = nextOfBlock(node)) {
            if (get(node, ENTRY) == entry) {
                return true;
            }
        }
        return false;
    }

    /** Changes every kept entry of a block. */
    void replace(long lba, LongUnaryOperator change) {
        for (int node = byBlock.get(lba); node != 0; node = nextOfBlock(node)) {
            long before = get(node, ENTRY);
            long after = change.applyAsLong(before);
            if (after != before) {
                set(node, ENTRY, after);
            }
        }
    }

    /**
     * Ends the view of {@code epoch}: what was born after the view before it is let go, the rest is kept under that one.
     *
     * @param previous the epoch of the view before, or 0 when there is none
     * @param born the blocks written after the view before and up to this one
     */
    void release(long epoch, long previous, BlockSet born, LongConsumer letGo) {
        Integer head = byEpoch.remove(epoch);
        int node = head == null ? 0 : head;
        while (node != 0) {
            int next = nextOfEpoch(node);
            long lba = get(node, LBA) - 1;
            if (previous == 0 || born.contains(lba)) {
                letGo.accept(get(node, ENTRY));
                unlink(lba, node);
                recycle(node);
            } else {
                set(node, EPOCH, previous);
                set(node, NEXT, link(nextOfBlock(node), byEpoch.getOrDefault(previous, 0)));
                byEpoch.put(previous, node);
            }
            node = next;
        }
    }

    /** Every kept entry. */
    void forEach(LongConsumer visitor) {
        for (int node = 1; node < nodes; node++) {
            if (get(node, LBA) != 0) {
                visitor.accept(get(node, ENTRY));
            }
        }
    }

    /** Finds its way again after the pages were loaded. */
    void rebuild() {
        long pages = 0;
        for (Page page = tree.next(0); page != null; page = tree.next(page.key().index() + 1)) {
            pages = page.key().index() + 1;
        }
        nodes = (int) Math.max(1, pages * NODES_PER_PAGE);
        for (int node = 1; node < nodes; node++) {
            if (get(node, LBA) == 0) {
                continue;
            }
            long epoch = get(node, EPOCH);
            setNext(node, 0, byEpoch.getOrDefault(epoch, 0));
            byEpoch.put(epoch, node);
            insert(get(node, LBA) - 1, node, epoch);
            count++;
        }
        for (int node = nodes - 1; node > 0; node--) {
            if (get(node, LBA) == 0) {
                setNext(node, free, 0);
                free = node;
            }
        }
    }

    private void insert(long lba, int node, long epoch) {
        int before = 0;
        int after = byBlock.get(lba);
        while (after != 0 && get(after, EPOCH) > epoch) {
            before = after;
            after = nextOfBlock(after);
        }
        setNext(node, after, nextOfEpoch(node));
        if (before == 0) {
            byBlock.put(lba, node);
        } else {
            setNext(before, node, nextOfEpoch(before));
        }
    }

    private void unlink(long lba, int node) {
        int before = 0;
        int at = byBlock.get(lba);
        while (at != node) {
            Invariant.check(at != 0, "kept block %d has lost its node %d", lba, node);
            before = at;
            at = nextOfBlock(at);
        }
        int after = nextOfBlock(node);
        if (before == 0) {
            byBlock.put(lba, after);
        } else {
            set(before, NEXT, link(after, nextOfEpoch(before)));
        }
    }

    private int allocate() {
        if (free != 0) {
            int node = free;
            free = nextOfBlock(node);
            return node;
        }
        return nodes++;
    }

    private void recycle(int node) {
        set(node, LBA, 0);
        set(node, NEXT, link(free, 0));
        free = node;
        count--;
    }

    private int nextOfBlock(int node) {
        return (int) get(node, NEXT);
    }

    private int nextOfEpoch(int node) {
        return (int) (get(node, NEXT) >>> 32);
    }

    private static long link(int ofBlock, int ofEpoch) {
        return (long) ofEpoch << 32 | ofBlock;
    }

    private long get(int node, int field) {
        return tree.get((long) node * NODE_LONGS + field);
    }

    private void set(int node, int field, long value) {
        tree.set((long) node * NODE_LONGS + field, value);
    }

    /** Links are rebuilt, not stored: setting one while loading makes no page count as changed. */
    private void setNext(int node, int ofBlock, int ofEpoch) {
        tree.findOrCreate(node / NODES_PER_PAGE).set(node % NODES_PER_PAGE * NODE_LONGS + NEXT, link(ofBlock, ofEpoch));
    }
}
