package io.firn.objectstore;

import io.firn.io.Disk;
import io.firn.io.Task;
import io.firn.objectstore.StoreFormat.Checkpoint;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Bounds what recovery does: flushes extents and index so that little of the journal is replayed, and now and then writes the whole
 * index to an image so that old journal segments can go.
 *
 * <pre>
 *   checkpoint   sequence P = newest committed
 *                sync the extents that took small frames    (their bytes no longer need the journal)
 *                flush the index                            (it is at P or later)
 *                replace the checkpoint file: replay from P
 *   image        when the journal is longer than the last image (and at least a few segments):
 *                write the index as of a frozen view, replace the checkpoint file, remove segments before it
 * </pre>
 */
final class Checkpointer implements Task {
    private static final int SEGMENTS_KEPT_AT_LEAST = 4;

    private final Engine engine;
    private final Journal journal;
    private final ReentrantLock turn = new ReentrantLock();
    private final Object file = new Object();
    private Checkpoint last;
    private long journalBytesAtLast;
    private long imageBytes;

    Checkpointer(Engine engine, Journal journal, Checkpoint last) {
        this.engine = engine;
        this.journal = journal;
        this.last = last;
    }

    /** Does what is due; the budget does not matter. */
    @Override
    public long step(long budget) {
        long written = engine.log().journalBytes() - journalBytesAtLast;
        if (written < engine.options().checkpointBytes()) {
            return 0;
        }
        checkpoint();
        if (isImageDue()) {
            image();
        }
        return 1;
    }

    private boolean isImageDue() {
        long least = SEGMENTS_KEPT_AT_LEAST * engine.options().journalSegmentBytes();
        return engine.log().whileQuiet(journal::keptBytes) > Math.max(least, 2 * imageBytes);
    }

    /** Makes everything committed so far independent of the journal; durable on return. */
    void checkpoint() {
        turn.lock();
        try {
            long journalBytes = engine.log().journalBytes();
            long seq = engine.log().lastSeq();
            syncJournalIfNobodyDid();
            List<Long> extents = engine.space().takeUnsyncedSmall();
            try {
                extents.forEach(engine.zones()::sync);
                engine.index().flush();
            } catch (RuntimeException e) {
                engine.space().putBackUnsyncedSmall(extents);
                throw e;
            }
            state(before -> new Checkpoint(before.store(), seq, before.imageSeq(), 0, 0));
            journalBytesAtLast = journalBytes;
        } finally {
            turn.unlock();
        }
    }

    /** A checkpoint states that the journal reached it: also where commits do not sync. */
    private void syncJournalIfNobodyDid() {
        if (!engine.options().isSynced()) {
            engine.log().whileQuiet(() -> {
                journal.sync();
                return true;
            });
        }
    }

    /** Writes an image of the index and removes the journal before it. */
    void image() {
        turn.lock();
        try {
            List<Disk> disks = engine.zones().healthy().stream().map(Zone::disk).toList();
            FrozenView view = freeze();
            try (OrderedIndex.Cursor cursor = view.cursor()) {
                imageBytes = CheckpointImage.write(disks, last().store(), view.seq(), cursor);
            }
            state(before -> new Checkpoint(before.store(), before.replayFrom(), view.seq(), 0, 0));
            disks.forEach(disk -> CheckpointImage.removeOthers(disk, view.seq()));
            // Frames of small payloads after the last checkpoint still need their records.
            long needless = Math.min(view.seq(), last().replayFrom());
            engine.log().whileQuiet(() -> {
                journal.removeThrough(needless);
                return needless;
            });
        } finally {
            turn.unlock();
        }
    }

    private record FrozenView(OrderedIndex.Cursor cursor, long seq) {}

    /** A view of the index, and the sequence it shows: no batch is committed between the two. */
    private FrozenView freeze() {
        return engine.log()
                .whileQuiet(() -> new FrozenView(
                        engine.index().cursor(new byte[0]), engine.log().lastSeq()));
    }

    /** States which zones are out of use: before anyone is told that a write without one of them succeeded. */
    void stateZones() {
        state(before -> before);
    }

    /** Replaces the checkpoint file in every zone. Takes a lock of its own: who commits must not wait for an image. */
    private void state(UnaryOperator<Checkpoint> change) {
        synchronized (file) {
            Checkpoint changed = change.apply(last);
            Checkpoint next = new Checkpoint(
                    changed.store(),
                    changed.replayFrom(),
                    changed.imageSeq(),
                    last.generation() + 1,
                    engine.zones().outOfUse());
            engine.zones().onEach(zone -> StoreFormat.write(zone.disk(), next));
            last = next;
        }
    }

    private Checkpoint last() {
        synchronized (file) {
            return last;
        }
    }
}
