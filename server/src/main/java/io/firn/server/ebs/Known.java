package io.firn.server.ebs;

import io.firn.io.StorageException;
import io.firn.server.ebs.EbsError.Invalid;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotState;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotTier;
import io.firn.snapshot.VolumeSnapshots;
import java.util.function.Function;

/** Finds the snapshots that calls name, and says what is wrong with those that will not do. Safe for many threads. */
final class Known {
    /** What {@code StartSnapshot} writes into the lineage of its snapshots, before the digest of its parameters. */
    static final String STARTED_HERE = "ebs-direct ";

    private final SnapshotStore store;
    private final VolumeSnapshots snapshots;

    Known(SnapshotStore store, VolumeSnapshots snapshots) {
        this.store = store;
        this.snapshots = snapshots;
    }

    static boolean isStartedHere(SnapshotInfo info) {
        return info.spec().lineage().startsWith(STARTED_HERE);
    }

    /** A snapshot in any state. */
    SnapshotInfo info(String id) {
        return SnapshotId.parse(id).flatMap(snapshots::info).orElseThrow(() -> EbsError.noSnapshot(id));
    }

    /** A snapshot that can be read. */
    Snapshot readable(String id) {
        SnapshotInfo info = info(id);
        if (info.state() != SnapshotState.COMPLETED) {
            throw unfit(info, "is " + info.state().wireName() + " and not completed");
        }
        if (info.tier() == SnapshotTier.ARCHIVE) {
            throw unfit(info, "is in the archive tier");
        }
        return store.snapshot(info.id()).orElseThrow(() -> EbsError.noSnapshot(id));
    }

    /** A draft that {@code StartSnapshot} began and that takes blocks. */
    SnapshotDraft draft(String id) {
        SnapshotInfo info = info(id);
        if (!isStartedHere(info)) {
            throw unfit(info, "was not started by StartSnapshot");
        }
        return store.draft(info.id()).orElseThrow(() -> notPending(id));
    }

    private ServiceException notPending(String id) {
        SnapshotInfo info = info(id);
        String why = info.reason().isEmpty() ? "" : ": " + info.reason();
        return unfit(info, "is " + info.state().wireName() + " and not pending" + why);
    }

    private static ServiceException unfit(SnapshotInfo info, String what) {
        return EbsError.invalid(Invalid.INVALID_SNAPSHOT_ID, "The snapshot '" + info.id() + "' " + what + ".");
    }

    /**
     * Runs a step on a snapshot that may go meanwhile.
     *
     * @param find finds it once more, and says what is wrong with it now
     */
    static <T, R> R whileThere(Function<String, T> find, String id, Function<T, R> step) {
        T found = find.apply(id);
        try {
            return step.apply(found);
        } catch (StorageException.Closed | StorageException.Unavailable gone) {
            var _ = find.apply(id); // says what is wrong now
            throw gone;
        }
    }
}
