package io.firn.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Walks what differs between two trees, in ascending order, skipping every page that both have: time for the difference, not for the
 * size.
 *
 * <p>Pages that differ are read many at a time, for those of a tree lie one after the other in its packs, and compared as they are stored,
 * slot by slot: only what differs becomes an object.
 */
final class TreeDiff {
    /** Pairs of pages read at once: few at first, for the walk may end soon, and at most these, some 5 MiB of bytes. */
    private static final int PAIRS_MIN = 8;

    private static final int PAIRS_MAX = 64;

    private final Pages pages;
    private final int from;
    private final int limit;
    private final List<ChunkRun> runs = new ArrayList<>();
    private int pairsAtOnce = PAIRS_MIN;
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
        if (!tree.equals(base)) {
            diff.walk(List.of(new Pair(tree, base, 0)), Page.ROOT_LEVEL);
        }
        diff.endRun();
        return new ChunkPage(diff.runs, diff.next < 0 ? OptionalInt.empty() : OptionalInt.of(diff.next));
    }

    /** Pages at one place of the trees that are not the same, and the first chunk below them. */
    private record Pair(PageRef tree, PageRef base, int start) {}

    private void walk(List<Pair> pairs, int level) {
        int done = 0;
        while (done < pairs.size() && next < 0) {
            List<Pair> some = pairs.subList(done, Math.min(pairs.size(), done + pairsAtOnce));
            List<Stretch> ours = pages.stored(some.stream().map(Pair::tree).toList());
            List<Stretch> theirs = pages.stored(some.stream().map(Pair::base).toList());
            List<Pair> below = new ArrayList<>();
            for (int i = 0; i < some.size() && next < 0; i++) {
                compare(
                        PageCursor.of(ours.get(i), level),
                        PageCursor.of(theirs.get(i), level),
                        level,
                        some.get(i).start(),
                        below);
            }
            walk(below, level - 1);
            done += some.size();
            if (level == 0) {
                pairsAtOnce = Math.min(PAIRS_MAX, 2 * pairsAtOnce);
            }
        }
    }

    private void compare(PageCursor ours, PageCursor theirs, int level, int start, List<Pair> below) {
        int bits = level == 0 ? 0 : Page.chunkBits(level - 1);
        int firstSlot = firstSlot(start, bits);
        int[] packs = ours.packsIn(theirs);
        ours.nextUnlike(theirs, packs);
        int slot = Math.min(ours.slot(), theirs.slot());
        while (slot < Page.FANOUT && next < 0) {
            boolean isOurs = ours.slot() == slot;
            boolean isTheirs = theirs.slot() == slot;
            if (slot >= firstSlot && !(isOurs && isTheirs && ours.isSame(theirs))) {
                if (level == 0) {
                    add(start + slot, isOurs ? ours.state() : ChunkState.ABSENT);
                } else {
                    below.add(new Pair(
                            isOurs ? ours.ref() : PageRef.NONE,
                            isTheirs ? theirs.ref() : PageRef.NONE,
                            start + (slot << bits)));
                }
            }
            if (isOurs && isTheirs) {
                ours.nextUnlike(theirs, packs);
            } else if (isOurs) {
                ours.next();
            } else {
                theirs.next();
            }
            slot = Math.min(ours.slot(), theirs.slot());
        }
    }

    /** The first slot whose chunks are not all before {@link #from}. */
    private int firstSlot(int start, int bits) {
        return from <= start ? 0 : Math.min(Page.FANOUT, (from - start) >>> bits);
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
