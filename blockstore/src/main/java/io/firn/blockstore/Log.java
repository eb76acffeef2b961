package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The log of all volumes: appends batches in order, applies each as it is appended, and makes many callers share one sync.
 *
 * <p><b>Order.</b> A batch gets its sequence, its place and its effect on the state under one lock, so what is acknowledged is always a
 * prefix of the log.
 *
 * <p><b>Durability.</b> {@link #append} leaves a batch with the system: it survives the death of the process. After {@link #sync} of its
 * sequence it survives the loss of power. Syncs go in rounds: whoever finds none under way leads one, for all that have come by then, and
 * answers those that wait for it without a thread of their own ({@link #syncAsync}).
 *
 * <p><b>Failures.</b> A full disk refuses the batch and changes nothing. After any other failed write, or a failed sync, the segment is
 * given up: what no sync has covered is written again to another one in a new term, before anybody is told that it is durable. When
 * that fails again and again the log takes nothing more.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class Log {
    private static final int TAIL_FAILURES_MAX = 3;

    /**
     * So much unsynced makes a sync in the background due. Small, because a flush or a seal waits for all that was written before it; not
     * smaller, because each sync costs the disk's journal a commit.
     */
    private static final long SYNC_BYTES = 1 << 20;

    private final Disk disk;
    private final Segments segments;
    private final StoreState state;
    private final Applier applier;
    private final UnsyncedBatches unsyncedBatches;
    private final EntryCursor cursor = new EntryCursor();
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock syncing = new ReentrantLock();
    private final Condition synced = syncing.newCondition();
    private final List<Segment> unsynced = new ArrayList<>();

    /** Replaced under its own monitor, which may be taken under the lock and not the other way round. */
    private volatile Superblock superblock;

    private final Object superblockMonitor = new Object();

    // Guarded by lock.
    private @Nullable Segment open;
    private boolean isReserveOpen = true; // the open segment may be one that was to be left unused by writers
    private long sequence;
    private long appendedBytes;
    private int tailFailures;
    private long tails;
    private @Nullable StorageException failure;
    private boolean isClosed;

    private volatile @Nullable Runnable syncer; // replaced under syncing
    private boolean isSyncWanted; // guarded by lock: the syncer was told, and no sync has begun since

    private volatile long durable;

    // Guarded by syncing.
    private final List<Waiting> waiting = new ArrayList<>(); // as they came
    private boolean isLed;
    private int asked; // so many of those that wait came before the round that is led

    /** What {@link #syncAsync} owes. */
    private record Waiting(long target, CompletableFuture<Void> told) {}

    Log(
            Disk disk,
            Segments segments,
            StoreState state,
            Applier applier,
            VolumeStoreOptions options,
            Superblock superblock,
            @Nullable Segment open,
            long sequence) {
        this.disk = disk;
        this.segments = segments;
        this.state = state;
        this.applier = applier;
        this.unsyncedBatches = new UnsyncedBatches(options.unsyncedBytes());
        this.superblock = superblock;
        this.open = open;
        this.sequence = sequence;
        this.durable = sequence;
    }

    /** Takes the lock when the next batch has room in memory; waits for a sync otherwise. */
    @SuppressWarnings("LockNotBeforeTry") // held on return, by contract
    void lock() {
        while (true) {
            lock.lock();
            if (unsyncedBatches.hasRoom() || lock.getHoldCount() > 1) {
                return;
            }
            long waiting = sequence;
            lock.unlock();
            sync(waiting);
        }
    }

    /** Takes the lock to look, not to append. */
    @SuppressWarnings("LockNotBeforeTry") // held on return, by contract
    void lockToLook() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    long sequence() {
        return sequence;
    }

    long durable() {
        return durable;
    }

    Superblock superblock() {
        return superblock;
    }

    /** Bytes appended since opening. */
    long appendedBytes() {
        return appendedBytes;
    }

    boolean isSyncDue() {
        return unsyncedBatches.bytes() >= SYNC_BYTES;
    }

    /**
     * Names who syncs in the background by {@link #syncWaiting}: {@code wake}, which must be short, is run when a sync becomes due and when
     * somebody waits for one.
     */
    void syncedBy(Runnable wake) {
        syncer = wake;
    }

    /** Nobody syncs in the background any more: those that wait are answered now, and who comes later syncs for himself. */
    void syncedByCallers() {
        syncing.lock();
        try {
            syncer = null;
        } finally {
            syncing.unlock();
        }
        try {
            syncWaiting();
        } catch (StorageException told) {
            // to those that waited
        }
    }

    @Nullable Segment openSegment() {
        return open;
    }

    /** Puts another superblock in the place of the present one, durably; a failure leaves the old one in force. */
    void replaceSuperblock(UnaryOperator<Superblock> change) {
        synchronized (superblockMonitor) {
            Superblock next = change.apply(superblock);
            next.write(disk);
            superblock = next;
        }
    }

    /** How often a tail was written elsewhere; under the lock. */
    long tails() {
        return tails;
    }

    /**
     * Appends a batch and applies it; the caller holds the lock by {@link #lock}.
     *
     * @param segmentsLeft how many segments must be left unused: what cleaning needs is not for writers
     * @return its sequence
     * @throws StorageException.OutOfSpace when there is no room; nothing was changed
     * @throws StorageException.Closed when a volume of the batch is deleted; nothing was changed
     */
    long append(Batch batch, int segmentsLeft) {
        requireUsable();
        Segment target = target(batch.slots(), segmentsLeft);
        ByteBuffer bytes = stamped(batch, target);
        try {
            segments.file(target).write(bytes.duplicate(), (long) target.appendSlot * Block.BYTES);
        } catch (StorageException.OutOfSpace full) {
            // Nothing that was there before is lost; what was written of this batch is overwritten by the next.
            segments.forget(target);
            throw full;
        } catch (StorageException broken) {
            giveUpTail(broken);
            return append(batch, segmentsLeft);
        }
        sequence++;
        appendedBytes += bytes.remaining();
        unsyncedBatches.keep(sequence, bytes, target, target.appendSlot);
        Runnable wake = syncer;
        if (wake != null && isSyncDue() && !isSyncWanted) {
            isSyncWanted = true;
            wake.run();
        }
        appended(target, batch.slots());
        EntryCursor entries = cursor.over(bytes, 0);
        int payload = target.appendSlot - batch.payloadBlocks();
        while (entries.next()) {
            applier.apply(entries, target, payload, null);
        }
        return sequence;
    }

    private void appended(Segment target, int slots) {
        target.appendSlot += slots;
        target.lastSequence = sequence;
        if (!target.isUnsynced || !unsynced.contains(target)) {
            target.isUnsynced = true;
            unsynced.add(target);
        }
    }

    private ByteBuffer stamped(Batch batch, Segment target) {
        ByteBuffer bytes = batch.seal(superblock.salt(), target, superblock.lastTerm(), sequence + 1, durable);
        EntryCursor entries = cursor.over(bytes, 0);
        while (entries.next()) {
            int kind = entries.kind();
            if (kind == Kind.CREATE || kind == Kind.MOVE) {
                continue;
            }
            VolumeState volume = state.volumes.get(entries.volume());
            // A deleted volume may still be filled from its source: for the views of it that clones show.
            boolean isForViews = kind == Kind.RELEASE || kind == Kind.HYDRATE || kind == Kind.DETACH;
            if (volume == null || (volume.isDeleted && !isForViews)) {
                throw new StorageException.Closed("volume " + entries.volume() + " is deleted");
            }
            if (entries.epoch() == 0) {
                entries.stampEpoch(volume.epoch);
            }
        }
        LogFormat.close(bytes);
        return bytes;
    }

    private Segment target(int slots, int segmentsLeft) {
        Segment present = open;
        if (present != null && present.appendSlot + slots <= segments.slots()) {
            if (segmentsLeft > 0 && isReserveOpen) {
                requireAvailable(segmentsLeft);
                isReserveOpen = false;
            }
            return present;
        }
        if (segmentsLeft > 0) {
            requireAvailable(segmentsLeft + 1);
        }
        Segment next = roll();
        isReserveOpen = segmentsLeft == 0;
        return next;
    }

    private void requireAvailable(int needed) {
        long available = segments.available();
        if (available < needed) {
            throw new StorageException.OutOfSpace(
                    "the volumes' log has " + available + " segments left, which cleaning needs", null);
        }
    }

    private Segment roll() {
        Segment full = open;
        Segment next;
        try {
            next = openAnother();
        } catch (StorageException.OutOfSpace none) {
            if (full != null && full.appendSlot >= segments.slots()) {
                segments.close(full); // so that it can be freed, if nothing in it is needed
                open = null;
            }
            throw none;
        }
        if (full != null) {
            segments.close(full);
        }
        open = next;
        return next;
    }

    /** A segment whose header cannot be written is passed over. */
    private Segment openAnother() {
        for (int failures = 0; ; failures++) {
            try {
                return segments.open(superblock.salt());
            } catch (StorageException.OutOfSpace full) {
                throw full;
            } catch (StorageException broken) {
                if (failures == TAIL_FAILURES_MAX) {
                    throw broken;
                }
            }
        }
    }

    /**
     * Returns when everything up to a sequence is on stable storage. The first caller syncs for all that have come by then; those that
     * come meanwhile wait for the next round.
     */
    void sync(long target) {
        while (durable < target) {
            if (!lead(target)) {
                return;
            }
            syncRound();
        }
    }

    /**
     * As {@link #sync} without waiting for it, when somebody syncs in the background; otherwise it is done on return. The future is mostly
     * completed by the thread that synced, on behalf of all: what depends on it must be short and wait for nothing.
     */
    CompletableFuture<Void> syncAsync(long target) {
        syncing.lock();
        try {
            Runnable wake = syncer;
            if (wake != null && durable < target) {
                CompletableFuture<Void> told = new CompletableFuture<>();
                waiting.add(new Waiting(target, told));
                if (!isLed) {
                    wake.run();
                }
                return told;
            }
        } finally {
            syncing.unlock();
        }
        try {
            sync(target);
            return CompletableFuture.completedFuture(null);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Syncs for those that wait and tells them how it went; false when nobody waits. */
    boolean syncWaiting() {
        long target = 0;
        syncing.lock();
        try {
            for (Waiting one : waiting) {
                target = Math.max(target, one.target);
            }
        } finally {
            syncing.unlock();
        }
        if (target == 0) {
            return false;
        }
        sync(target);
        return true;
    }

    /** True when the caller is to sync; false when another's sync has covered it. */
    private boolean lead(long target) {
        syncing.lock();
        try {
            while (durable < target) {
                if (!isLed) {
                    isLed = true;
                    asked = waiting.size();
                    return true;
                }
                synced.awaitUninterruptibly();
            }
            return false;
        } finally {
            syncing.unlock();
        }
    }

    private void syncRound() {
        Throwable failure = null;
        try {
            syncOnce();
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            endRound(failure);
        }
    }

    /** Lets the next one lead, and answers those that the round has covered; a failure, those that had come when it began. */
    private void endRound(@Nullable Throwable failure) {
        List<Waiting> answered = new ArrayList<>();
        syncing.lock();
        try {
            isLed = false;
            synced.signalAll();
            List<Waiting> all = List.copyOf(waiting);
            waiting.clear();
            for (int i = 0; i < all.size(); i++) {
                boolean isOver = failure == null ? all.get(i).target <= durable : i < asked;
                (isOver ? answered : waiting).add(all.get(i));
            }
            Runnable wake = syncer;
            if (wake != null && !waiting.isEmpty()) {
                wake.run();
            }
        } finally {
            syncing.unlock();
        }
        for (Waiting one : answered) {
            if (failure == null) {
                one.told.complete(null);
            } else {
                one.told.completeExceptionally(failure);
            }
        }
    }

    private void syncOnce() {
        List<Segment> dirty;
        long mark;
        long tail;
        lock.lock();
        try {
            requireUsable();
            dirty = List.copyOf(unsynced);
            mark = sequence;
            isSyncWanted = false;
            tail = tails;
        } finally {
            lock.unlock();
        }
        StorageException broken = null;
        try {
            for (Segment segment : dirty) {
                segments.file(segment).sync();
            }
        } catch (StorageException e) {
            broken = e;
        }
        lock.lock();
        try {
            if (tails != tail) {
                return; // the tail was written elsewhere meanwhile: this sync says nothing about it
            }
            if (broken != null) {
                giveUpTail(broken);
                return;
            }
            tailFailures = 0;
            durable = mark;
            unsyncedBatches.release(mark);
            for (Segment segment : dirty) {
                if (segment.lastSequence <= mark) {
                    segment.isUnsynced = false;
                    unsynced.remove(segment);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes what no sync has covered to another segment, in a new term. */
    private void giveUpTail(StorageException cause) {
        tails++;
        if (++tailFailures > TAIL_FAILURES_MAX) {
            fail(cause);
        }
        try {
            List<Segment> given = new ArrayList<>(unsynced);
            Segment last = open;
            if (last != null && !given.contains(last)) {
                given.add(last);
            }
            for (Segment segment : given) {
                segments.poison(segment);
            }
            unsynced.clear();
            open = null;
            replaceSuperblock(present -> present.withTerm(present.lastTerm() + 1, durable + 1));
            for (UnsyncedBatches.Kept batch : unsyncedBatches) {
                writeAgain(batch);
            }
        } catch (StorageException again) {
            fail(again);
        }
    }

    private void fail(StorageException cause) {
        failure = cause;
        requireUsable();
    }

    private void writeAgain(UnsyncedBatches.Kept batch) {
        ByteBuffer bytes = batch.bytes();
        int slots = bytes.remaining() / Block.BYTES;
        Segment target = target(slots, 0);
        int slot = target.appendSlot;
        bytes.putInt(LogFormat.SLOT, slot)
                .putLong(LogFormat.ORDINAL, target.ordinal)
                .putLong(LogFormat.TERM, superblock.lastTerm())
                .putLong(LogFormat.DURABLE, durable);
        LogFormat.close(bytes);
        DiskFile file = segments.file(target);
        file.write(bytes.duplicate(), (long) slot * Block.BYTES);
        appended(target, slots);
        target.lastSequence = batch.sequence();
        EntryCursor entries = new EntryCursor().over(bytes, 0);
        while (entries.next()) {
            if (Kind.hasPayload(entries.kind())) {
                moveReferences(entries, batch, target, slot);
            }
        }
        batch.segment = target;
        batch.slot = slot;
    }

    private void moveReferences(EntryCursor entry, UnsyncedBatches.Kept batch, Segment target, int slot) {
        int familyId = entry.kind() == Kind.MOVE ? entry.volume() : state.familyOf(entry.volume());
        List<VolumeState> family = state.family(familyId);
        for (int i = 0; i < entry.blocks(); i++) {
            int block = 1 + entry.payload() + i;
            applier.relocate(
                    family,
                    entry.lba() + i,
                    MapEntry.location(batch.segment.number(), batch.slot + block),
                    MapEntry.data(target.number(), slot + block, entry.crc(i)));
        }
    }

    private void requireUsable() {
        if (isClosed) {
            throw new StorageException.Closed("the volume store is closed");
        }
        StorageException cause = failure;
        if (cause != null) {
            throw new StorageException.DiskFailed(
                    "the volumes' log takes nothing more after: " + cause.getMessage(), cause);
        }
    }

    /** Takes no more batches. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
        } finally {
            lock.unlock();
        }
    }
}
