package io.firn.testkit;

import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/** A handle of a {@link SimDisk}; all under the disk's lock. */
final class SimFile implements DiskFile, Comparable<SimFile> {
    private static final int TRANSFER_BYTES = 256 * 1024;

    private final SimDisk disk;
    private final SimInode inode;
    private final String name;
    private final boolean writable;
    private final long number;
    private boolean closed;
    private boolean poisoned;

    SimFile(SimDisk disk, SimInode inode, String name, boolean writable, long number) {
        this.disk = disk;
        this.inode = inode;
        this.name = name;
        this.writable = writable;
        this.number = number;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        synchronized (disk) {
            requireUsable("read", position);
            disk.enter(Operation.READ, name, position, target.remaining())
                    .ifPresent(fault -> disk.fail(fault, "read " + name + " at " + position));
            return inode.live().read(target, position);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) {
        synchronized (disk) {
            requireWritable("write", position);
            int length = source.remaining();
            byte[] bytes = new byte[length];
            source.get(bytes);
            Optional<Fault> fault = disk.enter(Operation.WRITE, name, position, length);
            int fitting = disk.fitting(inode, position, length);
            if (fault.isEmpty() && fitting < length) {
                inode.write(disk.nextSequence(), bytes, fitting, position);
                fail(Fault.NO_SPACE, "write " + name + " at " + position);
            }
            fault.ifPresent(found -> {
                if (found != Fault.UNAVAILABLE) {
                    int written = Math.min(fitting, disk.random().nextInt(length + 1));
                    inode.write(disk.nextSequence(), bytes, written, position);
                }
                fail(found, "write " + name + " at " + position);
            });
            inode.write(disk.nextSequence(), bytes, length, position);
        }
    }

    @Override
    public long transferTo(long position, long length, WritableByteChannel target) {
        byte[] bytes;
        synchronized (disk) {
            requireUsable("transfer", position);
            if (length < 0) {
                throw new IllegalArgumentException("negative length: " + length);
            }
            disk.enter(Operation.READ, name, position, length)
                    .ifPresent(fault -> disk.fail(fault, "transfer " + name + " at " + position));
            int there = (int) Math.clamp(inode.live().length() - position, 0, Math.min(length, TRANSFER_BYTES));
            int sent = there == 0 || disk.random().nextBoolean()
                    ? there
                    : disk.random().nextInt(there) + 1;
            bytes = inode.live().range(position, sent);
        }
        try {
            return target.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("transfer " + name + " at " + position + ": the target failed", e);
        }
    }

    @Override
    public long length() {
        synchronized (disk) {
            requireUsable("length", 0);
            disk.requireOn();
            return inode.live().length();
        }
    }

    @Override
    public void truncate(long length) {
        synchronized (disk) {
            requireWritable("truncate", length);
            Optional<Fault> fault = disk.enter(Operation.TRUNCATE, name, length, 0);
            if (fault.isEmpty() || fault.get() == Fault.POWER_FAILURE) {
                inode.truncate(disk.nextSequence(), length);
            }
            fault.ifPresent(found -> fail(found, "truncate " + name + " to " + length));
        }
    }

    @Override
    public void sync() {
        synchronized (disk) {
            requireUsable("sync", 0);
            String what = "sync " + name;
            disk.enter(Operation.SYNC, name, 0, 0).ifPresent(fault -> {
                if (fault != Fault.POWER_FAILURE) {
                    inode.failSync(new CrashPlan(disk.random()));
                }
                fail(fault, what);
            });
            disk.countSync(what);
            inode.sync();
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            closed = true;
            disk.closed(this);
        }
    }

    @Override
    public int compareTo(SimFile other) {
        return Long.compare(number, other.number);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(number);
    }

    private void fail(Fault fault, String what) {
        poisoned = true;
        disk.fail(fault, what);
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
        disk.requireOn();
        if (closed) {
            throw new StorageException.Closed(operation + " " + name + ": closed");
        }
        if (poisoned) {
            throw new StorageException.DiskFailed(operation + " " + name + ": an earlier write or sync failed", null);
        }
    }
}
