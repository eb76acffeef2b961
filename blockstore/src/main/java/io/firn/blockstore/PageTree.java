package io.firn.blockstore;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pages by index, in three levels: a root of directories of 1,024 pages of 1,024 numbers. As a map of a volume: 4 GiB a directory, 4 MiB
 * a page; the root of 64 TiB has 16,384 slots. What was never touched takes no memory.
 *
 * <p><b>Threads.</b> {@link #find} needs no lock; the rest is under the log's.
 */
final class PageTree {
    private static final int FAN_OUT_SHIFT = 10;
    private static final int FAN_OUT = 1 << FAN_OUT_SHIFT;

    private final PageSpace space;
    private final int volume;
    private final PageKey.Kind kind;
    private final long tag;
    private volatile AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Page>> root;

    PageTree(PageSpace space, int volume, PageKey.Kind kind, long tag) {
        this.space = space;
        this.volume = volume;
        this.kind = kind;
        this.tag = tag;
        this.root = new AtomicReferenceArray<>(1);
    }

    long tag() {
        return tag;
    }

    @Nullable Page find(long index) {
        AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Page>> directories = root;
        int directory = (int) (index >>> FAN_OUT_SHIFT);
        if (directory >= directories.length()) {
            return null;
        }
        AtomicReferenceArray<@Nullable Page> pages = directories.get(directory);
        return pages == null ? null : pages.get((int) (index & (FAN_OUT - 1)));
    }

    /** The number at an index over all pages; 0 where there is no page. */
    long get(long position) {
        Page page = find(position >>> FAN_OUT_SHIFT);
        return page == null ? 0 : page.get((int) (position & (FAN_OUT - 1)));
    }

    void set(long position, long value) {
        touch(position >>> FAN_OUT_SHIFT).set((int) (position & (FAN_OUT - 1)), value);
    }

    /** The page, made when it is missing, ready to be changed. */
    Page touch(long index) {
        Page page = findOrCreate(index);
        space.touch(page);
        return page;
    }

    /** The page, made when it is missing; for loading a checkpoint, which changes nothing. */
    Page findOrCreate(long index) {
        Page present = find(index);
        if (present != null) {
            return present;
        }
        int slot = (int) (index >>> FAN_OUT_SHIFT);
        if (slot >= root.length()) {
            grow(slot + 1);
        }
        AtomicReferenceArray<@Nullable Page> pages = root.get(slot);
        if (pages == null) {
            pages = new AtomicReferenceArray<>(FAN_OUT);
            root.set(slot, pages);
        }
        Page made = space.allocate(new PageKey(volume, kind, tag, index));
        pages.set((int) (index & (FAN_OUT - 1)), made);
        return made;
    }

    private void grow(int slots) {
        AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Page>> old = root;
        AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Page>> larger =
                new AtomicReferenceArray<>(Math.max(slots, Math.min(2 * old.length(), slots + FAN_OUT)));
        for (int i = 0; i < old.length(); i++) {
            larger.set(i, old.get(i));
        }
        root = larger;
    }

    /** Every page there is, ascending. */
    void forEach(Consumer<Page> visitor) {
        long end = endIndex();
        for (Page page = next(0); page != null; page = nextAfter(page, end)) {
            visitor.accept(page);
        }
    }

    private @Nullable Page nextAfter(Page page, long end) {
        long index = page.key().index() + 1;
        return index >= end ? null : next(index);
    }

    /** No page has this index or a higher one. */
    long endIndex() {
        return (long) root.length() << FAN_OUT_SHIFT;
    }

    /** The first page at or after an index; absent directories are stepped over. */
    @Nullable Page next(long from) {
        AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Page>> directories = root;
        long index = from;
        while (index >>> FAN_OUT_SHIFT < directories.length()) {
            AtomicReferenceArray<@Nullable Page> pages = directories.get((int) (index >>> FAN_OUT_SHIFT));
            if (pages != null) {
                for (int slot = (int) (index & (FAN_OUT - 1)); slot < FAN_OUT; slot++) {
                    Page page = pages.get(slot);
                    if (page != null) {
                        return page;
                    }
                }
            }
            index = ((index >>> FAN_OUT_SHIFT) + 1) << FAN_OUT_SHIFT;
        }
        return null;
    }
}
