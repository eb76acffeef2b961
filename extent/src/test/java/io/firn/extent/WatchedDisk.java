package io.firn.extent;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that counts what is asked of another, and lets a test step into a sync or a write. */
final class WatchedDisk implements Disk {

    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger writes = new AtomicInteger();
    final AtomicInteger syncs = new AtomicInteger();
    final AtomicInteger directorySyncs = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    volatile Runnable beforeSync = () -> {};
    volatile Runnable beforeWrite = () -> {};
    volatile Runnable beforeRead = () -> {};
    private final Disk disk;

    WatchedDisk(Disk disk) {
        this.disk = disk;
    }

    @Override
    public DiskFile open(String name, OpenMode mode) {
        DiskFile file = disk.open(name, mode);
        open.incrementAndGet();
        return new WatchedFile(file);
    }

    @Override
    public boolean exists(String name) {
        return disk.exists(name);
    }

    @Override
    public List<String> list(String directory) {
        return disk.list(directory);
    }

    @Override
    public void createDirectory(String directory) {
        disk.createDirectory(directory);
    }

    @Override
    public void delete(String name) {
        disk.delete(name);
    }

    @Override
    public void rename(String from, String to) {
        disk.rename(from, to);
    }

    @Override
    public void syncDirectory(String directory) {
        directorySyncs.incrementAndGet();
        disk.syncDirectory(directory);
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes();
    }

    private final class WatchedFile implements DiskFile {
        private final DiskFile file;

        WatchedFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public String name() {
            return file.name();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            reads.incrementAndGet();
            beforeRead.run();
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            writes.incrementAndGet();
            beforeWrite.run();
            file.write(source, position);
        }

        @Override
        public long transferTo(long position, long length, WritableByteChannel target) {
            return file.transferTo(position, length, target);
        }

        @Override
        public long length() {
            return file.length();
        }

        @Override
        public void truncate(long length) {
            file.truncate(length);
        }

        @Override
        public void sync() {
            syncs.incrementAndGet();
            beforeSync.run();
            file.sync();
        }

        @Override
        public void close() {
            open.decrementAndGet();
            file.close();
        }
    }
}
