package io.firn.blockstore;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All pages of a store, and the still picture of them that a checkpoint takes while writes go on.
 *
 * <p>A checkpoint wants the pages as they were when it began. It marks them pending and copies them one after the other; whoever is about
 * to change a page that is still pending saves a copy first ({@link #touch}). So no write waits for more than one copy of 8 KiB.
 *
 * <p>Pages live outside the heap in slabs that the garbage collector gives back when nobody refers to any of their pages: a reader of a
 * deleted volume never reads freed memory.
 *
 * <p><b>Threads.</b> Under the log's lock.
 */
final class PageSpace {
    private static final int SLAB_PAGES = 32;

    private @Nullable MemorySegment slab;
    private int slabUsed = SLAB_PAGES;
    private List<Page> modified = new ArrayList<>();
    private @Nullable Picture picture;

    /** What one checkpoint wants: pages still to be copied, and copies that writers had to save. */
    static final class Picture {
        private final List<Page> pages;
        private final ArrayDeque<Saved> saved = new ArrayDeque<>();
        private int next;

        private record Saved(PageKey key, ByteBuffer bytes) {}

        private Picture(List<Page> pages) {
            this.pages = pages;
        }

        /** Takes one page; the caller holds the log's lock. Null when all are taken. */
        @Nullable PageKey take(ByteBuffer target) {
            Saved copy = saved.poll();
            if (copy != null) {
                target.put(copy.bytes);
                return copy.key;
            }
            while (next < pages.size()) {
                Page page = pages.get(next++);
                if (page.isPending) {
                    page.isPending = false;
                    page.copyTo(target);
                    return page.key();
                }
            }
            return null;
        }
    }

    Page allocate(PageKey key) {
        MemorySegment current = slab;
        if (current == null || slabUsed == SLAB_PAGES) {
            current = Arena.ofAuto().allocate((long) SLAB_PAGES * Page.BYTES, Page.BYTES);
            slab = current;
            slabUsed = 0;
        }
        return new Page(key, current, (long) slabUsed++ * Page.BYTES);
    }

    /** To be called before a page is changed. */
    void touch(Page page) {
        if (page.isPending) {
            save(page);
        }
        if (!page.isModified) {
            page.isModified = true;
            modified.add(page);
        }
    }

    private void save(Page page) {
        page.isPending = false;
        Picture wanting = picture;
        if (wanting != null) {
            ByteBuffer copy = ByteBuffer.allocate(Page.BYTES);
            page.copyTo(copy);
            wanting.saved.add(new Picture.Saved(page.key(), copy.flip()));
        }
    }

    /** Begins the picture of the pages that changed since the last one, or of {@code all}. */
    Picture begin(@Nullable List<Page> all) {
        List<Page> changed = modified;
        modified = new ArrayList<>();
        changed.forEach(page -> page.isModified = false);
        List<Page> wanted = all == null ? changed : all;
        wanted.forEach(page -> page.isPending = true);
        Picture begun = new Picture(wanted);
        picture = begun;
        return begun;
    }

    /** Ends the picture; when it did not reach the disk, its pages count as changed again. */
    void end(Picture ended, boolean isDurable) {
        picture = null;
        for (Page page : ended.pages) {
            page.isPending = false;
            if (!isDurable && !page.isModified) {
                page.isModified = true;
                modified.add(page);
            }
        }
    }
}
