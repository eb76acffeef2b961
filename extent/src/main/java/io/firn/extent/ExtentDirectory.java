package io.firn.extent;

import io.firn.io.Disk;
import io.firn.io.FileStretch;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One folder of extents on one disk. The caller chooses extent ids and the offsets of frames, so that several directories (zones) can
 * hold the same frames at the same coordinates.
 *
 * <p><b>Rules for the caller.</b> Frames do not overlap. A place that may have been written is not written again with other bytes, also
 * not after a crash: recovery continues behind {@link #lengthBytes} (the largest over the zones). The same bytes may be written to
 * the same place any number of times. Ids are not used again after a delete.
 *
 * <p><b>Durability.</b> Nothing is durable before {@link #sync} of its extent returns; then every frame whose {@link #write} had
 * returned is, and the extent's name too. {@link #seal} is durable on return. A {@link #delete} is durable after a later sync of any
 * newly created extent; a deleted extent that a crash brings back is to be deleted again.
 *
 * <p><b>Failures.</b> After a failed sync, or a write that failed twice, an extent is poisoned: every later write, sync and seal throws
 * {@link StorageException.DiskFailed} until the directory is opened again, and what was not synced is to be written elsewhere. Reads
 * go on. A full disk ({@link StorageException.OutOfSpace}) poisons nothing: the frame's place holds anything, and the write may be
 * repeated.
 *
 * <p><b>Threads.</b> Safe for use by many threads; writes run beside each other, callers of sync share syncs. A call may block on the
 * disk.
 */
public final class ExtentDirectory implements AutoCloseable {
    private static final int SMALL_SCRATCHES = 64;
    private static final int LARGE_SCRATCHES = 8;
    private static final Comparator<EncodedFrame> BY_PLACE = Comparator.<EncodedFrame>comparingLong(
                    frame -> frame.ref().extentId())
            .thenComparingLong(frame -> frame.ref().offset());

    private final Disk disk;
    private final String folder;
    private final OpenFiles openFiles;
    private final Scratch.Pool small = new Scratch.Pool(SMALL_SCRATCHES, FrameReader.SMALL_BYTES);
    private final Scratch.Pool large = new Scratch.Pool(LARGE_SCRATCHES, ExtentFormat.PAYLOAD_BYTES_MAX);
    private final VerifiedBlocks verified = new VerifiedBlocks();
    private final FrameReader reader = new FrameReader(small, large, verified);
    private final ConcurrentMap<Long, ExtentFile> extents = new ConcurrentHashMap<>();
    private final ReentrantLock creating = new ReentrantLock();
    private volatile boolean closed;

    private ExtentDirectory(Disk disk, String folder, ExtentOptions options) {
        this.disk = disk;
        this.folder = folder;
        this.openFiles = new OpenFiles(options.openFiles());
    }

    /**
     * Opens a folder, making it when it does not exist. Lists its names and makes them durable; reads no data, so damage and newer
     * format versions show at the first use of an extent. Files with other names are left alone.
     */
    public static ExtentDirectory open(Disk disk, String folder, ExtentOptions options) {
        ExtentDirectory directory = new ExtentDirectory(disk, folder, options);
        if (!folder.isEmpty()) {
            disk.createDirectory(folder);
        }
        for (String name : disk.list(folder)) {
            ExtentNames.parse(name).ifPresent(id -> directory.extents.put(id, directory.extent(id, true)));
        }
        // A name we see may have been made by a process that died before syncing it.
        if (!directory.extents.isEmpty()) {
            disk.syncDirectory(folder);
        }
        return directory;
    }

    /** The ids of the extents, ascending. */
    public long[] extents() {
        return extents.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    }

    /** The highest id, or -1 when there is no extent. */
    public long highestId() {
        return extents.keySet().stream().mapToLong(Long::longValue).max().orElse(-1);
    }

    public boolean contains(long extentId) {
        return extents.containsKey(extentId);
    }

    /**
     * Makes a new, empty extent; durable with its first {@link #sync}. A failure leaves no extent behind.
     *
     * @throws IllegalArgumentException when it exists or the id is negative
     */
    public void create(long extentId) {
        if (!tryCreate(extentId)) {
            throw new IllegalArgumentException("extent " + extentId + " exists");
        }
    }

    /**
     * Brings an extent into a state that frames can be written to, whatever a crash left of it: makes it when it is missing, writes its
     * superblock again when that is not whole. Durable with the next {@link #sync}.
     */
    public void ensure(long extentId) {
        while (true) {
            ExtentFile extent = extents.get(extentId);
            if (extent != null) {
                extent.ensure();
                return;
            }
            if (tryCreate(extentId)) {
                return;
            }
        }
    }

    private boolean tryCreate(long extentId) {
        checkOpen();
        if (extentId < 0) {
            throw new IllegalArgumentException("extent id is negative: " + extentId);
        }
        creating.lock();
        try {
            if (extents.containsKey(extentId)) {
                return false;
            }
            ExtentFile extent = extent(extentId, false);
            extent.create();
            extents.put(extentId, extent);
            return true;
        } finally {
            creating.unlock();
        }
    }

    /**
     * Writes a frame at its place; many threads at once. Not durable until {@link #sync}.
     *
     * @throws IllegalArgumentException when the extent is sealed and does not have this very frame
     */
    public void write(EncodedFrame frame) {
        existing(frame.ref().extentId()).write(frame);
    }

    /**
     * Writes frames in any order, as {@link #write(EncodedFrame)} does each; those that lie side by side go to the disk in one write.
     * After a failure any of them may be written.
     */
    public void write(List<EncodedFrame> frames) {
        if (frames.size() == 1) {
            write(frames.getFirst());
            return;
        }
        List<EncodedFrame> ordered = new ArrayList<>(frames);
        ordered.sort(BY_PLACE);
        Scratch scratch = large.take();
        try {
            int end;
            for (int from = 0; from < ordered.size(); from = end) {
                end = endOfRun(ordered, from, scratch.buffer.capacity());
                ExtentFile extent = existing(ordered.get(from).ref().extentId());
                if (end - from == 1) {
                    extent.write(ordered.get(from));
                } else {
                    extent.write(ordered.subList(from, end), scratch.buffer);
                }
            }
        } finally {
            large.give(scratch);
        }
    }

    /** The index behind the frames that touch each other from {@code from} on and fit {@code maxBytes} together. */
    private static int endOfRun(List<EncodedFrame> ordered, int from, int maxBytes) {
        ExtentRef first = ordered.get(from).ref();
        ExtentRef last = first;
        int end = from + 1;
        while (end < ordered.size()) {
            ExtentRef next = ordered.get(end).ref();
            boolean isTouching = next.extentId() == last.extentId() && next.offset() == last.endOffset();
            if (!isTouching || next.endOffset() - first.offset() > maxBytes) {
                break;
            }
            last = next;
            end++;
        }
        return end;
    }

    /** Returns when every frame of the extent whose write had returned before the call is durable. No I/O when there is nothing new. */
    public void sync(long extentId) {
        existing(extentId).sync();
    }

    /**
     * Reads payload bytes from {@code offsetInPayload} until the target is full or the payload ends; returns the bytes read, 0 at the end.
     * Everything returned was verified: the header against the reference, each touched block against the header. A failure leaves the
     * target's position alone and its bytes undefined.
     *
     * @throws StorageException.Corrupt when the frame is not what the reference says; another zone may have it
     * @throws StorageException.Unavailable when there is no such extent, or its format is newer
     */
    public int read(ExtentRef ref, int offsetInPayload, ByteBuffer target) {
        if (offsetInPayload < 0 || offsetInPayload > ref.length()) {
            throw new IllegalArgumentException(
                    "offset " + offsetInPayload + " is outside a payload of " + ref.length() + " bytes");
        }
        return existing(ref.extentId()).read(ref, offsetInPayload, target);
    }

    /**
     * Lends payload bytes from {@code offsetInPayload}, at most {@code mostBytes} of them, as they lie in the file: only when all of them
     * were lately verified (see {@link #ageVerified}) and the disk has a channel to lend, else empty. Whoever gets them closes them.
     */
    public Optional<FileStretch> lend(ExtentRef ref, int offsetInPayload, int mostBytes) {
        int length = Math.min(mostBytes, ref.length() - offsetInPayload);
        if (length < 1 || !verified.covers(ref, offsetInPayload, offsetInPayload + length)) {
            return Optional.empty();
        }
        return existing(ref.extentId()).lend(ref, offsetInPayload, length);
    }

    /** What was verified before the previous call is no longer lately verified. To be called now and then, by who has a clock. */
    public void ageVerified() {
        verified.age();
    }

    /** Reads and verifies a whole frame; fails as {@link #read} does. */
    public void verify(ExtentRef ref) {
        existing(ref.extentId()).verify(ref);
    }

    /** Seals an extent with the frames that a walk finds; see {@link #seal(long, List)}. */
    public void seal(long extentId) {
        ExtentFile extent = existing(extentId);
        extent.seal(extent.frames());
    }

    /**
     * Syncs the extent, appends a footer with the given frames (in any order) and marks the extent sealed: walking it is then one read,
     * and it takes no new frames. Durable on return; a crash before leaves it sealed or not. Sealing again with the same frames makes
     * sure of it. Waits for writes in progress.
     *
     * @throws IllegalArgumentException when a frame is of another extent or overlaps another, or the extent is sealed with other frames
     */
    public void seal(long extentId, List<FrameEntry> frames) {
        existing(extentId).seal(frames);
    }

    public boolean isSealed(long extentId) {
        return existing(extentId).isSealed();
    }

    /**
     * The frames of an extent, ascending by offset: from the footer when sealed, else (or when the footer is damaged) by scanning for
     * headers, passing over whatever a crash left between them. A frame found by scanning has a whole header; its payload may be torn
     * if it was never synced: {@link #verify} tells. Never fails for what the bytes are.
     */
    public List<FrameEntry> frames(long extentId) {
        return existing(extentId).frames();
    }

    /** Removes an extent and gives its space back when the last read in progress ends; nothing happens when there is none. */
    public void delete(long extentId) {
        checkOpen();
        ExtentFile extent = extents.get(extentId);
        if (extent != null) {
            extent.delete();
            extents.remove(extentId, extent);
        }
    }

    /** The length of the extent's file. */
    public long lengthBytes(long extentId) {
        return existing(extentId).lengthBytes();
    }

    /** Closes all files when the last use in progress ends; syncs nothing. */
    @Override
    public void close() {
        closed = true;
        extents.values().forEach(ExtentFile::close);
    }

    ExtentFile existing(long extentId) {
        checkOpen();
        ExtentFile extent = extents.get(extentId);
        if (extent == null) {
            throw new StorageException.Unavailable(
                    "there is no extent " + extentId + " in " + (folder.isEmpty() ? "the root" : folder));
        }
        return extent;
    }

    private ExtentFile extent(long extentId, boolean existing) {
        return new ExtentFile(disk, folder, extentId, existing, reader, small, openFiles);
    }

    private void checkOpen() {
        if (closed) {
            throw new StorageException.Closed("extent directory " + folder + " is closed");
        }
    }
}
