package io.firn.nbd;

import io.firn.io.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** TLS over a socket by {@link SSLEngine}, all by the connection's thread. A client that renegotiates (TLS 1.2) is cut off. */
final class TlsWire implements Wire {
    private static final int RECORDS = 4;

    private final ClientSocket socket;
    private final SSLEngine engine;
    private final ByteBuffer netIn;
    private final ByteBuffer netOut;
    private final ByteBuffer plain;
    private final int recordBytes;
    private final int plainBytes;
    private boolean established;

    TlsWire(ClientSocket socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
        SSLSession session = engine.getSession();
        recordBytes = session.getPacketBufferSize();
        plainBytes = session.getApplicationBufferSize();
        netIn = ByteBuffer.allocate(RECORDS * recordBytes).limit(0);
        netOut = ByteBuffer.allocate(RECORDS * recordBytes);
        plain = ByteBuffer.allocate(plainBytes).limit(0);
    }

    /** Shakes hands; throws when the client's side of it will not do. */
    void handshake() throws IOException {
        engine.beginHandshake();
        ByteBuffer nothing = ByteBuffer.allocate(0);
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING) {
            switch (status) {
                case NEED_TASK -> status = runTasks();
                case NEED_WRAP -> {
                    SSLEngineResult result = engine.wrap(nothing, netOut);
                    send();
                    status = result.getHandshakeStatus();
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    plain.clear();
                    SSLEngineResult result = engine.unwrap(netIn, plain);
                    plain.flip();
                    if (result.getStatus() == SSLEngineResult.Status.CLOSED
                            || (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW && fill() < 0)) {
                        throw new SSLException("the client left during the TLS handshake");
                    }
                    status = result.getHandshakeStatus();
                }
                case FINISHED, NOT_HANDSHAKING -> Invariant.check(false, "left the loop");
            }
        }
        established = true;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int before = target.position();
        while (true) {
            if (plain.hasRemaining()) {
                int count = Math.min(plain.remaining(), target.remaining());
                target.put(target.position(), plain, plain.position(), count);
                target.position(target.position() + count);
                plain.position(plain.position() + count);
                return target.position() - before;
            }
            boolean direct = target.remaining() >= plainBytes;
            if (!direct && target.position() > before) {
                return target.position() - before;
            }
            SSLEngineResult result = engine.unwrap(netIn, direct ? target : plain.clear());
            if (!direct) {
                plain.flip();
            }
            answer(result.getHandshakeStatus());
            switch (result.getStatus()) {
                case OK -> {}
                case BUFFER_UNDERFLOW -> {
                    if (target.position() > before) {
                        return target.position() - before;
                    }
                    int count = fill();
                    if (count <= 0) {
                        return count;
                    }
                }
                case CLOSED -> {
                    return target.position() > before ? target.position() - before : -1;
                }
                case BUFFER_OVERFLOW -> throw new SSLException("a record larger than the session allows");
            }
        }
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            while (source.hasRemaining() && netOut.remaining() >= recordBytes) {
                if (engine.wrap(source, netOut).getStatus() == SSLEngineResult.Status.CLOSED) {
                    throw new SSLException("TLS is closed");
                }
            }
            send();
        }
    }

    @Override
    public boolean tryWrite(ByteBuffer source) {
        return false; // encrypting is left to the connection's thread
    }

    @Override
    public void finish() throws IOException {
        engine.closeOutbound();
        answer(HandshakeStatus.NEED_WRAP);
    }

    private void answer(HandshakeStatus status) throws IOException {
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            boolean closing = engine.isOutboundDone() || engine.isInboundDone();
            if (established
                    && !closing
                    && "TLSv1.2".equals(engine.getSession().getProtocol())
                    && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && engine.getHandshakeSession() != null) {
                throw new SSLException("renegotiation is refused");
            }
            engine.wrap(ByteBuffer.allocate(0), netOut);
            send();
        }
    }

    private HandshakeStatus runTasks() {
        Runnable task = engine.getDelegatedTask();
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
        return engine.getHandshakeStatus();
    }

    private int fill() throws IOException {
        netIn.compact();
        int count = socket.read(netIn);
        netIn.flip();
        return count;
    }

    private void send() throws IOException {
        socket.write(netOut.flip());
        netOut.clear();
    }
}
