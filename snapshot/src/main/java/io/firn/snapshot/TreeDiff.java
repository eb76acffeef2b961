package io.firn.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Walks what differs between two trees, in ascending order, skipping every page that both have: time for the difference, not for the
 * size.
 */
final class TreeDiff {
    private final Pages pages;
    private final int from;
    private final int limit;
    private final List<ChunkRun> runs = new ArrayList<>();
    private int first;
    private int count;
    private ChunkState state = ChunkState.ABSENT;
    private int found;
    private int next = -1;

    private TreeDiff(Pages pages, int from, int limit) {
        this.pages = pages;
        this.from = from;
        this.limit = limit;
    }

    /** The chunks of {@code tree} that are not those of {@code base}, each as {@code tree} has it. */
    static ChunkPage between(Pages pages, PageRef tree, PageRef base, int from, int limit) {
        TreeDiff diff = new TreeDiff(pages, from, limit);
        diff.walk(tree, base, Page.ROOT_LEVEL, 0);
        diff.endRun();
        return new ChunkPage(diff.runs, diff.next < 0 ? OptionalInt.empty() : OptionalInt.of(diff.next));
    }

    private void walk(PageRef tree, PageRef base, int level, int start) {
        if (tree.equals(base) || next >= 0) {
            return;
        }
        if (level == 0) {
            walkLeaf(tree, base, start);
            return;
        }
        List<PageRef> ours = pages.children(tree, level);
        List<PageRef> theirs = pages.children(base, level);
        int bits = Page.chunkBits(level - 1);
        for (int slot = firstSlot(start, bits); slot < Page.FANOUT; slot++) {
            walk(ours.get(slot), theirs.get(slot), level - 1, start + (slot << bits));
        }
    }

    /** The first slot whose chunks are not all before {@link #from}. */
    private int firstSlot(int start, int bits) {
        return from <= start ? 0 : Math.min(Page.FANOUT, (from - start) >>> bits);
    }

    private void walkLeaf(PageRef tree, PageRef base, int start) {
        List<ChunkEntry> ours = pages.leaf(tree).entries();
        List<ChunkEntry> theirs = pages.leaf(base).entries();
        for (int slot = firstSlot(start, 0); slot < Page.FANOUT && next < 0; slot++) {
            if (!ours.get(slot).equals(theirs.get(slot))) {
                add(start + slot, ours.get(slot).state());
            }
        }
    }

    private void add(int chunk, ChunkState held) {
        if (found == limit) {
            next = chunk;
            return;
        }
        found++;
        if (count > 0 && first + count == chunk && state == held) {
            count++;
            return;
        }
        endRun();
        first = chunk;
        count = 1;
        state = held;
    }

    private void endRun() {
        if (count > 0) {
            runs.add(new ChunkRun(first, count, state));
        }
    }
}
