package io.firn.snapshot;

import io.firn.io.Clock;
import io.firn.io.Task;
import io.firn.objectstore.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.random.RandomGenerator;

/**
 * Snapshots over an object store, in one bucket of it. It knows no running volume: whoever has one puts chunks into a
 * {@link SnapshotDraft}.
 *
 * <p><b>Durability.</b> A method that changes something is durable when it returns, over power failure and {@code kill -9}; after an
 * exception the change may turn out to have happened, whole. Space is given back in the background and only when no snapshot, draft or
 * recycled snapshot can need it.
 *
 * <p><b>Threads.</b> Safe for many. One {@code SnapshotStore} at a time uses a bucket.
 *
 * <p><b>Errors.</b> {@link io.firn.io.StorageException} by remedy; what callers expect is a {@link SnapshotOutcome}.
 */
public final class SnapshotStore implements AutoCloseable {
    private SnapshotStore() {}

    /**
     * Opens or makes the store in a bucket of {@code objects}, which stays the caller's to close. Reads one record per snapshot.
     *
     * @param random for ids; secure where ids must not be guessed
     */
    public static SnapshotStore open(
            ObjectStore objects, Clock clock, RandomGenerator random, SnapshotStoreOptions options) {
        throw new UnsupportedOperationException();
    }

    // Drafts

    /** Begins a snapshot: durable as {@link SnapshotState#PENDING} on return. The parent cannot lose anything while it is under way. */
    public SnapshotOutcome<SnapshotDraft> begin(SnapshotSpec spec) {
        throw new UnsupportedOperationException();
    }

    /** A draft that is under way, also one that was begun before a restart: the same object for the same id. */
    public Optional<SnapshotDraft> draft(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    /** All drafts under way, by id. */
    public List<SnapshotDraft> drafts() {
        throw new UnsupportedOperationException();
    }

    // Looking

    /** A snapshot that can be read. */
    public Optional<Snapshot> snapshot(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    /** A snapshot in any state. */
    public Optional<SnapshotInfo> info(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    /** All snapshots in any state, by id; those in the recycle bin are {@link SnapshotState#RECOVERABLE}. */
    public List<SnapshotInfo> infos() {
        throw new UnsupportedOperationException();
    }

    /** What {@link #begin} of this owner made with a client token. */
    public Optional<SnapshotInfo> byClientToken(String owner, String token) {
        throw new UnsupportedOperationException();
    }

    // Changing

    /**
     * Deletes a snapshot, or moves it to the recycle bin when a retention rule matches: one record, whatever its size. A pending one is
     * given up and deleted. What it alone holds is freed in the background. Refused while it is locked. The value says how it is now:
     * {@link SnapshotState#RECOVERABLE}, or as it was before it went.
     */
    public SnapshotOutcome<SnapshotInfo> delete(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    /** A second snapshot of the same content, made of the record alone; {@code spec} gives its description, tags, owner and token. */
    public SnapshotOutcome<Snapshot> copy(SnapshotId source, SnapshotSpec spec) {
        throw new UnsupportedOperationException();
    }

    /** Replaces the tags. */
    public SnapshotOutcome<SnapshotInfo> setTags(SnapshotId id, SortedMap<String, String> tags) {
        throw new UnsupportedOperationException();
    }

    /** Keeps a text of a door's with the snapshot, or removes it. */
    public SnapshotOutcome<SnapshotInfo> setSetting(SnapshotId id, String name, Optional<String> value) {
        throw new UnsupportedOperationException();
    }

    // Locks

    /** Locks, or changes a lock as far as its mode allows. A pending snapshot may be locked; the duration runs from its completion. */
    public SnapshotOutcome<SnapshotInfo> lock(SnapshotId id, SnapshotLock.Request request) {
        throw new UnsupportedOperationException();
    }

    /** Lifts a governance lock, an expired one, or a compliance lock in its cool-off. */
    public SnapshotOutcome<SnapshotInfo> unlock(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    // Recycle bin

    /** Adds or replaces a retention rule; it counts for deletions from then on. */
    public SnapshotOutcome<RetentionRule> putRule(RetentionRule rule) {
        throw new UnsupportedOperationException();
    }

    public SnapshotOutcome<RetentionRule> deleteRule(String ruleId) {
        throw new UnsupportedOperationException();
    }

    /** All rules, by id. */
    public List<RetentionRule> rules() {
        throw new UnsupportedOperationException();
    }

    /** Takes a snapshot out of the recycle bin. */
    public SnapshotOutcome<SnapshotInfo> restoreFromRecycleBin(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    // Archive tier

    /**
     * Moves a snapshot to the archive tier: all it shows is copied into packs of its own under the archive's storage class, then it leaves
     * its lineage. What others share stays theirs. It cannot be read until it is restored. Takes time for all it has written; after an
     * exception or a crash it is as before. The class is a name that object stores keep: bytes move to colder media once tiering does that.
     */
    public SnapshotOutcome<SnapshotInfo> archive(SnapshotId id) {
        throw new UnsupportedOperationException();
    }

    /** Brings an archived snapshot back for so many days, or for good; it stays a full copy. */
    public SnapshotOutcome<SnapshotInfo> restoreFromArchive(SnapshotId id, Optional<Integer> days) {
        throw new UnsupportedOperationException();
    }

    // Care

    /** Checks a snapshot against its checksums. A damaged copy in one zone of the object store does not show here while another is whole. */
    public SnapshotOutcome<SnapshotVerification> verify(SnapshotId id, VerifyDepth depth) {
        throw new UnsupportedOperationException();
    }

    /** Background work: drafts that lay too long, the recycle bin, restored archives, reclaim and compaction. A unit is one of these things done. */
    public Task task() {
        throw new UnsupportedOperationException();
    }

    /** Does all background work that is due, on this thread; returns the units done. */
    public long step() {
        throw new UnsupportedOperationException();
    }

    public SnapshotFigures figures() {
        throw new UnsupportedOperationException();
    }

    /** Drafts keep what was saved. The object store is left open. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
