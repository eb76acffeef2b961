package io.firn.snapshot;

/**
 * Where a snapshot is in its life.
 *
 * <p>Source: Amazon EC2 API, SnapshotState (model 2016-11-15, read 2026-11-25).
 */
public enum SnapshotState {
    /** A draft: chunks are still being put. */
    PENDING,
    /** Whole and readable. */
    COMPLETED,
    /** The draft failed, or nobody put or completed in time. It holds nothing and waits to be deleted. */
    ERROR,
    /** Deleted into the recycle bin: it can be brought back until its time is over. Not readable. */
    RECOVERABLE,
    /** Being brought back from the recycle bin; here that is done when the call returns, so it is never seen. */
    RECOVERING;

    /** The word on the wire. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
