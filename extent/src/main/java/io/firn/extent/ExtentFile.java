package io.firn.extent;

import io.firn.extent.ExtentFormat.Seal;
import io.firn.extent.ExtentFormat.SealState;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.FileStretch;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One extent: its handles, its group sync, what is known of its preamble.
 *
 * <p>Reading, writing and syncing have a handle each, because a handle that failed refuses everything: so reads go on after a failed
 * sync, and a write that found the disk full does not make the sync of others look failed. Syncing through another handle covers the
 * writes: fdatasync is about the file, not the descriptor.
 */
final class ExtentFile {
    enum Role {
        READ,
        WRITE,
        SYNC
    }

    private enum Life {
        LIVE,
        DELETED,
        CLOSED
    }

    /** What the start of the file says. */
    private record Preamble(boolean superblockWhole, SealState sealState, Optional<Seal> seal) {}

    private final Disk disk;
    private final String folder;
    private final String name;
    private final long id;
    private final FrameReader reader;
    private final Scratch.Pool small;
    private final OpenFiles openFiles;
    private final GroupSync group;

    private final AtomicReference<@Nullable Handle> reading = new AtomicReference<>();
    private final AtomicReference<@Nullable Handle> writing = new AtomicReference<>();
    private final AtomicReference<@Nullable Handle> syncing = new AtomicReference<>();
    private final ReentrantLock opening = new ReentrantLock();
    /** Writers share it; sealing, repairing the superblock and closing the write handle are alone. Taken before {@link #opening}. */
    private final ReentrantReadWriteLock sealing = new ReentrantReadWriteLock();

    private volatile Life life = Life.LIVE;
    private volatile boolean nameDurable;
    private volatile boolean superblockWritten;
    private volatile @Nullable Preamble preamble;
    private volatile @Nullable List<FrameEntry> sealedFrames;

    ExtentFile(
            Disk disk,
            String folder,
            long id,
            boolean existing,
            FrameReader reader,
            Scratch.Pool small,
            OpenFiles openFiles) {
        this.disk = disk;
        this.folder = folder;
        this.name = folder.isEmpty() ? ExtentNames.name(id) : folder + "/" + ExtentNames.name(id);
        this.id = id;
        this.reader = reader;
        this.small = small;
        this.openFiles = openFiles;
        // Bytes of an earlier process may still be on their way: the first sync is never skipped.
        this.group = new GroupSync("extent " + id + " (" + name + ")", existing);
        this.nameDurable = existing;
    }

    void create() {
        opening.lock();
        try {
            DiskFile file = disk.open(name, Disk.OpenMode.CREATE);
            try {
                file.write(ExtentFormat.superblock(id), 0);
            } catch (RuntimeException e) {
                discardCreated(file, e);
                throw e;
            }
            file.close();
            group.wrote();
            superblockWritten = true;
            preamble = new Preamble(true, SealState.OPEN, Optional.empty());
        } finally {
            opening.unlock();
        }
    }

    private void discardCreated(DiskFile file, RuntimeException cause) {
        life = Life.DELETED;
        try {
            file.close();
            disk.delete(name);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Writes the superblock again, once, even if it can be read: after a sync that failed in an earlier process, what can be read need
     * not be on the disk, and only writing it again puts it there.
     */
    void ensure() {
        sealing.writeLock().lock();
        try {
            // Refuses a newer version, and a file under another's name.
            preamble();
            if (superblockWritten) {
                return;
            }
            group.checkUsable();
            put(0, ExtentFormat.superblock(id));
            superblockWritten = true;
            preamble = null;
        } finally {
            sealing.writeLock().unlock();
        }
    }

    void write(EncodedFrame frame) {
        sealing.readLock().lock();
        try {
            checkTakes(frame.ref());
            int bytes =
                    ExtentFormat.headerBytes(frame.ref().length()) + frame.ref().length();
            if (bytes <= FrameReader.SMALL_BYTES) {
                writeSmall(frame, bytes);
            } else {
                // Payload first: whoever finds the header while we write finds the payload too.
                put(frame.ref().offset() + frame.header().remaining(), frame.payload());
                put(frame.ref().offset(), frame.header());
            }
        } finally {
            sealing.readLock().unlock();
        }
    }

    /** Writes frames that touch each other, in order, at once; {@code buffer} holds them all. */
    void write(List<EncodedFrame> run, ByteBuffer buffer) {
        sealing.readLock().lock();
        try {
            long start = run.getFirst().ref().offset();
            buffer.clear();
            for (EncodedFrame frame : run) {
                checkTakes(frame.ref());
                while (start + buffer.position() < frame.ref().offset()) {
                    buffer.put((byte) 0);
                }
                buffer.put(frame.header()).put(frame.payload());
            }
            put(start, buffer.flip());
        } finally {
            sealing.readLock().unlock();
        }
    }

    private void checkTakes(ExtentRef ref) {
        group.checkUsable();
        Preamble known = preamble();
        if (!known.superblockWhole) {
            throw new StorageException.Corrupt(
                    "extent " + id + " (" + name + ") has no whole superblock: ensure it before writing");
        }
        if (known.sealState != SealState.OPEN) {
            checkSealedHas(ref);
        }
    }

    private void writeSmall(EncodedFrame frame, int bytes) {
        Scratch scratch = small.take();
        try {
            scratch.buffer.clear().limit(bytes);
            scratch.buffer.put(frame.header()).put(frame.payload()).flip();
            put(frame.ref().offset(), scratch.buffer);
        } finally {
            small.give(scratch);
        }
    }

    private void checkSealedHas(ExtentRef ref) {
        List<FrameEntry> frames = sealedFrames;
        if (frames == null) {
            frames = frames();
            sealedFrames = frames;
        }
        int low = 0;
        int high = frames.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            ExtentRef found = frames.get(middle).ref();
            if (found.equals(ref)) {
                return;
            }
            if (found.offset() < ref.offset()) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new IllegalArgumentException("extent " + id + " is sealed and has no " + Frame.describe(ref));
    }

    /**
     * Writes, once more through a fresh handle when the handle was found broken: another writer's full disk may have broken it, and
     * the same bytes at the same place can be written any number of times. A second failure poisons the extent.
     */
    private void put(long offset, ByteBuffer bytes) {
        int start = bytes.position();
        for (int attempt = 1; ; attempt++) {
            try (Handle handle = acquire(Role.WRITE)) {
                try {
                    handle.file.write(bytes.position(start), offset);
                    group.wrote();
                    return;
                } catch (StorageException.OutOfSpace e) {
                    retire(Role.WRITE, handle);
                    throw e;
                } catch (StorageException e) {
                    retire(Role.WRITE, handle);
                    if (attempt == 2) {
                        group.poison(e);
                        group.checkUsable();
                    }
                }
            }
        }
    }

    void sync() {
        group.sync(() -> acquire(Role.SYNC), this::force);
    }

    private void force(Handle handle) {
        handle.file.sync();
        if (!nameDurable) {
            disk.syncDirectory(folder);
            nameDurable = true;
        }
    }

    int read(ExtentRef ref, int offsetInPayload, ByteBuffer target) {
        preamble();
        try (Handle handle = acquire(Role.READ)) {
            return reader.read(handle.file, ref, offsetInPayload, target);
        }
    }

    Optional<FileStretch> lend(ExtentRef ref, int offsetInPayload, int length) {
        long position = ref.offset() + ExtentFormat.headerBytes(ref.length()) + offsetInPayload;
        Handle handle = acquire(Role.READ);
        Optional<FileStretch> lent = Optional.empty();
        try {
            lent = handle.file
                    .channelToLend()
                    .map(channel -> new FileStretch(channel, position, length, handle::close));
            return lent;
        } finally {
            if (lent.isEmpty()) {
                handle.close();
            }
        }
    }

    void verify(ExtentRef ref) {
        preamble();
        try (Handle handle = acquire(Role.READ)) {
            reader.verify(handle.file, ref);
        }
    }

    void seal(List<FrameEntry> frames) {
        List<FrameEntry> table = checkedTable(frames);
        sealing.writeLock().lock();
        try {
            group.checkUsable();
            Preamble known = preamble();
            if (known.sealState != SealState.OPEN && !frames().equals(table)) {
                throw new IllegalArgumentException("extent " + id + " is sealed already, with other frames");
            }
            ByteBuffer footer = Footer.encode(id, table);
            // A seal that is there is written again, like a superblock in ensure(): it may not be on the disk yet.
            long offset = known.seal.map(Seal::footerOffset).orElseGet(() -> footerOffset(table));
            Seal seal = new Seal(offset, footer.limit(), crc(footer));
            put(seal.footerOffset(), footer);
            sync();
            put(ExtentFormat.SEAL_OFFSET, ExtentFormat.sealMark(id, seal));
            preamble = null;
            sync();
        } finally {
            sealing.writeLock().unlock();
        }
    }

    /** Behind everything, so that a seal never overwrites: neither frames left out of the table nor an earlier, torn footer. */
    private long footerOffset(List<FrameEntry> table) {
        long end = table.isEmpty()
                ? ExtentFormat.FIRST_FRAME_OFFSET
                : table.get(table.size() - 1).ref().endOffset();
        return ExtentFormat.alignUp(Math.max(end, lengthBytes()));
    }

    private List<FrameEntry> checkedTable(List<FrameEntry> frames) {
        List<FrameEntry> table = new ArrayList<>(frames);
        table.sort(Comparator.comparingLong(frame -> frame.ref().offset()));
        long end = 0;
        for (FrameEntry frame : table) {
            if (frame.ref().extentId() != id || frame.ref().offset() < end) {
                throw new IllegalArgumentException(Frame.describe(frame.ref()) + " is of another extent than " + id
                        + ", or overlaps the frame before it");
            }
            end = frame.ref().endOffset();
        }
        return table;
    }

    boolean isSealed() {
        return preamble().sealState != SealState.OPEN;
    }

    List<FrameEntry> frames() {
        List<FrameEntry> found = footer().orElse(null);
        if (found != null) {
            return found;
        }
        List<FrameEntry> frames = new ArrayList<>();
        scan(new FrameScan.Visitor() {
            @Override
            public void frame(FrameEntry frame) {
                frames.add(frame);
            }

            @Override
            public void unrecognised(long from, long to) {}
        });
        return frames;
    }

    /** The frame table of a sealed extent; empty when it is not sealed, or its footer or seal mark is damaged. */
    Optional<List<FrameEntry>> footer() {
        Seal seal = preamble().seal.orElse(null);
        if (seal == null) {
            return Optional.empty();
        }
        try (Handle handle = acquire(Role.READ)) {
            // The bound keeps a wrong mark from asking for memory.
            if (seal.footerBytes() < 0 || seal.footerOffset() > handle.file.length() - seal.footerBytes()) {
                return Optional.empty();
            }
            ByteBuffer footer = ByteBuffer.allocate(seal.footerBytes());
            handle.file.read(footer, seal.footerOffset());
            footer.flip();
            return crc(footer) == seal.footerCrc() ? Footer.decode(id, footer) : Optional.empty();
        }
    }

    void scan(FrameScan.Visitor visitor) {
        Optional<Seal> seal = preamble().seal;
        Scratch scratch = small.take();
        try (Handle handle = acquire(Role.READ)) {
            long length = handle.file.length();
            long end = seal.isPresent() ? Math.min(seal.get().footerOffset(), length) : length;
            FrameScan.scan(handle.file, id, end, scratch, visitor);
        } finally {
            small.give(scratch);
        }
    }

    /** What is wrong with the superblock and the seal, if anything. */
    Optional<String> preambleDamage() {
        preamble = null;
        Preamble found = preamble();
        if (!found.superblockWhole) {
            return Optional.of("superblock is damaged or missing");
        }
        if (found.sealState == SealState.DAMAGED) {
            return Optional.of("seal mark is damaged");
        }
        if (found.seal.isPresent() && footer().isEmpty()) {
            return Optional.of("footer is damaged");
        }
        return Optional.empty();
    }

    long lengthBytes() {
        try (Handle handle = acquire(Role.READ)) {
            return handle.file.length();
        }
    }

    void delete() {
        opening.lock();
        try {
            disk.delete(name);
            life = Life.DELETED;
            letGo();
        } finally {
            opening.unlock();
        }
    }

    void close() {
        opening.lock();
        try {
            if (life == Life.LIVE) {
                life = Life.CLOSED;
            }
            letGo();
        } finally {
            opening.unlock();
        }
    }

    private void letGo() {
        for (Role role : Role.values()) {
            Handle handle = slot(role).getAndSet(null);
            if (handle != null) {
                handle.close();
            }
        }
    }

    boolean isCurrent(Role role, Handle handle) {
        return slot(role).get() == handle;
    }

    /** Lets go of an idle handle; false when it must stay, because the kernel reports a failed write-back only while a file is open. */
    boolean evict(Role role, Handle handle) {
        if (role == Role.READ) {
            retire(role, handle);
            return true;
        }
        if (!sealing.writeLock().tryLock()) {
            return false;
        }
        try {
            if (!group.isClean()) {
                return false;
            }
            sealedFrames = null;
            retire(role, handle);
            return true;
        } finally {
            sealing.writeLock().unlock();
        }
    }

    private void retire(Role role, Handle handle) {
        if (slot(role).compareAndSet(handle, null)) {
            handle.close();
        }
    }

    private Handle acquire(Role role) {
        Handle handle = slot(role).get();
        return handle != null && handle.retain() ? handle : open(role);
    }

    private Handle open(Role role) {
        Handle opened;
        opening.lock();
        try {
            Handle current = slot(role).get();
            if (current != null && current.retain()) {
                return current;
            }
            if (life == Life.CLOSED) {
                throw new StorageException.Closed("extent " + id + " (" + name + ") is closed");
            }
            if (life == Life.DELETED) {
                throw new StorageException.Unavailable("extent " + id + " (" + name + ") is deleted");
            }
            opened = new Handle(disk.open(name, role == Role.READ ? Disk.OpenMode.READ : Disk.OpenMode.WRITE));
            opened.retain();
            slot(role).set(opened);
        } finally {
            opening.unlock();
        }
        openFiles.opened(this, role, opened);
        return opened;
    }

    private AtomicReference<@Nullable Handle> slot(Role role) {
        return switch (role) {
            case READ -> reading;
            case WRITE -> writing;
            case SYNC -> syncing;
        };
    }

    private Preamble preamble() {
        Preamble known = preamble;
        if (known == null) {
            known = readPreamble();
            preamble = known;
        }
        return known;
    }

    private Preamble readPreamble() {
        ByteBuffer bytes = ByteBuffer.allocate(ExtentFormat.PREAMBLE_BYTES);
        try (Handle handle = acquire(Role.READ)) {
            handle.file.read(bytes, 0);
        }
        bytes.flip();
        boolean whole = ExtentFormat.isSuperblock(bytes);
        if (whole && ExtentFormat.superblockVersion(bytes) > ExtentFormat.VERSION) {
            throw new StorageException.Unavailable("extent " + id + " (" + name + ") has format version "
                    + ExtentFormat.superblockVersion(bytes) + "; this Firn reads up to " + ExtentFormat.VERSION
                    + ": use a newer Firn");
        }
        if (whole && ExtentFormat.superblockExtent(bytes) != id) {
            throw new StorageException.Corrupt(
                    "file " + name + " holds extent " + ExtentFormat.superblockExtent(bytes) + " and not extent " + id);
        }
        SealState state = ExtentFormat.sealState(bytes, id);
        return new Preamble(
                whole, state, state == SealState.SEALED ? Optional.of(ExtentFormat.seal(bytes)) : Optional.empty());
    }

    private static int crc(ByteBuffer footer) {
        return ExtentFormat.crc(new CRC32C(), footer, 0, footer.limit());
    }
}
