package io.firn.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A disk in the heap: for embedding without files and for tests that need no crash. Syncs return at once; nothing outlives the object.
 *
 * <p>Holes take no memory. Room is counted in pages of 64 KiB.
 *
 * <p><b>Threads.</b> Safe for many threads: one lock for the names, one for each file.
 */
public final class MemoryDisk implements Disk {
    private static final int PAGE_BYTES = 64 * 1024;
    private static final long DEFAULT_CAPACITY_BYTES = 1L << 40;

    /** Every name below the root; a folder has no content. */
    private final TreeMap<String, Node> nodes = new TreeMap<>();

    private final Room room;

    /** A disk that holds what the heap holds; it says it has room for 1 TiB. */
    public MemoryDisk() {
        this(DEFAULT_CAPACITY_BYTES);
    }

    /** A disk that is full after {@code capacityBytes}. */
    public MemoryDisk(long capacityBytes) {
        if (capacityBytes < 0) {
            throw new IllegalArgumentException("negative capacity: " + capacityBytes);
        }
        this.room = new Room(capacityBytes);
    }

    @Override
    public DiskFile open(String name, OpenMode mode) {
        DiskName.requireFile(name);
        synchronized (nodes) {
            Node node = nodes.get(name);
            if (mode == OpenMode.CREATE) {
                if (node != null) {
                    throw new StorageException.Unavailable("create " + name + ": it exists");
                }
                createDirectory(DiskName.parent(name));
                node = new Node(new Content(room));
                nodes.put(name, node);
            }
            if (node == null || node.content == null) {
                throw new StorageException.Unavailable(
                        "open " + name + ": " + (node == null ? "no such file" : "it is a folder"));
            }
            return new Handle(name, node.content, mode != OpenMode.READ);
        }
    }

    @Override
    public boolean exists(String name) {
        DiskName.requireDirectory(name);
        synchronized (nodes) {
            return name.isEmpty() || nodes.containsKey(name);
        }
    }

    @Override
    public List<String> list(String directory) {
        DiskName.requireDirectory(directory);
        synchronized (nodes) {
            Node node = nodes.get(directory);
            if (node != null && node.content != null) {
                throw new StorageException.Unavailable("list " + directory + ": it is a file");
            }
            List<String> names = new ArrayList<>();
            for (String name : below(directory).keySet()) {
                if (DiskName.parent(name).equals(directory)) {
                    names.add(DiskName.last(name));
                }
            }
            return names;
        }
    }

    @Override
    public void createDirectory(String directory) {
        DiskName.requireDirectory(directory);
        synchronized (nodes) {
            if (directory.isEmpty()) {
                return;
            }
            Node node = nodes.get(directory);
            if (node != null) {
                if (node.content != null) {
                    throw new StorageException.Unavailable("create folder " + directory + ": it is a file");
                }
                return;
            }
            createDirectory(DiskName.parent(directory));
            nodes.put(directory, new Node(null));
        }
    }

    @Override
    public void delete(String name) {
        DiskName.requireFile(name);
        synchronized (nodes) {
            if (!below(name).isEmpty()) {
                throw new StorageException.Unavailable("delete " + name + ": the folder is not empty");
            }
            unlink(name);
        }
    }

    @Override
    public void rename(String from, String to) {
        DiskName.requireFile(from);
        DiskName.requireFile(to);
        synchronized (nodes) {
            Node node = nodes.get(from);
            Node target = nodes.get(to);
            if (node == null || node.content == null) {
                throw new StorageException.Unavailable("rename " + from + " to " + to + ": no such file");
            }
            if (target != null && target.content == null) {
                throw new StorageException.Unavailable("rename " + from + " to " + to + ": the target is a folder");
            }
            requireFolder(DiskName.parent(to), "rename " + from + " to " + to);
            if (from.equals(to)) {
                return;
            }
            unlink(to);
            nodes.remove(from);
            nodes.put(to, node);
        }
    }

    @Override
    public void syncDirectory(String directory) {
        DiskName.requireDirectory(directory);
        synchronized (nodes) {
            requireFolder(directory, "sync folder " + directory);
        }
    }

    @Override
    public long usableBytes() {
        return room.leftBytes();
    }

    private void unlink(String name) {
        Node node = nodes.remove(name);
        if (node != null && node.content != null) {
            node.content.unlinked();
        }
    }

    private void requireFolder(String directory, String operation) {
        Node node = nodes.get(directory);
        if (!directory.isEmpty() && (node == null || node.content != null)) {
            throw new StorageException.Unavailable(operation + ": no folder " + directory);
        }
    }

    /** What is in a folder, at any depth: the names from {@code d/} up to {@code d0}, '0' being the character after '/'. */
    private SortedMap<String, Node> below(String directory) {
        return directory.isEmpty() ? nodes : nodes.subMap(directory + "/", directory + "0");
    }

    private record Node(@Nullable Content content) {}

    /** Counts the pages of the files that have a name. */
    private static final class Room {
        private long leftBytes;

        private Room(long capacityBytes) {
            this.leftBytes = capacityBytes;
        }

        private synchronized long leftBytes() {
            return leftBytes;
        }

        private synchronized boolean take(long bytes) {
            if (bytes > leftBytes) {
                return false;
            }
            leftBytes -= bytes;
            return true;
        }

        private synchronized void giveBack(long bytes) {
            leftBytes += bytes;
        }
    }

    /** The bytes of a file; a page that was never written is null and reads as zeros. */
    private static final class Content {
        private final Room room;
        private final TreeMap<Long, byte[]> pages = new TreeMap<>();
        private long lengthBytes;
        private boolean linked = true;

        private Content(Room room) {
            this.room = room;
        }

        private synchronized long length() {
            return lengthBytes;
        }

        private synchronized int read(ByteBuffer target, long position) {
            int total = Math.clamp(lengthBytes - position, 0, target.remaining());
            int done = 0;
            while (done < total) {
                long at = position + done;
                int inPage = (int) (at % PAGE_BYTES);
                int count = Math.min(total - done, PAGE_BYTES - inPage);
                byte[] page = pages.get(at / PAGE_BYTES);
                target.put(page == null ? new byte[count] : page, page == null ? 0 : inPage, count);
                done += count;
            }
            return total;
        }

        private synchronized boolean write(ByteBuffer source, long position) {
            long end = Math.addExact(position, source.remaining());
            long at = position;
            while (at < end) {
                byte[] page = pages.get(at / PAGE_BYTES);
                if (page == null) {
                    if (linked && !room.take(PAGE_BYTES)) {
                        return false;
                    }
                    page = new byte[PAGE_BYTES];
                    pages.put(at / PAGE_BYTES, page);
                }
                int inPage = (int) (at % PAGE_BYTES);
                int count = (int) Math.min(end - at, PAGE_BYTES - inPage);
                source.get(page, inPage, count);
                at += count;
                lengthBytes = Math.max(lengthBytes, at);
            }
            return true;
        }

        private synchronized void truncate(long length) {
            if (length < lengthBytes) {
                byte[] edge = pages.get(length / PAGE_BYTES);
                if (edge != null) {
                    // What is cut must read as zeros if the file grows again.
                    Arrays.fill(edge, (int) (length % PAGE_BYTES), PAGE_BYTES, (byte) 0);
                }
                SortedMap<Long, byte[]> cut = pages.tailMap((length + PAGE_BYTES - 1) / PAGE_BYTES);
                if (linked) {
                    room.giveBack((long) cut.size() * PAGE_BYTES);
                }
                cut.clear();
            }
            lengthBytes = length;
        }

        private synchronized void unlinked() {
            linked = false;
            room.giveBack((long) pages.size() * PAGE_BYTES);
        }
    }

    private static final class Handle implements DiskFile {
        private static final int TRANSFER_BYTES = 256 * 1024;

        private final String name;
        private final Content content;
        private final boolean writable;
        private final AtomicBoolean closed = new AtomicBoolean();
        private final AtomicBoolean poisoned = new AtomicBoolean();

        private Handle(String name, Content content, boolean writable) {
            this.name = name;
            this.content = content;
            this.writable = writable;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            requireUsable("read", position);
            return content.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            requireWritable("write", position);
            if (!content.write(source, position)) {
                poisoned.set(true);
                throw new StorageException.OutOfSpace("write " + name + " at " + position + ": the disk is full", null);
            }
        }

        @Override
        public long transferTo(long position, long length, WritableByteChannel target) {
            requireUsable("transfer", position);
            if (length < 0) {
                throw new IllegalArgumentException("negative length: " + length);
            }
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(length, TRANSFER_BYTES));
            content.read(buffer, position);
            try {
                return target.write(buffer.flip());
            } catch (IOException e) {
                throw new UncheckedIOException("transfer " + name + " at " + position + ": the target failed", e);
            }
        }

        @Override
        public long length() {
            requireUsable("length", 0);
            return content.length();
        }

        @Override
        public void truncate(long length) {
            requireWritable("truncate", length);
            content.truncate(length);
        }

        @Override
        public void sync() {
            requireUsable("sync", 0);
        }

        @Override
        public void close() {
            closed.set(true);
        }

        private void requireWritable(String operation, long position) {
            requireUsable(operation, position);
            if (!writable) {
                throw new IllegalArgumentException(operation + " " + name + ": opened to read");
            }
        }

        private void requireUsable(String operation, long position) {
            if (position < 0) {
                throw new IllegalArgumentException(operation + " " + name + " at " + position);
            }
            if (closed.get()) {
                throw new StorageException.Closed(operation + " " + name + ": closed");
            }
            if (poisoned.get()) {
                throw new StorageException.DiskFailed(operation + " " + name + ": an earlier write failed", null);
            }
        }
    }
}
