package io.firn.snapshot;

/**
 * What the catalogue keeps of a snapshot.
 *
 * @param tree the birth of its tree; of a draft, that of the tree it is going to have
 * @param base the birth of the tree a draft is made from, or of the copy that is being made for the archive; 0 for none
 * @param isDropped true for a draft that was deleted and waits for its packs to go: nobody sees it
 */
record SnapshotRecord(SnapshotInfo info, long tree, long base, boolean isDropped) {
    SnapshotRecord with(SnapshotInfo changed) {
        return new SnapshotRecord(changed, tree, base, isDropped);
    }

    /** Showing a tree that is whole. */
    SnapshotRecord withTree(long birth) {
        return new SnapshotRecord(info, birth, 0, isDropped);
    }

    SnapshotRecord withBase(long birth) {
        return new SnapshotRecord(info, tree, birth, isDropped);
    }

    SnapshotRecord dropped() {
        return new SnapshotRecord(info, tree, base, true);
    }

    boolean isPending() {
        return info.state() == SnapshotState.PENDING;
    }

    /** True when it keeps its tree alive: whole or recycled. */
    boolean holdsTree() {
        return info.state() == SnapshotState.COMPLETED
                || info.state() == SnapshotState.RECOVERABLE
                || info.state() == SnapshotState.RECOVERING;
    }
}
