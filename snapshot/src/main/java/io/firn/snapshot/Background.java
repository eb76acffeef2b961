package io.firn.snapshot;

import io.firn.io.StorageException;
import io.firn.io.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The work nobody waits for, in an order that is part of its safety: trees are reclaimed before packs are compacted, since a tree that was
 * being reclaimed when a crash came is walked once more.
 */
final class Background implements Task {
    private final Engine engine;
    private final Map<SnapshotId, SnapshotDraft> drafts;
    private final SnapshotStore store;
    private final Compactor compactor;
    private final Reclaimer reclaimer;
    private final EncryptingCopies copies;
    private final Instant opened;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    Background(Engine engine, Map<SnapshotId, SnapshotDraft> drafts, SnapshotStore store, Instant opened) {
        this.engine = engine;
        this.drafts = drafts;
        this.store = store;
        this.compactor = new Compactor(engine);
        this.reclaimer = new Reclaimer(engine, compactor);
        this.copies = new EncryptingCopies(store);
        this.opened = opened;
    }

    @Override
    public long step(long budget) {
        oneAtATime.lock();
        try {
            long done = 0;
            StorageException failure = null;
            for (SnapshotRecord record : List.copyOf(engine.catalogue().all())) {
                try {
                    // A piece of each copy whatever the budget is, so that neither waits for the other's end.
                    boolean isCopied = record.isPending() && copies.step(record.info());
                    done += isCopied || (done < budget && isDue(record)) ? 1 : 0;
                } catch (StorageException failed) {
                    failure = failed;
                }
            }
            while (done < budget && reclaimer.step()) {
                done++;
            }
            while (done < budget && compactor.step()) {
                done++;
            }
            while (done < budget && engine.deduplication().step()) {
                done++;
            }
            if (done == 0 && failure != null) {
                throw failure;
            }
            return done;
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Does what time asks of a snapshot; true when it was something. */
    private boolean isDue(SnapshotRecord record) {
        Instant now = engine.clock().now();
        SnapshotInfo info = record.info();
        SnapshotDraft draft = drafts.get(info.id());
        if (record.isDropped() || info.state() == SnapshotState.ERROR) {
            return (draft == null || draft.isQuiet()) && purge(record);
        }
        if (record.isPending()) {
            boolean isLate = draft == null
                    ? info.spec()
                            .timeout()
                            .filter(timeout -> now.isAfter(opened.plus(timeout)))
                            .isPresent()
                    : draft.isLate(now);
            if (isLate) {
                store.draft(info.id()); // which fails it
            }
            return isLate;
        }
        drafts.remove(info.id());
        if (isOver(info.recoverableUntil(), now)) {
            store.delete(info.id());
            return true;
        }
        if (isOver(info.restoredUntil(), now) && info.tier() == SnapshotTier.STANDARD) {
            archiveAgain(record);
            return true;
        }
        return false;
    }

    private static boolean isOver(Optional<Instant> end, Instant now) {
        return end.filter(instant -> !now.isBefore(instant)).isPresent();
    }

    /** A copy of its own it has already: it goes back by its record. */
    private void archiveAgain(SnapshotRecord record) {
        engine.lock().lock();
        try {
            engine.catalogue().find(record.info().id()).ifPresent(found -> {
                InfoEdit edit = InfoEdit.of(found.info());
                edit.tier = SnapshotTier.ARCHIVE;
                edit.restoredUntil = Optional.empty();
                engine.catalogue().put(found.with(edit.done()));
            });
        } finally {
            engine.lock().unlock();
        }
    }

    /** Removes the packs of a draft that never counted, then its record when it was deleted; false when that was done before. */
    private boolean purge(SnapshotRecord record) {
        boolean hasPacks = record.tree() != 0;
        if (hasPacks) {
            engine.purge(record.tree());
        }
        engine.lock().lock();
        try {
            if (record.isDropped()) {
                engine.catalogue().remove(record);
                drafts.remove(record.info().id());
                engine.release(record.tree());
                return true;
            }
            // Deleted meanwhile: the next step sees the record as it is now.
            Optional<SnapshotRecord> found =
                    engine.catalogue().find(record.info().id());
            if (hasPacks && found.isPresent()) {
                engine.catalogue().put(found.get().withTree(0));
                drafts.remove(record.info().id());
                engine.release(record.tree());
            }
            return hasPacks;
        } finally {
            engine.lock().unlock();
        }
    }

    SnapshotFigures figures() {
        Catalogue catalogue = engine.catalogue();
        Packs packs = engine.packs();
        return new SnapshotFigures(
                catalogue.all().size(),
                catalogue.trees().size(),
                catalogue.unheld().size(),
                engine.chunksPut().sum(),
                engine.chunksPut().sum() * Chunk.BYTES,
                packs.writtenBytes.sum(),
                packs.written.sum(),
                compactor.deleted.sum(),
                compactor.compacted.sum(),
                engine.deduplication().linked.sum(),
                engine.deduplication().savedBytes.sum(),
                engine.pages().reads.sum(),
                engine.pages().hits.sum());
    }
}
