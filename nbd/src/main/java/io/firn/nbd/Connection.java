package io.firn.nbd;

import io.firn.io.Clock;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One client, from accept to close: {@link #run} is the body of its thread. The other methods are for the server's other threads. */
final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    private final NbdServer server;
    private final Clock clock;
    private final OpenExports exports;
    private final NbdOptions options;
    private final BufferPool buffers;
    private final SocketChannel channel;
    private final String name;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile Wire wire;
    private volatile @Nullable Transmission transmission;

    // For the sweep: what it waits for, and whether something has come since the sweep last looked.
    private volatile boolean waitsForRequest;
    private volatile boolean waitsMidway;
    private volatile boolean sends;
    private volatile long progress;
    private final long acceptedNanos;
    private long sweptProgress = -1;
    private long sweptNanos;

    Connection(
            NbdServer server,
            Clock clock,
            OpenExports exports,
            NbdOptions options,
            BufferPool buffers,
            SocketChannel channel,
            String name) {
        this.server = server;
        this.clock = clock;
        this.exports = exports;
        this.options = options;
        this.buffers = buffers;
        this.channel = channel;
        this.name = name;
        this.wire = new Wire.Plain(channel);
        this.acceptedNanos = clock.nanoTime();
    }

    void run() {
        try (channel) {
            Handshake handshake = new Handshake(this, exports, options);
            try {
                Optional<Handshake.Agreement> agreement = handshake.run();
                if (agreement.isPresent()) {
                    serve(agreement.get());
                }
                wire.finish();
            } finally {
                handshake.giveBack();
            }
        } catch (ProtocolViolation e) {
            LOG.log(Level.INFO, "{0} is cut off: {1}", name, e.getMessage());
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0} ended: {1}", name, e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name + " ended", e);
        } finally {
            server.forget(this);
        }
    }

    private void serve(Handshake.Agreement agreement) throws IOException {
        OpenExports.Shared shared = agreement.shared();
        try {
            ByteBuffer in = buffers.take();
            ByteBuffer out = buffers.take();
            try (ExportSession session = shared.export().openSession()) {
                in.put(agreement.readAhead()).flip();
                Transmission running = new Transmission(
                        this,
                        clock,
                        wire,
                        session,
                        agreement.profile(),
                        agreement.style(),
                        agreement.contexts(),
                        in,
                        out);
                transmission = running;
                running.run();
            } finally {
                buffers.give(in);
                buffers.give(out);
            }
        } finally {
            // After the session's close: only now can none of its writes take effect any more.
            shared.leave(this);
        }
    }

    String name() {
        return name;
    }

    SocketChannel channel() {
        return channel;
    }

    Wire wire() {
        return wire;
    }

    void startTls(NbdTls tls) throws IOException {
        TlsWire secured = new TlsWire(channel, tls.engine());
        secured.handshake();
        wire = secured;
    }

    boolean isClosing() {
        return server.isClosing();
    }

    @Nullable Transmission transmission() {
        return transmission;
    }

    /** Sends all that remains; by the connection's thread and its flusher. */
    void send(ByteBuffer bytes) throws IOException {
        sending.lock();
        try {
            sends = true;
            wire.write(bytes);
        } finally {
            sends = false;
            sending.unlock();
        }
    }

    void waits(boolean forRequest) {
        waitsForRequest = forRequest;
        if (!forRequest) {
            progress = reads++;
        }
    }

    void waitsMidway(boolean begins) {
        waitsMidway = begins;
        if (!begins) {
            progress = reads++;
        }
    }

    private long reads;

    // ---- for the server

    /** Closes a connection that has used up its time. Called by one thread. */
    void sweep(long nowNanos) {
        if (transmission == null) {
            if (nowNanos - acceptedNanos > options.handshakeTimeout().toNanos()) {
                cut();
            }
            return;
        }
        boolean stalls = waitsMidway || sends;
        boolean idles = waitsForRequest && !options.idleTimeout().isZero();
        if (progress != sweptProgress || !(stalls || idles)) {
            sweptProgress = progress;
            sweptNanos = nowNanos;
            return;
        }
        long limit = (stalls ? options.stallTimeout() : options.idleTimeout()).toNanos();
        if (nowNanos - sweptNanos > limit) {
            LOG.log(Level.INFO, "{0} is cut off: silent for {1} ms", name, (nowNanos - sweptNanos) / 1_000_000);
            cut();
        }
    }

    /** Ends the connection if it rests between requests, or haggles; one that executes ends by itself afterwards. */
    void closeWhenIdle() {
        if (transmission == null || waitsForRequest) {
            try {
                channel.shutdownInput(); // its read ends as if the client had left
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0} is gone already: {1}", name, e);
            }
        }
    }

    /** Ends the connection if it waits for the rest of a request. */
    void cutIfMidway() {
        if (waitsMidway) {
            cut();
        }
    }

    /** Closes the channel; what is executed is finished, not answered. */
    void cut() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing {0}: {1}", name, e);
        }
    }
}
