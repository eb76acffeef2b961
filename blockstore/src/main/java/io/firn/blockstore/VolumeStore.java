package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.io.Task;
import io.firn.io.Threads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;

/**
 * Volumes on one disk, over one log. Opening replays what is behind the last checkpoint; nothing depends on having been closed.
 *
 * <p><b>Threads.</b> Safe for many.
 *
 * <p><b>Errors.</b> {@link StorageException} of the disk; {@code Corrupt} when the checkpoint or superblock is damaged, {@code Fenced} when a
 * newer Firn wrote them.
 */
public final class VolumeStore implements AutoCloseable {
    private static final Duration IDLE = Duration.ofMillis(100);
    private static final long CLEAN_BUDGET = 1024;
    private static final long CHECKPOINT_BUDGET = 256;
    private static final long IDLES_PER_SECOND = Duration.ofSeconds(1).dividedBy(IDLE);

    private final Engine engine;
    private final Flattener flattener;
    private final Scrub scrub;
    private final ConcurrentMap<Integer, Volume> opened = new ConcurrentHashMap<>();
    private final List<Threads.Loop> loops = new ArrayList<>();
    private boolean isClosed;

    private VolumeStore(Engine engine) {
        this.engine = engine;
        this.flattener = new Flattener(engine);
        this.scrub = new Scrub(engine);
    }

    /** Opens the folder, making it when it is missing, with background threads for checkpoints, cleaning and syncing. */
    public static VolumeStore open(Path folder) {
        return open(FileChannelDisk.open(folder), new SystemClock(), VolumeStoreOptions.DEFAULT);
    }

    /** As {@link #open(Path)}, on a disk of the caller's that no other process uses. */
    public static VolumeStore open(Disk disk, Clock clock, VolumeStoreOptions options) {
        VolumeStore store = openStepped(disk, clock, Randomness.secure(), options);
        Checkpointer checkpointer = store.engine.checkpointer;
        checkpointer.whenWanted(store.loop("firn-volume-checkpoint", checkpointer, CHECKPOINT_BUDGET)::wake);
        store.loop("firn-volume-clean", store.engine.cleaner, CLEAN_BUDGET);
        store.loop("firn-volume-flatten", store.flattener, CLEAN_BUDGET);
        store.engine.log.syncedBy(store.loop("firn-volume-sync", store::sync, 1)::wake);
        store.loop("firn-volume-segment", store::prepare, 1);
        if (options.scrubBytesPerSecond() > 0) {
            store.loop("firn-volume-scrub", store::scrubALittle, store.scrubBudget());
        }
        return store;
    }

    /**
     * Opens without threads: background work is done when {@link #checkpoint}, {@link #clean}, {@link #flatten} and {@link #prepare} are
     * called, so that one seed gives one history.
     *
     * @param random of salt and keys; one that cannot be guessed, in production
     */
    public static VolumeStore openStepped(Disk disk, Clock clock, RandomGenerator random, VolumeStoreOptions options) {
        disk.createDirectory(Segments.FOLDER);
        disk.createDirectory(CheckpointFile.FOLDER);
        Superblock superblock = Superblock.read(disk).orElse(null);
        if (superblock == null) {
            superblock = Superblock.fresh(random.nextLong(), options.segmentBytes());
            superblock.write(disk);
        }
        VolumeStoreOptions kept = options.withSegmentBytes(superblock.segmentBytes());
        ReaderEpochs readers = new ReaderEpochs();
        StoreState state = new StoreState();
        Segments segments = new Segments(disk, kept, readers);
        try {
            Checkpointer.Loaded loaded = Checkpointer.load(disk, superblock, state, segments);
            Applier applier = new Applier(state, segments);
            Log log = new Recovery(disk, kept, state, segments, applier, superblock).replay(loaded);
            deleteUnnamed(disk, superblock);
            int batchBlocks = Math.min(LogFormat.BATCH_BLOCKS_MAX, segments.slots() - 2);
            Checkpointer checkpointer = new Checkpointer(disk, log, state, segments, kept, loaded);
            Cleaner cleaner = new Cleaner(log, state, segments, applier, readers, checkpointer, kept, batchBlocks);
            return new VolumeStore(new Engine(
                    log,
                    state,
                    segments,
                    applier,
                    readers,
                    checkpointer,
                    cleaner,
                    new VolumeKeys(kept.masterKey(), random),
                    clock,
                    kept,
                    superblock.salt(),
                    batchBlocks));
        } catch (RuntimeException | Error failed) {
            segments.closeAll();
            throw failed;
        }
    }

    /** Files of checkpoints that a crash kept from being named. */
    private static void deleteUnnamed(Disk disk, Superblock superblock) {
        List<String> named =
                superblock.checkpoints().stream().map(CheckpointFile::name).toList();
        for (String file : disk.list(CheckpointFile.FOLDER)) {
            String name = CheckpointFile.FOLDER + "/" + file;
            if (!named.contains(name)) {
                disk.delete(name);
            }
        }
    }

    private Threads.Loop loop(String name, Task task, long budget) {
        Threads.Loop loop = Threads.loop(name, task, budget, IDLE);
        loops.add(loop);
        return loop;
    }

    private long sync(long budget) {
        try {
            return engine.log.syncWaiting() ? budget : syncWhenDue(budget);
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            engine.log.syncedByCallers(); // a defect ends this loop
            throw e;
        }
    }

    private long syncWhenDue(long budget) {
        engine.log.lockToLook();
        long sequence;
        try {
            if (!engine.log.isSyncDue()) {
                return 0;
            }
            sequence = engine.log.sequence();
        } finally {
            engine.log.unlock();
        }
        engine.log.sync(sequence);
        return budget;
    }

    private long scrubBudget() {
        return Math.max(1, engine.options.scrubBytesPerSecond() / IDLES_PER_SECOND / Block.BYTES);
    }

    /** A step before each rest of its loop, so that the rate is the one that was asked for and no clock is needed. */
    private long scrubALittle(long budget) {
        scrub.step(budget);
        return 0;
    }

    /** Makes a volume that reads as zeros; durable on return. Empty when the name is taken. */
    public Optional<Volume> create(VolumeSpec spec) {
        byte[] key = spec.isEncrypted() ? engine.keys.fresh() : new byte[0];
        VolumeBase base = spec.source().<VolumeBase>map(VolumeBase.Source::new).orElse(new VolumeBase.None());
        return make(
                spec.name(),
                id -> new Descriptor(
                        id,
                        id,
                        spec.name(),
                        spec.sizeBytes(),
                        spec.type(),
                        key,
                        spec.owner(),
                        base,
                        engine.clock.now().toEpochMilli()));
    }

    /**
     * Makes a volume that shows what the view shows, writable and independent: the view may be released and its volume deleted. Takes the
     * same short time whatever their size; durable on return. Empty when the name is taken.
     */
    public Optional<Volume> cloneOf(SealedView view, VolumeName name) {
        VolumeState parent = view.state();
        return make(name, id -> {
            if (!parent.views.containsKey(view.epoch())) {
                throw new StorageException.Closed(
                        "the sealed view " + view.epoch() + " of " + parent.name + " is released");
            }
            return new Descriptor(
                    id,
                    parent.family(),
                    name,
                    view.sizeBytes(),
                    parent.type,
                    parent.made().wrappedKey(),
                    Optional.empty(),
                    new VolumeBase.View(parent.id(), view.epoch()),
                    engine.clock.now().toEpochMilli());
        });
    }

    private interface Maker {
        Descriptor make(int id);
    }

    private Optional<Volume> make(VolumeName name, Maker maker) {
        int[] made = {0};
        Batch batch = Batch.ofHeader();
        long sequence = engine.appending(() -> {
            if (engine.state.find(name).isPresent()) {
                return 0;
            }
            made[0] = engine.state.nextVolume;
            batch.clear();
            batch.addInline(Kind.CREATE, made[0], maker.make(made[0]).toBytes());
            return engine.log.append(batch, 0);
        });
        if (sequence == 0) {
            return Optional.empty();
        }
        engine.log.sync(sequence);
        return find(name);
    }

    /** The volume of a name; the same object for each who asks. */
    public Optional<Volume> find(VolumeName name) {
        return engine.state.find(name).map(this::volume);
    }

    /** The volume of a number, see {@link Volume#id}; also one that is deleted, as long as views of it exist. */
    public Optional<Volume> find(int id) {
        engine.log.lockToLook();
        try {
            return Optional.ofNullable(engine.state.volumes.get(id)).map(this::volume);
        } finally {
            engine.log.unlock();
        }
    }

    /** The volumes that still show something from outside the store; those that are deleted too, as long as views of them exist. */
    public List<Volume> based() {
        engine.log.lockToLook();
        try {
            return engine.state.volumes.values().stream()
                    .filter(volume -> volume.base instanceof VolumeBase.Source)
                    .map(this::volume)
                    .toList();
        } finally {
            engine.log.unlock();
        }
    }

    /** A number that was drawn when the store was made: tells it from other stores. */
    public long identity() {
        return engine.identity;
    }

    private Volume volume(VolumeState state) {
        return opened.computeIfAbsent(state.id(), ignored -> new Volume(engine, state));
    }

    /** All volumes, by name. */
    public List<Volume> list() {
        return engine.state.list().stream().map(this::volume).toList();
    }

    /** Gives a volume another name; durable on return. False when that is taken. */
    public boolean rename(Volume volume, VolumeName name) {
        Batch batch = Batch.ofHeader();
        batch.addInline(Kind.RENAME, volume.state().id(), name.value().getBytes(StandardCharsets.US_ASCII));
        long sequence = engine.appending(() -> {
            boolean isTaken = engine.state
                    .find(name)
                    .filter(other -> !other.equals(volume.state()))
                    .isPresent();
            return isTaken ? 0 : engine.log.append(batch, 0);
        });
        engine.log.sync(sequence);
        return sequence != 0;
    }

    /** Deletes a volume; durable on return. Sealed views of it stay until they are released, clones need nothing of it. */
    public void delete(Volume volume) {
        engine.log.sync(control(Kind.DELETE, volume));
        opened.remove(volume.state().id());
    }

    private long control(int kind, Volume volume) {
        Batch batch = Batch.ofHeader();
        batch.add(kind, volume.state().id(), 0, 0);
        return engine.append(batch);
    }

    /** Seals volumes at one instant: no write to any of them lies between. Durable on return; views in the order of the volumes. */
    public List<SealedView> sealAll(List<Volume> volumes) {
        return beginSeal(volumes.stream().map(Sealing.Wish::of).toList()).sync();
    }

    /**
     * As {@link #sealAll}, and returns before it is durable, so that the caller may wait for something else meanwhile. Everybody sees the views
     * on return; a crash before {@link Sealing#sync} leaves all of them or none.
     */
    public Sealing beginSeal(List<Sealing.Wish> wishes) {
        return Volume.beginSeal(engine, wishes);
    }

    /** The sealed views that have a mark, those of deleted volumes too. */
    public List<SealedView> markedViews() {
        engine.log.lockToLook();
        try {
            return engine.state.volumes.values().stream()
                    .flatMap(volume -> volume(volume).views().stream())
                    .filter(view -> view.mark() != ViewState.UNMARKED)
                    .toList();
        } finally {
            engine.log.unlock();
        }
    }

    /** Discards everything on the instance-store volumes of an owner that has stopped: every block reads as zero. Durable on return. */
    public void endOwner(String owner) {
        long sequence = 0;
        for (Volume volume : list()) {
            if (volume.state().made().owner().filter(owner::equals).isPresent()) {
                sequence = control(Kind.DISCARD, volume);
            }
        }
        engine.log.sync(sequence);
    }

    /** Takes a checkpoint now: what comes before it is not replayed at the next opening. */
    public void checkpoint() {
        engine.checkpointer.checkpoint();
    }

    /** Moves the live blocks out of the emptiest segment; false when that gains nothing. */
    public boolean clean() {
        return engine.cleaner.cleanOne();
    }

    /** Does at most so many blocks of what makes clones independent; 0 when all are. */
    public long flatten(long budgetBlocks) {
        return flattener.step(budgetBlocks);
    }

    /** Makes the file of a segment that the log will need soon, so that no writer waits for it; 0 when enough are ready. */
    public long prepare(long budgetSegments) {
        Optional<Segment> wanted;
        engine.log.lockToLook();
        try {
            wanted = engine.segments.wanted();
        } finally {
            engine.log.unlock();
        }
        if (wanted.isEmpty()) {
            return 0;
        }
        Segment segment = wanted.get();
        boolean isNamed = false;
        try {
            engine.segments.make(segment);
            isNamed = true;
        } finally {
            engine.log.lockToLook();
            try {
                engine.segments.made(segment, isNamed);
            } finally {
                engine.log.unlock();
            }
        }
        return budgetSegments;
    }

    /** Reads and verifies every block that anything refers to, and counts all references. Runs beside writers. */
    public VerifyReport verify() {
        return new Verifier(engine).run();
    }

    /**
     * Verifies at most so many blocks of the log, whether or not anything refers to them; 0 once at the end of a pass. For a store without
     * threads; in others it happens by itself at the rate of the options. See {@link #scrubStat}.
     */
    public long scrub(long budgetBlocks) {
        return scrub.step(budgetBlocks);
    }

    /** What scrubbing has found. */
    public ScrubStat scrubStat() {
        return scrub.stat();
    }

    public StoreStat stat() {
        engine.log.lockToLook();
        try {
            long live = 0;
            long used = 0;
            for (Segment segment : engine.segments.all()) {
                live += segment.live;
                used += segment.state == Segment.State.FREE ? 0 : 1;
            }
            return new StoreStat(
                    engine.segments.all().size(),
                    engine.segments.freeCount(),
                    live * Block.BYTES,
                    used * engine.options.segmentBytes(),
                    engine.log.appendedBytes(),
                    engine.cleaner.movedBlocks() * Block.BYTES,
                    engine.log.sequence(),
                    engine.log.durable());
        } finally {
            engine.log.unlock();
        }
    }

    StoreState state() {
        return engine.state;
    }

    /** Ends background work, takes a checkpoint and closes the files. Closing again does nothing. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        loops.forEach(Threads.Loop::close);
        try {
            engine.log.syncedByCallers();
            engine.checkpointer.checkpoint();
        } finally {
            engine.log.close();
            engine.segments.closeAll();
        }
    }
}
