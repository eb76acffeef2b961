package io.firn.nbd;

import io.firn.io.Clock;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One client, from accept to close: {@link #run} is the body of its thread. The other methods are for the server's other threads. */
final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final NbdServer server;
    private final Clock clock;
    private final OpenExports exports;
    private final NbdOptions options;
    private final BufferPool buffers;
    private final ClientSocket socket;
    private final String name;
    private final ReentrantLock sending = new ReentrantLock();

    /** Replies by others that did not go out at once; they go before what is sent next. */
    private final Queue<ByteBuffer> owed = new ConcurrentLinkedQueue<>();

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
        this.socket = new ClientSocket(channel);
        this.name = name;
        this.wire = new Wire.Plain(socket);
        this.acceptedNanos = clock.nanoTime();
    }

    void run() {
        try (socket) {
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
                        this, clock, session, agreement.profile(), agreement.style(), agreement.contexts(), in, out);
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

    ClientSocket socket() {
        return socket;
    }

    void startTls(NbdTls tls) throws IOException {
        TlsWire secured = new TlsWire(socket, tls.engine());
        secured.handshake();
        wire = secured;
    }

    boolean isClosing() {
        return server.isClosing();
    }

    @Nullable Transmission transmission() {
        return transmission;
    }

    /** Waits for at least one byte; -1 at the end. By the connection's thread, before replies can be owed. */
    int read(ByteBuffer target) throws IOException {
        int count = 0;
        while (count == 0) {
            count = wire.read(target);
        }
        return count;
    }

    /** Waits for at least one byte; -1 at the end, and 0 when there are replies to send first. By the connection's thread. */
    int readOrWake(ByteBuffer target) throws IOException {
        return wire.read(target);
    }

    /** Sends all that remains. By the connection's thread. */
    void send(ByteBuffer bytes) throws IOException {
        sendNext(bytes);
        if (!sending.isHeldByCurrentThread()) {
            sendOwed();
        }
    }

    /**
     * Begins a reply that takes several {@link #send}s: until {@link #endReply} nothing else is sent, for it would be taken for a part of
     * the reply. By the connection's thread.
     */
    void beginReply() throws IOException {
        sending.lock();
        boolean isClear = false;
        try {
            sendNext(NOTHING, true); // the first that is owed may be half sent
            isClear = true;
        } finally {
            if (!isClear) {
                sending.unlock();
            }
        }
    }

    /** Ends it; one that is not whole ends the connection, since whatever is sent next would be taken for the rest. */
    void endReply(boolean isWhole) {
        if (!isWhole) {
            cut();
        }
        sending.unlock();
    }

    /** Sends what {@link #sendSoon} left. By the connection's thread, in between replies. */
    void sendOwed() throws IOException {
        while (!owed.isEmpty()) {
            sendNext(NOTHING);
        }
    }

    private void sendNext(ByteBuffer bytes) throws IOException {
        sendNext(bytes, !sending.isHeldByCurrentThread());
    }

    private void sendNext(ByteBuffer bytes, boolean isBetweenReplies) throws IOException {
        sending.lock();
        try {
            sends = true;
            for (ByteBuffer first = owed.peek(); isBetweenReplies && first != null; first = owed.peek()) {
                wire.write(first);
                owed.remove();
            }
            wire.write(bytes);
        } finally {
            sends = false;
            sending.unlock();
        }
    }

    /**
     * Sends whole replies if the socket takes them at once, and leaves them to the connection's thread otherwise: waits for nothing. By any
     * thread, after {@link ClientSocket#serveOthers}. A reply that the client broke off is not sent, and nobody told.
     */
    void sendSoon(ByteBuffer replies) {
        owed.add(replies);
        // Whoever holds the lock looks again after giving it back; that may be this thread, in the middle of a reply.
        while (!owed.isEmpty() && !sending.isHeldByCurrentThread() && sending.tryLock()) {
            try {
                if (!trySendOwed()) {
                    socket.wake();
                    return;
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the client of {0} is gone: {1}", name, e);
                cut();
                return;
            } finally {
                sending.unlock();
            }
        }
    }

    private boolean trySendOwed() throws IOException {
        for (ByteBuffer first = owed.peek(); first != null; first = owed.peek()) {
            if (!wire.tryWrite(first)) {
                return false;
            }
            owed.remove();
        }
        return true;
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
                socket.shutdownInput(); // its read ends as if the client had left
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
            socket.cut();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing {0}: {1}", name, e);
        }
    }
}
