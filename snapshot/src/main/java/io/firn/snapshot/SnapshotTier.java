package io.firn.snapshot;

/** Where a snapshot's bytes rest. */
public enum SnapshotTier {
    /** Shares chunks with its lineage, readable at once. */
    STANDARD,
    /** A full copy of its own under a colder storage class; it has to be restored before it is read. */
    ARCHIVE
}
