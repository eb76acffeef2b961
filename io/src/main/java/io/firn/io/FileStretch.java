package io.firn.io;

import java.nio.channels.FileChannel;

/**
 * Bytes as they lie in a file, for a socket to be sent from there without a copy (sendfile takes the channel's descriptor).
 *
 * <p>The file is held open until this is closed, by whoever sent it, and bytes that are lent are never overwritten; deleting the file does
 * not take them away. Nobody but the kernel is to read through the channel: an interrupt in it would close it for all.
 *
 * @param channel where the bytes are
 * @param position of the first
 * @param length how many
 * @param release lets go of the file
 */
public record FileStretch(FileChannel channel, long position, int length, Runnable release) implements AutoCloseable {
    public FileStretch {
        if (position < 0 || length < 1) {
            throw new IllegalArgumentException(length + " bytes at " + position);
        }
    }

    @Override
    public void close() {
        release.run();
    }
}
