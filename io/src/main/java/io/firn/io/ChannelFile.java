package io.firn.io;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@link FileChannelDisk}.
 *
 * <p><b>Interrupts.</b> The caller's interrupt flag is put aside before each operation and back after it, so only an interrupt that
 * arrives within the operation closes the channel: for this thread ({@code ClosedByInterruptException}) and for all others in it
 * ({@code AsynchronousCloseException}). Each of them opens the file again, or finds that another has, and repeats its operation, which
 * is safe because it is positional.
 *
 * <p>Two things cannot be repeated through a new channel, so a second descriptor, the <i>anchor</i>, which interrupts do not close, does
 * them. (1) A sync: the interrupt hides its outcome, and Linux reports a lost write once to each descriptor that was open when it
 * happened, never to a later one. Files open for writing have an anchor from the start. (2) Anything, once the file has lost its name:
 * the anchor is opened just before, and serves alone after the channel is closed.
 */
final class ChannelFile implements DiskFile {

    /** I/O that may fail. */
    @FunctionalInterface
    interface IoCall<T> {
        T call() throws IOException;
    }

    private interface ChannelCall<T> {
        T call(FileChannel channel) throws IOException;
    }

    private interface AnchorCall<T> {
        T call(RandomAccessFile anchor) throws IOException;
    }

    /** The JDK copies heap buffers through a direct one that each thread keeps: this bounds it. */
    private static final int HEAP_CHUNK_BYTES = 256 * 1024;

    private static final int ANCHOR_CHUNK_BYTES = 64 * 1024;

    private final FileChannelDisk disk;
    private final String name;
    private final boolean writable;

    /** The present path; held still by {@link FileChannelDisk#holdingNames}. */
    private Path path;

    private boolean detached;
    private volatile FileChannel channel;
    private volatile @Nullable RandomAccessFile anchor;
    private volatile boolean closed;
    private volatile @Nullable StorageException poison;

    ChannelFile(FileChannelDisk disk, String name, Path path, Disk.OpenMode mode) throws IOException {
        this.disk = disk;
        this.name = name;
        this.path = path;
        this.writable = mode != Disk.OpenMode.READ;
        this.channel = FileChannel.open(
                path,
                switch (mode) {
                    case READ -> Set.of(StandardOpenOption.READ);
                    case WRITE -> Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
                    case CREATE ->
                        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                },
                disk.fileAttributes());
        if (writable) {
            try {
                this.anchor = new RandomAccessFile(path.toFile(), "rw");
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        requireUsable("read", position);
        int start = target.position();
        int length = target.remaining();
        try {
            while (target.hasRemaining()) {
                int done = target.position() - start;
                int limit = target.limit();
                target.limit(target.position() + chunk(target));
                int count;
                try {
                    count = perform(
                            file -> file.read(target, position + done),
                            file -> readAnchor(file, target, position + done));
                } finally {
                    target.limit(limit);
                }
                if (count <= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            throw failed(e, "read", position, length);
        }
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) {
        requireWritable("write", position);
        int start = source.position();
        int length = source.remaining();
        try {
            while (source.hasRemaining()) {
                int done = source.position() - start;
                // A copy, so that a write that an interrupt cut short is repeated from where it began.
                ByteBuffer chunk = source.slice(source.position(), chunk(source));
                int count = perform(
                        file -> file.write(chunk.rewind(), position + done),
                        file -> writeAnchor(file, chunk.rewind(), position + done));
                source.position(source.position() + count);
            }
        } catch (IOException e) {
            throw poisoned(failed(e, "write", position, length));
        }
    }

    @Override
    public long transferTo(long position, long length, WritableByteChannel target) {
        requireUsable("transfer", position);
        if (length < 0) {
            throw new IllegalArgumentException("negative length: " + length);
        }
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel current = channel;
                try {
                    return current.transferTo(position, length, target);
                } catch (IOException e) {
                    interrupted |= Thread.interrupted();
                    requireTransferRepeatable(e, current, position, length);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Optional<FileChannel> channelToLend() {
        requireUsable("lend", 0);
        return Optional.of(channel);
    }

    @Override
    public long length() {
        requireUsable("length", 0);
        try {
            return perform(FileChannel::size, RandomAccessFile::length);
        } catch (IOException e) {
            throw failed(e, "length", 0, 0);
        }
    }

    @Override
    public void truncate(long length) {
        requireWritable("truncate", length);
        try {
            // FileChannel can only cut.
            requireAnchor().setLength(length);
        } catch (IOException e) {
            throw poisoned(failed(e, "truncate", length, 0));
        }
    }

    @Override
    public void sync() {
        requireUsable("sync", 0);
        boolean interrupted = Thread.interrupted();
        FileChannel current = channel;
        try {
            current.force(false);
        } catch (ClosedChannelException e) {
            interrupted |= Thread.interrupted();
            syncAgain(current);
        } catch (IOException e) {
            throw poisoned(failed(e, "sync", 0, 0));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        disk.closed(this);
        try {
            RandomAccessFile held = anchor;
            if (held != null) {
                held.close();
            }
            channel.close();
        } catch (IOException e) {
            // Only unsynced bytes can be lost here, and those were promised to nobody; yet it tells of a failing disk.
            throw failed(e, "close", 0, 0);
        }
    }

    /** Where the file is, or was when it lost its path; called with the names held. */
    Path path() {
        return path;
    }

    /** The file has another path now; called with the names held. */
    void moved(Path target) {
        path = target;
    }

    /** The file is about to lose its name; called with the names held. */
    void detach() throws IOException {
        if (anchor == null) {
            anchor = new RandomAccessFile(path.toFile(), writable ? "rw" : "r");
        }
        detached = true;
    }

    private <T> T perform(ChannelCall<T> call, AnchorCall<T> afterDetach) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel current = channel;
                try {
                    return call.call(current);
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    if (!reopen(current)) {
                        RandomAccessFile held = requireAnchor();
                        synchronized (held) {
                            return afterDetach.call(held);
                        }
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes sure that a channel other than {@code broken} is in place; false when the file has no name to open it by. */
    private boolean reopen(FileChannel broken) throws IOException {
        return disk.holdingNames(() -> {
            if (closed) {
                throw new StorageException.Closed(name + " was closed while in use");
            }
            if (channel.equals(broken)) {
                if (detached) {
                    return false;
                }
                channel = FileChannel.open(
                        path,
                        writable
                                ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                                : Set.of(StandardOpenOption.READ));
            }
            return true;
        });
    }

    /** Returns when nothing was sent and the file is open again; throws otherwise, as the count of bytes sent is lost. */
    private void requireTransferRepeatable(IOException failure, FileChannel current, long position, long length) {
        boolean closedUnderWay = failure instanceof ClosedChannelException && !current.isOpen();
        if (!closedUnderWay && !IoFailure.isOfTheDisk(failure)) {
            throw new UncheckedIOException("transfer " + name + " at " + position + ": the target failed", failure);
        }
        try {
            boolean open = closedUnderWay && reopen(current);
            // The subclasses mean an interrupt within the transfer; the class itself, a channel closed before it.
            if (!open || failure.getClass() != ClosedChannelException.class) {
                throw failure;
            }
        } catch (IOException e) {
            throw failed(e, "transfer", position, length);
        }
    }

    private void syncAgain(FileChannel broken) {
        try {
            reopen(broken);
            RandomAccessFile held = anchor;
            if (held != null) {
                held.getFD().sync();
            } else {
                perform(
                        file -> {
                            file.force(false);
                            return true;
                        },
                        file -> {
                            file.getFD().sync();
                            return true;
                        });
            }
        } catch (IOException e) {
            throw poisoned(failed(e, "sync", 0, 0));
        }
    }

    private int readAnchor(RandomAccessFile held, ByteBuffer target, long position) throws IOException {
        byte[] bytes = new byte[Math.min(target.remaining(), ANCHOR_CHUNK_BYTES)];
        held.seek(position);
        int count = held.read(bytes);
        if (count > 0) {
            target.put(bytes, 0, count);
        }
        return count;
    }

    private int writeAnchor(RandomAccessFile held, ByteBuffer source, long position) throws IOException {
        byte[] bytes = new byte[Math.min(source.remaining(), ANCHOR_CHUNK_BYTES)];
        source.get(bytes);
        held.seek(position);
        held.write(bytes);
        return bytes.length;
    }

    private RandomAccessFile requireAnchor() {
        RandomAccessFile held = anchor;
        if (held == null) {
            throw new InvariantViolation("no anchor for " + name);
        }
        return held;
    }

    private static int chunk(ByteBuffer buffer) {
        return buffer.isDirect() ? buffer.remaining() : Math.min(buffer.remaining(), HEAP_CHUNK_BYTES);
    }

    private StorageException failed(IOException cause, String operation, long offset, long length) {
        return closed
                ? new StorageException.Closed(operation + " " + name + ": closed")
                : IoFailure.translate(cause, operation, name, offset, length);
    }

    private StorageException poisoned(StorageException failure) {
        if (poison == null && !closed) {
            poison = failure;
        }
        return failure;
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
        if (closed) {
            throw new StorageException.Closed(operation + " " + name + ": closed");
        }
        StorageException cause = poison;
        if (cause != null) {
            throw new StorageException.DiskFailed(operation + " " + name + ": an earlier write or sync failed", cause);
        }
    }
}
