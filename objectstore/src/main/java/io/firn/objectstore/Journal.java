package io.firn.objectstore;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.objectstore.StoreFormat.StoreId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * The write end of the journal: appends batches to the same segment in every zone.
 *
 * <p>A segment is made when the one before is full, when the store opens, and when a write or a sync failed: the failed batch is then
 * written again to the new segment, whose name (its first sequence) tells recovery to pass over what the old one may hold of it.
 *
 * <p>One thread at a time; {@link CommitLog} sees to that.
 */
final class Journal implements AutoCloseable {
    private static final int ZEROS_BYTES = 1 << 20;

    /** Segments' worth of room that must be left for a spare to be worth its own. */
    private static final int SPARE_ROOM = 4;

    /** More than this appended between two looks at the spare means that the disk is needed for commits. */
    private static final long BUSY_BYTES = 1 << 20;

    private final Zones zones;
    private final StoreId store;
    private final RandomGenerator random;
    private final ObjectStoreOptions options;

    /** First sequence of every segment there is, with its length once closed. */
    private final TreeMap<Long, Long> segments = new TreeMap<>();

    private final Map<Zone, DiskFile> files = new HashMap<>();
    private long salt;
    private long position;
    private boolean isAllocated;

    /** True when every healthy zone has a spare, so that beginning a segment early pays. */
    private volatile boolean isSpareReady;

    private final AtomicLong appendedBytes = new AtomicLong();

    /** Of the thread that prepares spares. */
    private long appendedAtLastLook;

    Journal(Zones zones, StoreId store, RandomGenerator random, ObjectStoreOptions options) {
        this.zones = zones;
        this.store = store;
        this.random = random;
        this.options = options;
    }

    /** Takes note of a segment that recovery found. */
    void adopt(long firstSeq, long bytes) {
        segments.put(firstSeq, bytes);
    }

    StoreId store() {
        return store;
    }

    long salt() {
        return salt;
    }

    /**
     * True when a batch of this size goes to a new segment: there is none, it is full, or its blocks are not allocated yet while a spare's
     * are (a sync of a file that grows costs several times that of one that is overwritten).
     */
    boolean needsSegment(long batchBytes) {
        return files.isEmpty()
                || (isSpareReady && !isAllocated)
                || (position > JournalFormat.SEGMENT_HEADER_BYTES
                        && position + batchBytes > options.journalSegmentBytes());
    }

    /** Empties the journal of a zone that is about to be repaired: what it has may be history that was written again elsewhere. */
    static void forget(Zone zone) {
        for (String file : zone.disk().list(JournalFormat.FOLDER)) {
            zone.disk().delete(JournalFormat.FOLDER + "/" + file);
        }
    }

    /** Begins the segment of {@code firstSeq} in every healthy zone; durable on return. */
    void startSegment(long firstSeq) {
        if (!segments.isEmpty() && segments.containsKey(firstSeq)) {
            removeSegment(firstSeq);
        }
        closeFiles();
        if (!segments.isEmpty()) {
            segments.put(segments.lastKey(), position);
        }
        salt = random.nextLong();
        isAllocated = isSpareReady;
        isSpareReady = false;
        String name = JournalFormat.segmentName(firstSeq);
        try {
            zones.onEach(zone -> files.put(zone, createSegment(zone.disk(), name, firstSeq)));
        } catch (RuntimeException e) {
            closeFiles();
            throw e;
        }
        segments.put(firstSeq, (long) JournalFormat.SEGMENT_HEADER_BYTES);
        position = JournalFormat.SEGMENT_HEADER_BYTES;
    }

    private DiskFile createSegment(Disk disk, String name, long firstSeq) {
        disk.delete(name);
        if (disk.exists(JournalFormat.SPARE)) {
            disk.rename(JournalFormat.SPARE, name);
        } else {
            disk.open(name, Disk.OpenMode.CREATE).close();
        }
        DiskFile file = disk.open(name, Disk.OpenMode.WRITE);
        try {
            file.write(JournalFormat.segmentHeader(store, firstSeq, salt), 0);
            file.sync();
            disk.syncDirectory(JournalFormat.FOLDER);
            return file;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Appends a batch to the segment in every healthy zone and, if {@code isSynced}, returns when it is durable. Fails whole: then the
     * segment is done with, and the caller begins another before it appends again.
     */
    void append(ByteBuffer batch, boolean isSynced) {
        long at = position;
        try {
            zones.onEachInParallel(zone -> {
                DiskFile file = files.get(zone);
                if (file == null) {
                    throw new StorageException.Unavailable("zone " + zone.name() + " has no open journal segment");
                }
                file.write(batch.duplicate(), at);
                if (isSynced) {
                    file.sync();
                }
            });
        } catch (RuntimeException e) {
            closeFiles();
            throw e;
        }
        position += batch.remaining();
        appendedBytes.addAndGet(batch.remaining());
    }

    /** Makes all that was appended durable, whatever the options say. */
    void sync() {
        zones.onEachInParallel(zone -> {
            DiskFile file = files.get(zone);
            if (file != null) {
                file.sync();
            }
        });
    }

    /** Bytes of journal that are kept. */
    long keptBytes() {
        long bytes = position;
        for (long closed :
                segments.headMap(segments.isEmpty() ? 0 : segments.lastKey()).values()) {
            bytes += closed;
        }
        return bytes;
    }

    /** Removes the segments that hold no record after {@code seq}; one is kept as a spare whose blocks are already allocated. */
    void removeThrough(long seq) {
        List<Long> removable = new ArrayList<>();
        for (Long firstSeq : segments.keySet()) {
            Long next = segments.higherKey(firstSeq);
            if (next != null && next <= seq + 1) {
                removable.add(firstSeq);
            }
        }
        removable.forEach(this::removeSegment);
    }

    private void removeSegment(long firstSeq) {
        String name = JournalFormat.segmentName(firstSeq);
        boolean isSpare = segments.getOrDefault(firstSeq, 0L) > options.journalSegmentBytes() / 2;
        for (Zone zone : zones.healthy()) {
            Disk disk = zone.disk();
            if (!disk.exists(name)) {
                continue;
            }
            if (isSpare && !disk.exists(JournalFormat.SPARE)) {
                disk.rename(name, JournalFormat.SPARE);
            } else {
                disk.delete(name);
            }
            disk.syncDirectory(JournalFormat.FOLDER);
        }
        segments.remove(firstSeq);
    }

    /**
     * Makes a spare of written zeros in each zone that has none and room for it. Beside appends, on another thread; while there are many,
     * only a segment that was removed serves as a spare: zeros would take as much of the disk as the commits that they are to speed up.
     */
    void prepareSpare() {
        long appended = appendedBytes.get();
        boolean isBusy = appended - appendedAtLastLook > BUSY_BYTES;
        appendedAtLastLook = appended;
        if (isSpareReady) {
            return;
        }
        boolean isReady = true;
        for (Zone zone : zones.healthy()) {
            isReady &= hasSpare(zone.disk(), isBusy);
        }
        isSpareReady = isReady;
    }

    private boolean hasSpare(Disk disk, boolean isBusy) {
        if (disk.exists(JournalFormat.SPARE)) {
            return true;
        }
        if (isBusy) {
            return false;
        }
        if (disk.usableBytes() < options.reserveBytes() + SPARE_ROOM * options.journalSegmentBytes()) {
            return false;
        }
        String fresh = JournalFormat.SPARE + ".new";
        disk.delete(fresh);
        try (DiskFile file = disk.open(fresh, Disk.OpenMode.CREATE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
            for (long at = 0; at < options.journalSegmentBytes(); at += ZEROS_BYTES) {
                file.write(zeros.clear(), at);
            }
            file.sync();
        }
        disk.rename(fresh, JournalFormat.SPARE);
        disk.syncDirectory(JournalFormat.FOLDER);
        return true;
    }

    private void closeFiles() {
        files.values().forEach(DiskFile::close);
        files.clear();
    }

    @Override
    public void close() {
        closeFiles();
    }
}
