package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: mutations that wait together become durable with one sync and visible in one order.
 *
 * <pre>
 *   commit(mutation)
 *     queue it; whoever finds no leader leads:
 *       take what waits -> frames of small payloads into their extents (not synced: the journal has them until a checkpoint)
 *                       -> one batch into the journal of every zone, synced
 *                       -> wake the next leader: its sync runs while this batch comes into the index and those who waited go their ways
 *                       -> index, in the order of the journal
 *                       -> wake those who waited
 * </pre>
 *
 * There is no committer thread: a caller leads, commits the others' mutations with its own, and the next waiting caller leads after
 * it. With one caller everything happens on its thread, which is what makes the store deterministic under simulation.
 *
 * <p><b>Errors.</b> A batch that cannot be made durable fails for all in it, with nothing visible. When the index cannot follow the
 * journal the log stops for good: the store must be opened again.
 */
final class CommitLog implements AutoCloseable {
    private static final int MAX_BATCH_BYTES = 4 << 20;
    private static final long QUIET_POLL_NANOS = 20_000;
    private static final int BATCH_BUFFER_BYTES = MAX_BATCH_BYTES + (1 << 20);

    private final Journal journal;
    private final IndexApplier applier;
    private final Zones zones;
    private final AtomicLong ordinals;
    private final boolean isSynced;

    private final ConcurrentLinkedQueue<Mutation> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicBoolean isLed = new AtomicBoolean();

    /** Taken by a leader before it lets the next one begin: batches come into the index in the order of the journal. */
    private final ReentrantLock applying = new ReentrantLock();

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BATCH_BUFFER_BYTES);

    private Runnable zonesChanged = () -> {};
    private long statedOutOfUse;
    private volatile @Nullable RuntimeException stopped;
    private volatile long lastSeq;
    private long journalSeq;
    private final AtomicLong journalBytes = new AtomicLong();
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong records = new AtomicLong();

    CommitLog(Journal journal, IndexApplier applier, Zones zones, AtomicLong ordinals, boolean isSynced, long lastSeq) {
        this.journal = journal;
        this.applier = applier;
        this.zones = zones;
        this.ordinals = ordinals;
        this.isSynced = isSynced;
        this.lastSeq = lastSeq;
        this.journalSeq = lastSeq;
        this.statedOutOfUse = zones.outOfUse();
    }

    /** {@code stateZones} writes down which zones are out of use; it runs before a batch that lacks a zone is acknowledged. */
    void whenZonesChange(Runnable stateZones) {
        zonesChanged = stateZones;
    }

    /** Returns when the mutation is durable and visible; throws, with nothing visible, when it cannot be. */
    void commit(Mutation mutation) {
        mutation.prepare();
        queued.incrementAndGet();
        queue.add(mutation);
        boolean isInterrupted = false;
        while (!mutation.isSettled()) {
            if (!mutation.isTaken() && isLed.compareAndSet(false, true)) {
                lead(mutation);
            } else {
                LockSupport.park(this);
                // The wait for durability is not cut short: the flag is put back when it is over.
                isInterrupted |= Thread.interrupted();
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        mutation.throwFailure();
    }

    /** Commits a batch of what waits, unless {@code own} was taken into the batch before. */
    private void lead(Mutation own) {
        if (own.isTaken()) {
            isLed.set(false);
            wakeNextLeader();
            return;
        }
        Durable durable;
        try {
            durable = makeDurable(takeWaiting());
            applying.lock();
        } finally {
            isLed.set(false);
        }
        RuntimeException failure;
        try {
            wakeNextLeader();
            failure = durable.failure() == null ? makeVisible(durable) : durable.failure();
        } finally {
            applying.unlock();
        }
        for (Mutation mutation : durable.batch()) {
            mutation.settle(failure == null ? null : copyFor(failure));
        }
    }

    private void wakeNextLeader() {
        Mutation next = queue.peek();
        if (next != null) {
            LockSupport.unpark(next.waiter());
        }
    }

    /** Does {@code work} while no batch is being committed. */
    <T> T whileQuiet(Supplier<T> work) {
        while (!isLed.compareAndSet(false, true)) {
            LockSupport.parkNanos(this, QUIET_POLL_NANOS);
        }
        applying.lock();
        try {
            return work.get();
        } finally {
            applying.unlock();
            isLed.set(false);
            wakeNextLeader();
        }
    }

    /** A batch that is in the journal, or why it is not. */
    private record Durable(
            List<Mutation> batch,
            long lastSeq,
            long highestOrdinal,
            @Nullable RuntimeException failure) {}

    private Durable makeDurable(List<Mutation> batch) {
        long highestOrdinal = ordinals.get();
        RuntimeException failure = stopped;
        if (failure == null) {
            try {
                write(batch, highestOrdinal);
            } catch (RuntimeException e) {
                failure = e;
            } catch (Error e) {
                failure = new IllegalStateException(e);
            }
        }
        return new Durable(batch, journalSeq, highestOrdinal, failure);
    }

    /** Returns why the index could not follow, or null. */
    private @Nullable RuntimeException makeVisible(Durable durable) {
        if (stopped != null) {
            return stopped;
        }
        try {
            applier.apply(durable.batch(), durable.lastSeq(), durable.highestOrdinal());
        } catch (RuntimeException e) {
            stopped = e;
            return e;
        } catch (Error e) {
            stopped = new IllegalStateException(e);
            return stopped;
        }
        lastSeq = durable.lastSeq();
        batches.incrementAndGet();
        records.addAndGet(durable.batch().size());
        return null;
    }

    /** Each waiting thread throws an exception of its own. */
    private static RuntimeException copyFor(RuntimeException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case StorageException.OutOfSpace e -> new StorageException.OutOfSpace(message, e);
            case StorageException.DiskFailed e -> new StorageException.DiskFailed(message, e);
            case StorageException e -> new StorageException.Unavailable(message, e);
            default -> failure;
        };
    }

    private List<Mutation> takeWaiting() {
        List<Mutation> batch = new ArrayList<>(Math.max(4, queued.get()));
        int bytes = 0;
        for (Mutation next = queue.peek(); next != null; next = queue.peek()) {
            bytes += Integer.BYTES + next.encodedBytes();
            if (!batch.isEmpty() && bytes > MAX_BATCH_BYTES) {
                break;
            }
            queue.remove();
            queued.decrementAndGet();
            next.take();
            batch.add(next);
        }
        return batch;
    }

    /** Writes small payloads into their extents and the batch into the journal. */
    private void write(List<Mutation> batch, long highestOrdinal) {
        List<EncodedFrame> frames = new ArrayList<>(batch.size());
        batch.forEach(mutation -> frames.addAll(mutation.frames()));
        if (!frames.isEmpty()) {
            zones.write(frames);
        }
        append(batch, highestOrdinal);
        long outOfUse = zones.outOfUse();
        if (outOfUse != statedOutOfUse) {
            zonesChanged.run();
            statedOutOfUse = outOfUse;
        }
        journalSeq += batch.size();
    }

    private void append(List<Mutation> batch, long highestOrdinal) {
        long firstSeq = journalSeq + 1;
        ByteBuffer bytes = encode(batch);
        int bodyEnd = bytes.position();
        boolean isFresh = journal.needsSegment(bodyEnd);
        if (isFresh) {
            journal.startSegment(firstSeq);
        }
        JournalFormat.closeBatch(bytes, journal.salt(), firstSeq, journalSeq, highestOrdinal, batch.size());
        bytes.flip();
        try {
            journal.append(bytes, isSynced);
        } catch (StorageException.DiskFailed e) {
            if (isFresh) {
                throw e;
            }
            // The segment is poisoned, not necessarily the disk: the same batch goes to a new segment before anyone is
            // answered.
            journal.startSegment(firstSeq);
            bytes.clear().position(bodyEnd);
            JournalFormat.closeBatch(bytes, journal.salt(), firstSeq, journalSeq, highestOrdinal, batch.size());
            bytes.flip();
            journal.append(bytes, isSynced);
        }
        journalBytes.addAndGet(bytes.limit());
    }

    private ByteBuffer encode(List<Mutation> batch) {
        long needed = JournalFormat.BATCH_HEADER_BYTES + JournalFormat.ALIGNMENT;
        for (Mutation mutation : batch) {
            needed += Integer.BYTES + mutation.encodedBytes();
        }
        ByteBuffer bytes =
                needed <= buffer.capacity() ? buffer.clear() : ByteBuffer.allocateDirect(Math.toIntExact(needed));
        bytes.position(JournalFormat.BATCH_HEADER_BYTES);
        for (Mutation mutation : batch) {
            bytes.putInt(mutation.encodedBytes());
            mutation.encode(bytes);
        }
        return bytes;
    }

    /** Sequence of the newest record that is durable and visible. */
    long lastSeq() {
        return lastSeq;
    }

    /** Bytes appended to the journal since the store was opened. */
    long journalBytes() {
        return journalBytes.get();
    }

    /** Batches committed since the store was opened: syncs of the journal. */
    long batches() {
        return batches.get();
    }

    /** Records committed since the store was opened. */
    long records() {
        return records.get();
    }

    @Override
    public void close() {
        whileQuiet(() -> {
            journal.close();
            return true;
        });
    }
}
