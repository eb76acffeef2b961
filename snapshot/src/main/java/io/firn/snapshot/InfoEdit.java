package io.firn.snapshot;

import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A {@link SnapshotInfo} being changed: its many fields by name. */
final class InfoEdit {
    private final SnapshotId id;
    SnapshotSpec spec;
    SnapshotState state = SnapshotState.PENDING;
    Instant started;
    Optional<Instant> completed = Optional.empty();
    String reason = "";
    long putChunks;
    long expectedChunks;
    long writtenChunks;
    long storedBytes;
    long incrementalBytes;
    SnapshotTier tier = SnapshotTier.STANDARD;
    Optional<SnapshotLock> lock = Optional.empty();
    Optional<Instant> recycled = Optional.empty();
    Optional<Instant> recoverableUntil = Optional.empty();
    Optional<Instant> archived = Optional.empty();
    Optional<Instant> restoredUntil = Optional.empty();
    SortedMap<String, String> settings = Collections.emptySortedMap();

    InfoEdit(SnapshotId id, SnapshotSpec spec, Instant started) {
        this.id = id;
        this.spec = spec;
        this.started = started;
    }

    static InfoEdit of(SnapshotInfo info) {
        InfoEdit edit = new InfoEdit(info.id(), info.spec(), info.started());
        edit.state = info.state();
        edit.completed = info.completed();
        edit.reason = info.reason();
        edit.putChunks = info.putChunks();
        edit.expectedChunks = info.expectedChunks();
        edit.writtenChunks = info.writtenChunks();
        edit.storedBytes = info.storedBytes();
        edit.incrementalBytes = info.incrementalBytes();
        edit.tier = info.tier();
        edit.lock = info.lock();
        edit.recycled = info.recycled();
        edit.recoverableUntil = info.recoverableUntil();
        edit.archived = info.archived();
        edit.restoredUntil = info.restoredUntil();
        edit.settings = info.settings();
        return edit;
    }

    void set(String name, Optional<String> value) {
        SortedMap<String, String> changed = new TreeMap<>(settings);
        changed.remove(name);
        value.ifPresent(text -> changed.put(name, text));
        settings = changed;
    }

    SnapshotInfo done() {
        return new SnapshotInfo(
                id,
                spec,
                state,
                started,
                completed,
                reason,
                putChunks,
                expectedChunks,
                writtenChunks,
                storedBytes,
                incrementalBytes,
                tier,
                lock,
                recycled,
                recoverableUntil,
                archived,
                restoredUntil,
                settings);
    }
}
