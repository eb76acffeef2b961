package io.firn.nbd;

import io.firn.io.Clock;
import io.firn.io.Threads;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves {@link Exports} to NBD clients until closed, at TCP and unix sockets.
 *
 * <p>Speaks fixed newstyle with TLS, structured replies, extended headers, metadata contexts and every command of doc/proto.md but
 * the experimental RESIZE. A client that breaks the protocol loses its connection and costs the others nothing.
 *
 * <p><b>Threads.</b> One accepts at each address, one serves each connection; see the package. The methods are safe for use by many.
 */
public final class NbdServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(NbdServer.class.getName());
    private static final Duration SWEEP = Duration.ofMillis(100);
    private static final Duration ACCEPT_AGAIN = Duration.ofMillis(100);
    private static final Duration CLOSE_POLL = Duration.ofMillis(10);

    private final Clock clock;
    private final NbdOptions options;
    private final OpenExports exports;
    private final BufferPool buffers;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    private final Threads.Loop sweeping;
    private volatile boolean closing;

    private NbdServer(Clock clock, Exports exports, NbdOptions options) throws IOException {
        this.clock = clock;
        this.options = options;
        this.exports = new OpenExports(exports, clock);
        this.buffers = new BufferPool(options.bufferBytes(), 2 * Math.min(64, options.maxConnections()));
        try {
            for (SocketAddress address : options.addresses()) {
                listeners.add(listen(address));
            }
        } catch (IOException | RuntimeException e) {
            closeListeners();
            throw e;
        }
        sweeping = Threads.loop("firn-nbd-sweep", this::sweep, SWEEP);
        listeners.forEach(listener -> Threads.start("firn-nbd-accept", () -> accept(listener)));
    }

    /**
     * Listens and serves until closed.
     *
     * @param clock for time limits: the machine's own
     * @throws IllegalStateException when an address cannot be listened on
     */
    public static NbdServer start(Clock clock, Exports exports, NbdOptions options) {
        try {
            return new NbdServer(clock, exports, options);
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + options.addresses() + ": " + e.getMessage(), e);
        }
    }

    private static ServerSocketChannel listen(SocketAddress address) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        ServerSocketChannel channel =
                unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
        try {
            if (!unix) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.bind(address, 128);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where it listens, in the order of the options, with the ports that were taken. */
    public List<SocketAddress> addresses() {
        return listeners.stream().map(NbdServer::address).toList();
    }

    private static SocketAddress address(ServerSocketChannel listener) {
        try {
            return listener.getLocalAddress();
        } catch (IOException e) {
            throw new IllegalStateException("closed", e);
        }
    }

    /** Connections that are open now, in handshake or in transmission. */
    public int openConnections() {
        return connections.size();
    }

    /**
     * Takes no more connections, answers further requests with NBD_ESHUTDOWN, lets those in flight finish within
     * {@link NbdOptions#shutdownTimeout}, and closes. When it returns, every session and export is closed, unless one did not come back
     * from storage in time.
     */
    @Override
    public void close() {
        closing = true;
        closeListeners();
        long end = clock.nanoTime() + options.shutdownTimeout().toNanos();
        while (!connections.isEmpty() && clock.nanoTime() < end) {
            connections.forEach(Connection::closeWhenIdle);
            Threads.sleep(CLOSE_POLL);
        }
        connections.forEach(Connection::cut);
        end = clock.nanoTime() + Duration.ofSeconds(1).toNanos();
        while (!connections.isEmpty() && clock.nanoTime() < end) {
            Threads.sleep(CLOSE_POLL);
        }
        sweeping.close();
    }

    boolean isClosing() {
        return closing;
    }

    void forget(Connection connection) {
        connections.remove(connection);
    }

    private void closeListeners() {
        for (ServerSocketChannel listener : listeners) {
            try {
                listener.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a listener did not close", e);
            }
        }
    }

    private void accept(ServerSocketChannel listener) {
        while (!closing) {
            try {
                serve(listener.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot accept a connection now", e); // out of file descriptors, most likely
                Threads.sleep(ACCEPT_AGAIN);
            }
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        if (connections.size() >= options.maxConnections() || closing) {
            LOG.log(Level.INFO, "a connection is refused: {0} are open", connections.size());
            channel.close();
            return;
        }
        try {
            if (channel.getLocalAddress() instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
        } catch (IOException e) {
            channel.close(); // gone already
            return;
        }
        String name = "firn-nbd-" + accepted.incrementAndGet();
        Connection connection = new Connection(this, clock, exports, options, buffers, channel, name);
        connections.add(connection);
        Threads.start(name, connection::run);
    }

    private long sweep(long budget) {
        long now = clock.nanoTime();
        connections.forEach(connection -> connection.sweep(now));
        return 0;
    }
}
