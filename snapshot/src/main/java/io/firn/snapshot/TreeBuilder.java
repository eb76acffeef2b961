package io.firn.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Writes the pages of a new tree over those of its base: what did not change is referred to, not written. */
final class TreeBuilder {
    private final Pages pages;
    private final PageRef base;
    private final long birth;
    private final PageSink sink;
    private final Runnable afterPage;
    private final List<Written> written = new ArrayList<>();

    /** A page that was written, and its level. */
    record Written(PageRef ref, int level) {}

    /** Where pages are put: {@link PackWriter#page}. */
    @FunctionalInterface
    interface PageSink {
        PageRef page(int firstChunk, int level, byte[] page, int written, long storedBytes);
    }

    /** @param afterPage run after each page, so that packs that are full can be sent */
    TreeBuilder(Pages pages, PageRef base, long birth, PageSink sink, Runnable afterPage) {
        this.pages = pages;
        this.base = base;
        this.birth = birth;
        this.sink = sink;
        this.afterPage = afterPage;
    }

    List<Written> written() {
        return written;
    }

    /** The root over the base with these leaves changed. */
    PageRef build(Iterable<Integer> leaves, java.util.function.IntFunction<UnaryOperator<Page.Leaf>> change) {
        Map<Integer, PageRef> changed = new TreeMap<>();
        for (int leaf : leaves) {
            PageRef before = leafRef(leaf);
            Page.Leaf old = pages.leaf(before);
            Page.Leaf merged = change.apply(leaf).apply(old);
            if (!merged.equals(old)) {
                changed.put(leaf, write(merged, leaf));
            }
        }
        for (int level = 1; level <= Page.ROOT_LEVEL; level++) {
            changed = above(changed, level);
        }
        return changed.getOrDefault(0, base);
    }

    private PageRef leafRef(int leaf) {
        PageRef ref = base;
        for (int level = Page.ROOT_LEVEL; level > 0; level--) {
            ref = pages.children(ref, level).get(leaf >>> Page.chunkBits(level - 2) & (Page.FANOUT - 1));
        }
        return ref;
    }

    private Map<Integer, PageRef> above(Map<Integer, PageRef> changed, int level) {
        Map<Integer, PageRef[]> inners = new TreeMap<>();
        changed.forEach((position, ref) ->
                inners.computeIfAbsent(position >>> Page.FANOUT_BITS, parent -> children(parent, level))[
                        position & (Page.FANOUT - 1)] = ref);
        Map<Integer, PageRef> result = new TreeMap<>();
        inners.forEach((position, children) -> result.put(position, write(children, level, position)));
        return result;
    }

    private PageRef[] children(int position, int level) {
        PageRef ref = base;
        for (int above = Page.ROOT_LEVEL; above > level; above--) {
            int shift = Page.FANOUT_BITS * (above - level - 1);
            ref = pages.children(ref, above).get(position >>> shift & (Page.FANOUT - 1));
        }
        return pages.children(ref, level).toArray(PageRef[]::new);
    }

    private PageRef write(Page.Leaf leaf, int position) {
        int count = 0;
        long bytes = 0;
        for (ChunkEntry entry : leaf.entries()) {
            count += entry.state() == ChunkState.ABSENT ? 0 : 1;
            bytes += entry.length();
        }
        return count == 0 ? PageRef.NONE : write(leaf, 0, position, count, bytes);
    }

    private PageRef write(PageRef[] children, int level, int position) {
        int count = 0;
        long bytes = 0;
        for (PageRef child : children) {
            count += child.written();
            bytes += child.storedBytes();
        }
        return count == 0 ? PageRef.NONE : write(Page.Inner.of(children), level, position, count, bytes);
    }

    private PageRef write(Page page, int level, int position, int count, long bytes) {
        byte[] encoded = PageFormat.encode(page, level, birth, position);
        PageRef ref = sink.page(position << Page.chunkBits(level), level, encoded, count, bytes);
        written.add(new Written(ref, level));
        afterPage.run();
        return ref;
    }
}
