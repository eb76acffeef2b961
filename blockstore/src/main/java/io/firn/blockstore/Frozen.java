package io.firn.blockstore;

import org.jspecify.annotations.Nullable;

/**
 * The blocks that a sealed epoch dirtied. Sealing only keeps the pages; they become a {@link BlockSet} when somebody first asks, outside
 * the log's lock.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class Frozen {
    private @Nullable DirtyPages pages;
    private @Nullable BlockSet set;

    /** The checkpoint files that recovery would read hold it. Guarded by the checkpointer. */
    boolean isStored;

    Frozen(DirtyPages pages) {
        this.pages = pages;
    }

    /** One that a checkpoint file holds; {@link #fill} follows. */
    Frozen() {
        this.isStored = true;
    }

    synchronized void fill(BlockSet loaded) {
        set = loaded;
    }

    synchronized boolean isFilled() {
        return set != null || pages != null;
    }

    synchronized BlockSet set() {
        BlockSet made = set;
        if (made == null) {
            DirtyPages frozen = pages;
            made = frozen == null ? BlockSet.EMPTY : frozen.toBlockSet();
            set = made;
            pages = null;
        }
        return made;
    }
}
