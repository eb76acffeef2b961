package io.firn.snapshot;

/** How much {@link SnapshotStore#verify} reads. */
public enum VerifyDepth {
    /** The record and every page, by checksum and hash; that every chunk lies in a pack that is there. */
    QUICK,
    /** Every chunk too, by its checksum. */
    FULL
}
