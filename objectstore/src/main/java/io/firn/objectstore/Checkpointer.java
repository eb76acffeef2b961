package io.firn.objectstore;

import io.firn.io.Disk;
import io.firn.io.StorageException;
import io.firn.io.Task;
import io.firn.objectstore.StoreFormat.Checkpoint;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

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
        return journal.keptBytes() > Math.max(least, 2 * imageBytes);
    }

    /** Makes everything committed so far independent of the journal; durable on return. */
    void checkpoint() {
        turn.lock();
        try {
            long journalBytes = engine.log().journalBytes();
            long seq = engine.log().lastSeq();
            List<Long> extents = engine.space().takeUnsyncedSmall();
            try {
                extents.forEach(engine.zones()::sync);
                engine.index().flush();
            } catch (RuntimeException e) {
                engine.space().putBackUnsyncedSmall(extents);
                throw e;
            }
            write(seq, last.imageSeq());
            journalBytesAtLast = journalBytes;
        } finally {
            turn.unlock();
        }
    }

    /** Writes an image of the index and removes the journal before it. */
    void image() {
        turn.lock();
        try {
            List<Disk> disks = engine.zones().healthy().stream().map(Zone::disk).toList();
            FrozenView view = freeze();
            try (OrderedIndex.Cursor cursor = view.cursor()) {
                if (view.seq() == last.imageSeq()) {
                    return;
                }
                imageBytes = CheckpointImage.write(disks, last.store(), view.seq(), cursor);
            }
            write(last.replayFrom(), view.seq());
            disks.forEach(disk -> CheckpointImage.removeOthers(disk, view.seq()));
            // Frames of small payloads after the last checkpoint still need their records.
            long needless = Math.min(view.seq(), last.replayFrom());
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

    /** States that a zone went out of use, before anyone is told that a write without it succeeded. */
    void zonesChanged() {
        turn.lock();
        try {
            write(last.replayFrom(), last.imageSeq());
        } finally {
            turn.unlock();
        }
    }

    private void write(long replayFrom, long imageSeq) {
        long outOfUse = 0;
        List<Zone> zones = engine.zones().all();
        for (int i = 0; i < zones.size(); i++) {
            if (!zones.get(i).isHealthy()) {
                outOfUse |= 1L << i;
            }
        }
        Checkpoint next = new Checkpoint(last.store(), replayFrom, imageSeq, last.generation() + 1, outOfUse);
        for (Zone zone : engine.zones().healthy()) {
            try {
                StoreFormat.write(zone.disk(), next);
            } catch (StorageException.OutOfSpace full) {
                throw full;
            } catch (StorageException broken) {
                if (zones.size() == 1) {
                    throw broken;
                }
                zone.fail(broken);
            }
        }
        last = next;
    }
}
