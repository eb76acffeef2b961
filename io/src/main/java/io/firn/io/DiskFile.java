package io.firn.io;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/**
 * One open file, read and written at explicit positions.
 *
 * <p><b>Poison.</b> After a failed {@link #write}, {@link #truncate} or {@link #sync} the handle is poisoned: every later call but
 * {@link #close} throws, because what the file holds is no longer known (a failed fsync must never be retried).
 *
 * <p>A write or truncate through a handle opened to {@link Disk.OpenMode#READ} is an {@link IllegalArgumentException}, as is a negative
 * position. After {@link #close} every call but another close throws {@link StorageException.Closed}.
 *
 * <p><b>Threads.</b> Safe for use by many threads; overlapping concurrent writes leave either's bytes. An interrupt of the calling
 * thread neither closes the file nor loses the operation; the interrupt flag is kept.
 */
public interface DiskFile extends AutoCloseable {

    /** The name it was opened under. */
    String name();

    /**
     * Fills {@code target} from {@code position} until it is full or the file ends; returns the bytes read, 0 at or beyond the end.
     */
    int read(ByteBuffer target, long position);

    /** Writes all that remains in {@code source} at {@code position}, growing the file as needed; a gap reads as zeros. Not durable until {@link #sync}. */
    void write(ByteBuffer source, long position);

    /**
     * Sends up to {@code length} bytes from {@code position} to a channel, without copying where the system can; returns the bytes sent,
     * which may be fewer than asked and than the file has. A failure of the target is an {@link java.io.UncheckedIOException} and says
     * nothing about the file. An interrupt during the call may end it with an error, as the count of bytes sent is then unknown.
     */
    long transferTo(long position, long length, WritableByteChannel target);

    /** The channel below, for a {@link FileStretch}, as long as this file is open; empty when there is none to lend. */
    default Optional<FileChannel> channelToLend() {
        return Optional.empty();
    }

    /** The length in bytes. */
    long length();

    /** Cuts or extends (with zeros) to {@code length} bytes. */
    void truncate(long length);

    /** Returns when all bytes written before the call are on stable storage (fdatasync). */
    void sync();

    @Override
    void close();
}
