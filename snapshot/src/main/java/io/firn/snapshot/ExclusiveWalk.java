package io.firn.snapshot;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a tree alone refers to: whatever none of its neighbours has.
 *
 * <p>A chunk or page gets into a tree by being written for it or by being taken over from the tree it was made from. So the trees
 * that have it hang together in the family of trees, and if any other has it, a nearest living one does. The walk descends only into
 * pages that no neighbour has: time for what is found, and for one look at each neighbour beside it. This takes the place of the
 * born and dead lists that ZFS keeps per snapshot: their union is the difference of two trees, which these trees give at the same
 * price without being written down.
 */
final class ExclusiveWalk {
    private final Pages pages;
    private final Map<PackId, RoaringBitmap> found = new TreeMap<>();
    private long chunkBytes;
    private long pageBytes;

    private ExclusiveWalk(Pages pages) {
        this.pages = pages;
    }

    static ExclusiveWalk of(Pages pages, PageRef root, List<PageRef> neighbours) {
        ExclusiveWalk walk = new ExclusiveWalk(pages);
        walk.walk(root, neighbours.stream().distinct().toList(), Page.ROOT_LEVEL);
        return walk;
    }

    private void walk(PageRef ref, List<PageRef> others, int level) {
        if (ref.isNone() || others.contains(ref)) {
            return;
        }
        add(ref.pack(), ref.offset());
        pageBytes += ref.length();
        if (level == 0) {
            walkLeaf(ref, others);
            return;
        }
        List<PageRef> children = pages.children(ref, level);
        List<List<PageRef>> theirs =
                others.stream().map(other -> pages.children(other, level)).toList();
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            if (!children.get(slot).isNone()) {
                int here = slot;
                List<PageRef> beside = theirs.stream()
                        .map(all -> all.get(here))
                        .filter(other -> !other.isNone())
                        .distinct()
                        .toList();
                walk(children.get(slot), beside, level - 1);
            }
        }
    }

    private void walkLeaf(PageRef ref, List<PageRef> others) {
        List<ChunkEntry> entries = pages.leaf(ref).entries();
        List<List<ChunkEntry>> theirs =
                others.stream().map(other -> pages.leaf(other).entries()).toList();
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            ChunkEntry entry = entries.get(slot);
            int here = slot;
            if (entry.isData() && theirs.stream().noneMatch(all -> all.get(here).equals(entry))) {
                add(entry.pack(), entry.offset());
                chunkBytes += entry.length();
            }
        }
    }

    private void add(PackId pack, int offset) {
        found.computeIfAbsent(pack, ignored -> new RoaringBitmap()).add(offset);
    }

    /** Offsets by pack, sorted. */
    Map<PackId, RoaringBitmap> found() {
        return found;
    }

    /** Stored bytes of the chunks. */
    long chunkBytes() {
        return chunkBytes;
    }

    long pageBytes() {
        return pageBytes;
    }
}
