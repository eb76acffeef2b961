package io.firn.blockstore;

import io.firn.io.Disk;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes checkpoints: a still picture of all pages and everything small, as of one sequence, while writes go on.
 *
 * <p>The first file of a chain holds all pages; each later one those that changed. When the later ones have grown past the first, the next
 * is whole again, so what is written stays in proportion to what changed. A crash at any point leaves the chain that the superblock
 * names.
 *
 * <p>As a {@link Task}, a unit of budget is a page of 8 KiB. One thread at a time.
 */
final class Checkpointer implements Task {
    private static final int PAGES_PER_LOCK = 32;
    private static final int META_VERSION = 2;
    private static final int META_VERSION_WITHOUT_MARKS = 1;
    private static final int ATTEMPTS = 3;

    private final Disk disk;
    private final Log log;
    private final StoreState state;
    private final Segments segments;
    private final long checkpointBytes;
    private final ByteBuffer pages = ByteBuffer.allocate(PAGES_PER_LOCK * Page.BYTES);

    private @Nullable Running running;
    private long appendedAtLast;
    private long wholeBytes;
    private long changedBytes;
    private volatile boolean isWanted;
    private volatile Runnable wanted = () -> {};

    /** One checkpoint under way. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Running(
            long number,
            long sequence,
            long tails,
            long appended,
            boolean isWhole,
            PageSpace.Picture picture,
            List<Segment> emptied,
            Map<PageKey, Frozen> frozen,
            byte[] meta,
            CheckpointFile.Writer writer) {}

    Checkpointer(Disk disk, Log log, StoreState state, Segments segments, VolumeStoreOptions options, Loaded loaded) {
        this.disk = disk;
        this.log = log;
        this.state = state;
        this.segments = segments;
        this.checkpointBytes = options.checkpointBytes();
        this.wholeBytes = loaded.wholeBytes();
        this.changedBytes = loaded.changedBytes();
    }

    /** The next step begins one, however little was written. */
    void want() {
        isWanted = true;
        wanted.run();
    }

    /** Runs {@code told}, which must be short, when one is wanted. */
    void whenWanted(Runnable told) {
        wanted = told;
    }

    /** Takes one now, from beginning to end, after the one under way; once more when the log's tail had to be written elsewhere. */
    synchronized void checkpoint() {
        finishRunning();
        for (int attempt = 0; ; attempt++) {
            begin();
            try {
                finishRunning();
                return;
            } catch (StorageException.Unavailable tailMoved) {
                if (attempt == ATTEMPTS) {
                    throw tailMoved;
                }
            }
        }
    }

    private void finishRunning() {
        while (running != null) {
            step(Long.MAX_VALUE);
        }
    }

    @Override
    public synchronized long step(long budget) {
        if (running == null) {
            if (!isWanted && log.appendedBytes() - appendedAtLast < checkpointBytes) {
                return 0;
            }
            begin();
        }
        Running present = running;
        if (present == null) {
            return 0;
        }
        try {
            long done = 0;
            while (done < budget) {
                int copied = copy(present);
                if (copied == 0) {
                    finish(present);
                    return done + 1;
                }
                done += copied;
            }
            return done;
        } catch (StorageException e) {
            abandon(present);
            throw e;
        }
    }

    private void begin() {
        isWanted = false;
        long number = log.superblock().checkpoints().stream()
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0)
                + 1;
        CheckpointFile.Writer writer =
                new CheckpointFile.Writer(disk, log.superblock().salt(), number);
        log.lockToLook();
        try {
            boolean isWhole = log.superblock().checkpoints().isEmpty() || changedBytes > wholeBytes;
            Map<PageKey, Frozen> frozen = new HashMap<>();
            for (VolumeState volume : state.volumes.values()) {
                volume.history.forEach((epoch, set) -> frozen.put(setKey(volume.id(), epoch), set));
                volume.views.forEach((epoch, view) -> frozen.put(setKey(volume.id(), epoch), view.dirty()));
            }
            byte[] meta = meta();
            List<Segment> emptied = segments.empty();
            running = new Running(
                    number,
                    log.sequence(),
                    log.tails(),
                    log.appendedBytes(),
                    isWhole,
                    state.pages.begin(isWhole ? allPages() : null),
                    emptied,
                    frozen,
                    meta,
                    writer);
        } finally {
            log.unlock();
        }
    }

    private static PageKey setKey(int volume, long epoch) {
        return new PageKey(volume, PageKey.Kind.DIRTY, epoch, 0);
    }

    private List<Page> allPages() {
        List<Page> all = new ArrayList<>();
        state.volumes.values().forEach(volume -> volume.forEachPage(all::add));
        return all;
    }

    private int copy(Running checkpoint) {
        List<PageKey> keys = new ArrayList<>(PAGES_PER_LOCK);
        pages.clear();
        log.lockToLook();
        try {
            while (keys.size() < PAGES_PER_LOCK) {
                PageKey key = checkpoint.picture().take(pages);
                if (key == null) {
                    break;
                }
                keys.add(key);
            }
        } finally {
            log.unlock();
        }
        for (int i = 0; i < keys.size(); i++) {
            checkpoint.writer().page(keys.get(i), pages.slice(i * Page.BYTES, Page.BYTES));
        }
        return keys.size();
    }

    private void finish(Running checkpoint) {
        List<Frozen> stored = new ArrayList<>();
        checkpoint.frozen().forEach((key, frozen) -> {
            if (checkpoint.isWhole() || !frozen.isStored) {
                RecordWriter set = new RecordWriter(64);
                frozen.set().write(set);
                checkpoint
                        .writer()
                        .record(
                                CheckpointFile.SET,
                                key.volume(),
                                key.tag(),
                                0,
                                ByteBuffer.wrap(set.array(), 0, set.length()));
                stored.add(frozen);
            }
        });
        checkpoint.writer().finish(checkpoint.meta());
        long bytes = checkpoint.writer().length();
        checkpoint.writer().close();
        disk.syncDirectory(CheckpointFile.FOLDER);
        log.sync(checkpoint.sequence());
        List<Long> old = log.superblock().checkpoints();
        if (!isTailSame(checkpoint)) {
            throw new StorageException.Unavailable("the tail of the log was written elsewhere during a checkpoint");
        }
        log.replaceSuperblock(present -> present.withCheckpoints(chain(checkpoint, present), checkpoint.sequence()));
        log.lockToLook();
        try {
            state.pages.end(checkpoint.picture(), true);
            segments.free(checkpoint.emptied());
        } finally {
            log.unlock();
        }
        stored.forEach(frozen -> frozen.isStored = true);
        running = null;
        appendedAtLast = checkpoint.appended();
        if (checkpoint.isWhole()) {
            wholeBytes = bytes;
            changedBytes = 0;
            old.forEach(number -> disk.delete(CheckpointFile.name(number)));
        } else {
            changedBytes += bytes;
        }
    }

    private boolean isTailSame(Running checkpoint) {
        log.lockToLook();
        try {
            return log.tails() == checkpoint.tails();
        } finally {
            log.unlock();
        }
    }

    private static List<Long> chain(Running checkpoint, Superblock superblock) {
        List<Long> chain = new ArrayList<>(checkpoint.isWhole() ? List.of() : superblock.checkpoints());
        chain.add(checkpoint.number());
        return chain;
    }

    private void abandon(Running checkpoint) {
        running = null;
        isWanted = true;
        log.lockToLook();
        try {
            state.pages.end(checkpoint.picture(), false);
        } finally {
            log.unlock();
        }
        checkpoint.writer().close();
    }

    private byte[] meta() {
        RecordWriter out = new RecordWriter(1 << 12);
        out.u8(META_VERSION).i64(log.sequence()).i64(segments.lastOrdinal()).varint(state.nextVolume);
        Segment open = log.openSegment();
        out.varint(open == null ? 0 : open.number() + 1);
        out.varint(segments.all().size());
        for (Segment segment : segments.all()) {
            // What is empty now is free for whoever loads this: everything up to here is durable then.
            boolean isFree = segment.state == Segment.State.FREE || segment.state == Segment.State.EMPTY;
            out.u8(isFree ? 0 : 1);
            if (!isFree) {
                out.varint(segment.ordinal)
                        .varint(segment.live)
                        .varint(segment.appendSlot)
                        .varint(segment.lastSequence)
                        .u8(segment.isPoisoned ? 1 : 0);
            }
        }
        out.varint(state.volumes.size());
        state.volumes.values().forEach(volume -> volume.write(out));
        out.varint(state.goneFamilies.size());
        state.goneFamilies.forEach((gone, family) -> out.varint(gone).varint(family));
        return out.toBytes();
    }

    /** What loading tells: the sequence that the state is of, the segment that was open, how long the chain's files are. */
    record Loaded(long sequence, @Nullable Segment open, long wholeBytes, long changedBytes) {
        static Loaded nothing() {
            return new Loaded(0, null, 0, 0);
        }
    }

    /** Fills empty state and segments from the chain that the superblock names. */
    static Loaded load(Disk disk, Superblock superblock, StoreState state, Segments segments) {
        List<Long> chain = superblock.checkpoints();
        if (chain.isEmpty()) {
            return Loaded.nothing();
        }
        Map<PageKey, Frozen> frozen = new HashMap<>();
        ByteBuffer meta;
        try (CheckpointFile.Reader last = new CheckpointFile.Reader(disk, superblock.salt(), chain.getLast())) {
            meta = last.meta();
        }
        RecordReader in = new RecordReader(meta.array(), meta.arrayOffset(), meta.arrayOffset() + meta.limit());
        int version = in.u8();
        if (version < META_VERSION_WITHOUT_MARKS || version > META_VERSION) {
            throw new StorageException.Fenced(
                    "the newest checkpoint has format version " + version + ", this Firn reads up to " + META_VERSION);
        }
        long sequence = in.i64();
        segments.sawOrdinal(in.i64());
        int nextVolume = in.small();
        int openNumber = in.small() - 1;
        readSegments(in, segments, openNumber);
        for (int left = in.count(8); left > 0; left--) {
            state.add(VolumeState.read(
                    in,
                    state.pages,
                    version > META_VERSION_WITHOUT_MARKS,
                    (volume, epoch) -> frozen.computeIfAbsent(setKey(volume, epoch), ignored -> new Frozen())));
        }
        for (int left = in.count(2); left > 0; left--) {
            state.goneFamilies.put(in.small(), in.small());
        }
        state.nextVolume = nextVolume;
        long wholeBytes = 0;
        long allBytes = 0;
        for (long number : chain) {
            try (CheckpointFile.Reader file = new CheckpointFile.Reader(disk, superblock.salt(), number)) {
                file.forEach(
                        (type, volume, tag, index, payload) -> place(state, frozen, type, volume, tag, index, payload));
                wholeBytes = wholeBytes == 0 ? file.length() : wholeBytes;
                allBytes += file.length();
            }
        }
        frozen.forEach((key, set) -> {
            if (!set.isFilled()) {
                throw new StorageException.Corrupt(
                        "the checkpoint lacks the blocks of epoch " + key.tag() + " of volume " + key.volume());
            }
        });
        for (VolumeState volume : state.volumes.values()) {
            volume.kept.rebuild();
            volume.dirty.recount();
        }
        segments.index();
        return new Loaded(
                sequence, openNumber < 0 ? null : segments.get(openNumber), wholeBytes, allBytes - wholeBytes);
    }

    private static void readSegments(RecordReader in, Segments segments, int openNumber) {
        int count = in.count(1);
        for (int number = 0; number < count; number++) {
            Segment segment = segments.adopt(number);
            if (in.u8() != 0) {
                segment.ordinal = in.varint();
                segment.live = in.small();
                segment.appendSlot = in.small();
                segment.lastSequence = in.varint();
                segment.isPoisoned = in.u8() != 0;
                segment.state = number == openNumber ? Segment.State.OPEN : Segment.State.CLOSED;
            }
        }
    }

    private static void place(
            StoreState state,
            Map<PageKey, Frozen> frozen,
            int type,
            int volumeId,
            long tag,
            long index,
            ByteBuffer payload) {
        if (type == CheckpointFile.SET) {
            Frozen set = frozen.get(setKey(volumeId, tag));
            if (set != null) {
                byte[] bytes = new byte[payload.remaining()];
                payload.get(bytes);
                set.fill(BlockSet.read(new RecordReader(bytes)));
            }
            return;
        }
        VolumeState volume = state.volumes.get(volumeId);
        PageKey.Kind kind = PageKey.Kind.ofType(type);
        if (volume != null && volume.isCurrent(new PageKey(volumeId, kind, tag, index))) {
            volume.treeOf(kind).findOrCreate(index).copyFrom(payload);
        }
    }
}
