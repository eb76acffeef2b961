package io.firn.blockstore;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Invariant;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The files of the log: which there are, which are free, how much of each is referred to, which are open.
 *
 * <p>A file whose last block died is used again only after a checkpoint that no longer refers to it is durable: until then a crash may
 * bring back a map that does.
 *
 * <p><b>Threads.</b> {@link #file} may be called by anybody inside a reader epoch; the rest is under the log's lock.
 */
final class Segments {
    static final String FOLDER = "segments";

    /** Free files that are kept ready: what a fast writer fills while the next one is made. */
    private static final int SPARE_SEGMENTS = 4;

    /** With fewer left than this none is made ahead: the room is for what is needed now. */
    private static final int AHEAD_SEGMENTS = 16;

    /**
     * With fewer left than this share of all, in these bounds, they are scarce. A share, because what is left unused of a small log makes
     * cleaning dearer; bounded, because it has to last for as long as a checkpoint takes.
     */
    private static final int SCARCE_SHARE = 16;

    private static final int SCARCE_MIN = 4;
    private static final int SCARCE_MAX = 8;

    private record Closing(DiskFile file, long epoch) {}

    private record Quarantined(Segment segment, long epoch) {}

    private final Disk disk;
    private final VolumeStoreOptions options;
    private final ReaderEpochs readers;
    private final List<Segment> all = new ArrayList<>();
    private final TreeSet<Integer> free = new TreeSet<>();
    /** Free as far as checkpoints go; a reader that came before may still look into them. */
    private final ArrayDeque<Quarantined> quarantine = new ArrayDeque<>();

    private final ArrayDeque<Segment> openHandles = new ArrayDeque<>();
    private final ArrayDeque<Closing> closing = new ArrayDeque<>();
    private final Object handles = new Object();
    private long lastOrdinal;
    private long freed;
    private volatile boolean isScarce;

    Segments(Disk disk, VolumeStoreOptions options, ReaderEpochs readers) {
        this.disk = disk;
        this.options = options;
        this.readers = readers;
    }

    static String name(int number) {
        return FOLDER + "/" + String.format("%06x", number);
    }

    int slots() {
        return (int) (options.segmentBytes() / Block.BYTES);
    }

    List<Segment> all() {
        return all;
    }

    Segment get(int number) {
        return all.get(number);
    }

    /** Makes room in the table for a segment that a checkpoint or a recovery names. */
    Segment adopt(int number) {
        while (all.size() <= number) {
            all.add(new Segment(all.size()));
        }
        return all.get(number);
    }

    long lastOrdinal() {
        return lastOrdinal;
    }

    void sawOrdinal(long ordinal) {
        lastOrdinal = Math.max(lastOrdinal, ordinal);
    }

    /** Finds the free ones after loading. */
    void index() {
        free.clear();
        all.stream()
                .filter(segment -> segment.state == Segment.State.FREE)
                .forEach(segment -> free.add(segment.number()));
    }

    /** How many more segments the log may take: those that are free and those that may still be made. */
    long available() {
        leaveQuarantine();
        return count();
    }

    private long count() {
        long limit = options.capacityBytes() / options.segmentBytes();
        long unmade = options.capacityBytes() == 0
                ? Math.max(0, disk.usableBytes() - options.reserveBytes()) / options.segmentBytes()
                : Math.max(0, limit - all.size());
        return free.size() + unmade;
    }

    /** True when few were left when one was last taken or freed: cleaning is then due, and writers help. For any thread. */
    boolean isScarce() {
        return isScarce;
    }

    private boolean areFewLeft() {
        long left = count();
        return left < Math.clamp((all.size() + left) / SCARCE_SHARE, SCARCE_MIN, SCARCE_MAX);
    }

    /**
     * A segment to append to, from the free ones or new: header written and, when the file is new, its name durable.
     *
     * @throws StorageException.OutOfSpace when no more may be made
     */
    Segment open(long storeSalt) {
        leaveQuarantine();
        Integer number = free.pollFirst();
        if (number == null) {
            if (available() == 0 || all.size() > MapEntry.SEGMENT_MAX) {
                throw new StorageException.OutOfSpace(
                        "the volumes' log is full: " + all.size() + " segments of " + options.segmentBytes()
                                + " bytes; trim or delete something, or release sealed views",
                        null);
            }
            number = all.size();
        }
        Segment segment = adopt(number);
        try {
            segment.ordinal = ++lastOrdinal;
            DiskFile file = segment.isNamed ? file(segment) : create(segment);
            file.write(LogFormat.segmentHeader(storeSalt, number, segment.ordinal), 0);
            if (!segment.isNamed) {
                file.sync();
                disk.syncDirectory(FOLDER);
                segment.isNamed = true;
            }
        } catch (StorageException e) {
            // The bytes that are there belong to no life: the next one writes its own header.
            free.add(number);
            forget(segment);
            throw e;
        }
        segment.state = Segment.State.OPEN;
        segment.appendSlot = 1;
        segment.live = 0;
        segment.lastSequence = 0;
        segment.isPoisoned = false;
        segment.isUnsynced = true;
        isScarce = areFewLeft();
        return segment;
    }

    /**
     * A segment whose file had better be made ahead with {@link #make}: syncing its name takes as long as many writes, which would wait.
     * Empty when enough are free, or few more may be made.
     */
    Optional<Segment> wanted() {
        if (free.size() >= SPARE_SEGMENTS || available() <= AHEAD_SEGMENTS || all.size() > MapEntry.SEGMENT_MAX) {
            return Optional.empty();
        }
        return Optional.of(adopt(all.size()));
    }

    /** Makes the file of a {@link #wanted} segment, its name durable; without the log's lock. {@link #made} follows, whatever comes of it. */
    void make(Segment segment) {
        try {
            create(segment).sync();
            disk.syncDirectory(FOLDER);
        } catch (StorageException e) {
            forget(segment);
            throw e;
        }
    }

    /** It is free. A file that could not be made, or not durably, is made when the segment is opened. */
    void made(Segment segment, boolean isNamed) {
        segment.isNamed = isNamed;
        free.add(segment.number());
    }

    private DiskFile create(Segment segment) {
        String name = name(segment.number());
        // A file that nothing names is what a crash left of one.
        disk.delete(name);
        DiskFile file = disk.open(name, Disk.OpenMode.CREATE);
        opened(segment, file);
        return file;
    }

    void retain(long entry) {
        if (MapEntry.isData(entry)) {
            all.get(MapEntry.segment(entry)).live++;
        }
    }

    void release(long entry) {
        if (MapEntry.isData(entry)) {
            Segment segment = all.get(MapEntry.segment(entry));
            segment.live--;
            Invariant.check(segment.live >= 0, "segment %d has %d references", segment.number(), segment.live);
            if (segment.live == 0 && segment.state == Segment.State.CLOSED) {
                segment.state = Segment.State.EMPTY;
            }
        }
    }

    /** No more batches go to this one. */
    void close(Segment segment) {
        segment.state = segment.live == 0 ? Segment.State.EMPTY : Segment.State.CLOSED;
    }

    /** Nothing more is written to this life of the file; what it holds durably can still be read, through another handle. */
    void poison(Segment segment) {
        segment.isPoisoned = true;
        segment.isUnsynced = false;
        close(segment);
        forget(segment);
    }

    /** Those whose emptiness the checkpoint that begins now will show. */
    List<Segment> empty() {
        return all.stream()
                .filter(segment -> segment.state == Segment.State.EMPTY
                        && quarantine.stream()
                                .noneMatch(entry -> entry.segment().equals(segment)))
                .toList();
    }

    /** They may be used again. */
    void free(List<Segment> emptied) {
        for (Segment segment : emptied) {
            Invariant.check(
                    segment.live == 0, "segment %d is freed with %d references", segment.number(), segment.live);
            quarantine.addLast(new Quarantined(segment, readers.advance()));
        }
        leaveQuarantine();
    }

    private void leaveQuarantine() {
        long before = freed;
        while (!quarantine.isEmpty()
                && readers.isQuietBefore(quarantine.getFirst().epoch())) {
            Segment segment = quarantine.removeFirst().segment();
            segment.state = Segment.State.FREE;
            free.add(segment.number());
            freed++;
        }
        if (isScarce && freed > before) {
            isScarce = areFewLeft();
        }
    }

    /** Some would be free but for a reader that may still be inside. */
    boolean awaitsReaders() {
        leaveQuarantine();
        return !quarantine.isEmpty();
    }

    /** How many were freed since the store was opened. */
    long freed() {
        leaveQuarantine();
        return freed;
    }

    int freeCount() {
        return free.size();
    }

    /** Its open file, opened when it is not; to be used within a reader epoch or the log's lock. */
    DiskFile file(Segment segment) {
        DiskFile open = segment.handle;
        if (open != null) {
            return open;
        }
        synchronized (handles) {
            open = segment.handle;
            if (open == null) {
                open = disk.open(name(segment.number()), Disk.OpenMode.WRITE);
                opened(segment, open);
            }
            return open;
        }
    }

    private void opened(Segment segment, DiskFile file) {
        synchronized (handles) {
            segment.handle = file;
            openHandles.addLast(segment);
            for (int looks = openHandles.size(); looks > 0 && openHandles.size() > options.openFiles(); looks--) {
                Segment oldest = openHandles.removeFirst();
                if (oldest.equals(segment) || oldest.state == Segment.State.OPEN || oldest.isUnsynced) {
                    openHandles.addLast(oldest);
                } else {
                    retire(oldest);
                }
            }
            closeQuiet();
        }
    }

    /** Lets go of a handle that a failed write has spoiled; the next use opens the file again. */
    void forget(Segment segment) {
        synchronized (handles) {
            openHandles.remove(segment);
            retire(segment);
            closeQuiet();
        }
    }

    /** Readers may be inside: it is closed when they have left. */
    private void retire(Segment segment) {
        @Nullable DiskFile file = segment.handle;
        segment.handle = null;
        if (file != null) {
            closing.addLast(new Closing(file, readers.advance()));
        }
    }

    private void closeQuiet() {
        while (!closing.isEmpty() && readers.isQuietBefore(closing.getFirst().epoch())) {
            closing.removeFirst().file().close();
        }
    }

    void closeAll() {
        synchronized (handles) {
            openHandles.forEach(this::retire);
            openHandles.clear();
            closing.forEach(entry -> entry.file().close());
            closing.clear();
        }
    }

    /** Reads whole slots; what is missing at the end of the file reads as zeros. */
    void read(Segment segment, int slot, ByteBuffer target) {
        int wanted = target.remaining();
        int start = target.position();
        int read = file(segment).read(target, (long) slot * Block.BYTES);
        if (read < wanted) {
            while (target.hasRemaining()) {
                target.put((byte) 0);
            }
        }
        target.position(start + wanted);
    }
}
