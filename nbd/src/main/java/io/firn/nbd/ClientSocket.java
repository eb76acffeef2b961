package io.firn.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a connection. Its thread reads and writes, and waits for the client as long as that takes; others only write what the
 * socket takes at once, or wake that thread.
 *
 * <p>Both can be had from {@link #serveOthers} on: the channel does not block any more then, and a read costs a call more. Connections on
 * which nobody else writes are spared it.
 */
final class ClientSocket implements AutoCloseable {
    private final SocketChannel channel;
    private volatile @Nullable Selector selector;

    /** Kept, since a selector forgets it with the next wait, be that for the rest of a TLS record or for room. */
    private volatile boolean woken;

    private @Nullable SelectionKey key; // the connection's thread's own

    ClientSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** Lets other threads write and wake from now on. By the connection's thread. */
    void serveOthers() throws IOException {
        if (selector != null) {
            return;
        }
        Selector opened = channel.provider().openSelector();
        try {
            channel.configureBlocking(false);
            key = channel.register(opened, SelectionKey.OP_READ);
            selector = opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Waits for bytes; -1 at the end, and 0 when {@link #wake} came since the last 0. By the connection's thread. */
    int read(ByteBuffer target) throws IOException {
        if (!woken) {
            await(SelectionKey.OP_READ);
        }
        if (woken) {
            woken = false;
            return 0;
        }
        return channel.read(target);
    }

    /** Writes all that remains, however long that takes. By the connection's thread. */
    void write(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            if (channel.write(source) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    /** Writes what the socket takes at once; true when that was all. After {@link #serveOthers}. */
    boolean tryWrite(ByteBuffer source) throws IOException {
        channel.write(source);
        return !source.hasRemaining();
    }

    /** Ends the present or the next {@link #read} of the connection's thread. */
    void wake() {
        Selector waiting = selector;
        if (waiting != null) {
            woken = true;
            waiting.wakeup();
        }
    }

    /** The client has sent enough: reading ends as if it had left. */
    void shutdownInput() throws IOException {
        channel.shutdownInput();
        wake();
    }

    /** Ends the connection for whoever reads or writes. By any thread; the connection's own closes in the end. */
    void cut() throws IOException {
        channel.close();
        wake();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            Selector opened = selector;
            if (opened != null) {
                opened.close(); // until then a channel that was closed keeps its file descriptor
            }
        }
    }

    private void await(int operation) throws IOException {
        Selector waiting = selector;
        SelectionKey own = key;
        if (waiting == null || own == null) {
            return;
        }
        try {
            own.interestOps(operation);
            waiting.select();
            waiting.selectedKeys().clear();
        } catch (CancelledKeyException e) {
            throw new ClosedChannelException();
        }
    }
}
