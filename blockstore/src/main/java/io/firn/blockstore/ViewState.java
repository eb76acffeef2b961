package io.firn.blockstore;

/** What a sealed view is: an epoch whose blocks are kept. Guarded by the log's lock, but for what never changes. */
final class ViewState {
    static final long UNMARKED = 0;

    private final long epoch;
    private final long sizeBytes;
    private final long mark;
    private final Frozen dirty;

    /** What epochs between the view before and this one have written, besides this one's own. */
    BlockSet alsoBorn;

    /** Its owner let it go; it stays while volumes are based on it. */
    boolean isReleased;

    /** Volumes that are based on it. */
    int clones;

    ViewState(long epoch, long sizeBytes, long mark, Frozen dirty, BlockSet alsoBorn) {
        this.epoch = epoch;
        this.sizeBytes = sizeBytes;
        this.mark = mark;
        this.dirty = dirty;
        this.alsoBorn = alsoBorn;
    }

    long epoch() {
        return epoch;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** What its seal carried. */
    long mark() {
        return mark;
    }

    Frozen dirty() {
        return dirty;
    }

    /** The blocks written after the view before and up to this one. */
    BlockSet born() {
        return dirty.set().union(alsoBorn);
    }
}
