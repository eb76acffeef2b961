package io.firn.blockstore;

import io.firn.io.Clock;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the volumes of a store share: the log, what it says, where the bytes are, and how room is made. */
final class Engine {
    private static final int ROOM_ATTEMPTS = 64;
    private static final int SPARE_BATCHES_MAX = 16;

    /** Segments cleaned before the checkpoint that frees them: each more spares checkpoints and keeps writers waiting longer. */
    private static final int CLEANED_MAX = 4;

    private static final Duration READER_WAIT = Duration.ofMillis(1);
    private static final int READER_WAITS = 1_000;

    final Log log;
    final StoreState state;
    final Segments segments;
    final Applier applier;
    final ReaderEpochs readers;
    final Checkpointer checkpointer;
    final Cleaner cleaner;
    final VolumeKeys keys;
    final Clock clock;
    final VolumeStoreOptions options;

    /** Drawn when the store was made. */
    final long identity;

    /** Blocks that fit into one batch. */
    final int batchBlocks;

    private final Object roomMonitor = new Object();
    private final ConcurrentMap<String, BlockSource> sources = new ConcurrentHashMap<>();

    /** Kept for the next lone write: the collector gives direct memory back late. */
    private final ArrayBlockingQueue<Batch> spareBatches = new ArrayBlockingQueue<>(SPARE_BATCHES_MAX);

    Engine(
            Log log,
            StoreState state,
            Segments segments,
            Applier applier,
            ReaderEpochs readers,
            Checkpointer checkpointer,
            Cleaner cleaner,
            VolumeKeys keys,
            Clock clock,
            VolumeStoreOptions options,
            long identity,
            int batchBlocks) {
        this.log = log;
        this.state = state;
        this.segments = segments;
        this.applier = applier;
        this.readers = readers;
        this.checkpointer = checkpointer;
        this.cleaner = cleaner;
        this.keys = keys;
        this.clock = clock;
        this.options = options;
        this.identity = identity;
        this.batchBlocks = batchBlocks;
    }

    /** An empty batch for one call; to be given back. */
    Batch takeBatch() {
        Batch spare = spareBatches.poll();
        return spare == null ? new Batch(batchBlocks) : spare;
    }

    void giveBatch(Batch batch) {
        spareBatches.offer(batch.clear()); // one too many is left to the collector
    }

    /** Appends a batch; returns the sequence. One that only describes or frees may use the room that cleaning needs. */
    long append(Batch batch) {
        if (batch.payloadBlocks() == 0) {
            return appending(() -> log.append(batch, 0));
        }
        assistCleaning(batch.payloadBlocks());
        return appending(() -> log.append(batch, Cleaner.RESERVED_SEGMENTS));
    }

    /** Does what a writer of so many blocks does for cleaning, when segments are scarce. */
    void assistCleaning(int blocks) {
        if (segments.isScarce()) {
            cleaner.assist(blocks);
        }
    }

    /** Runs what appends under the log's lock; when the log is full, makes room without the lock and runs it again. */
    long appending(LongSupplier action) {
        for (int attempt = 0; ; attempt++) {
            StorageException.OutOfSpace full;
            long freed;
            log.lock();
            try {
                return action.getAsLong();
            } catch (StorageException.OutOfSpace e) {
                full = e;
                freed = segments.freed();
            } finally {
                log.unlock();
            }
            if (attempt == ROOM_ATTEMPTS || !makeRoom(freed)) {
                throw full;
            }
        }
    }

    /**
     * Cleans some segments, as far as there is room to do it in, and frees what is empty; one caller does it for all that wait.
     *
     * @param freed segments that had been freed when the caller found too few
     * @return false when that gained nothing, for whomever
     */
    private boolean makeRoom(long freed) {
        synchronized (roomMonitor) {
            if (freed() > freed) {
                return true; // by another caller's doing
            }
            log.sync(lastSequence()); // only what is durable is cleaned
            int cleaned = 0;
            while (cleaned < CLEANED_MAX && cleaner.cleanOne()) {
                cleaned++;
            }
            checkpointer.checkpoint();
            // Those who may be inside of what is to be free leave when the disk, or what is behind a volume, has
            // answered.
            for (int waits = 0; waits < READER_WAITS && freed() == freed && awaitsReaders(); waits++) {
                Threads.sleep(READER_WAIT);
            }
            return cleaned > 0 || freed() > freed || awaitsReaders();
        }
    }

    private long freed() {
        log.lockToLook();
        try {
            return segments.freed();
        } finally {
            log.unlock();
        }
    }

    private boolean awaitsReaders() {
        log.lockToLook();
        try {
            return segments.awaitsReaders();
        } finally {
            log.unlock();
        }
    }

    /** Of the last batch that was appended. */
    long lastSequence() {
        log.lockToLook();
        try {
            return log.sequence();
        } finally {
            log.unlock();
        }
    }

    /** What a volume shows of a block, what it is based on included; ABSENT when its base is outside, or nothing is there. */
    long resolve(VolumeState volume, long lba) {
        long entry = volume.map.get(lba);
        if (entry != MapEntry.ABSENT || !(volume.base instanceof VolumeBase.View)) {
            return entry;
        }
        log.lockToLook();
        try {
            entry = volume.map.get(lba);
            return entry == MapEntry.ABSENT && volume.base instanceof VolumeBase.View(int parent, long epoch)
                    ? resolveView(parent, epoch, lba)
                    : entry;
        } finally {
            log.unlock();
        }
    }

    /** What a sealed view shows of {@code count} blocks, into {@code entries}. */
    void resolve(VolumeState volume, long epoch, long lba, long[] entries, int count) {
        log.lockToLook();
        try {
            if (!volume.views.containsKey(epoch)) {
                throw new StorageException.Closed("the sealed view " + epoch + " of " + volume.name + " is released");
            }
            for (int i = 0; i < count; i++) {
                entries[i] = applier.resolve(volume, lba + i, epoch);
            }
        } finally {
            log.unlock();
        }
    }

    private long resolveView(int parent, long epoch, long lba) {
        VolumeState base = state.volumes.get(parent);
        return base == null ? MapEntry.ABSENT : applier.resolve(base, lba, epoch);
    }

    /** What is behind a volume outside the store, at the end of what it is based on. */
    @Nullable BlockSource source(VolumeState volume) {
        VolumeBase base = volume.base;
        if (base instanceof VolumeBase.None) {
            return null;
        }
        log.lockToLook();
        try {
            while (base instanceof VolumeBase.View(int parent, long epoch)) {
                VolumeState at = state.volumes.get(parent);
                base = at == null ? new VolumeBase.None() : at.base;
            }
        } finally {
            log.unlock();
        }
        return base instanceof VolumeBase.Source(String id)
                ? sources.computeIfAbsent(id, options.sources()::open)
                : null;
    }

    /** The key of an encrypted volume. */
    Optional<byte[]> key(VolumeState volume) {
        byte[] wrapped = volume.made().wrappedKey();
        return wrapped.length == 0 ? Optional.empty() : Optional.of(keys.unwrap(wrapped));
    }
}
