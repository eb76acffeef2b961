package io.firn.server.http;

import io.firn.io.FileStretch;
import io.firn.server.http.ResponseHead.Framing;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A reply in pieces, each copied once into a buffer of the network's own and counted until the network has taken it. */
final class ReplyStream implements ResponseBody {
    private static final int PIECE_BYTES = 128 << 10;

    /** Bytes of files take no memory while they wait: only the hand-over to the network is to be kept ahead of. */
    private static final int STRETCH_QUEUE_BYTES = 1 << 20;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Connection connection;
    private final NettyExchange exchange;
    private final Framing framing;
    private final boolean mute; // HEAD: only the head goes out
    private final boolean close;
    private byte[] head;
    private long remainingBytes;
    private boolean closed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taken = lock.newCondition();
    private long pendingBytes;
    private boolean gone;

    ReplyStream(
            Connection connection,
            NettyExchange exchange,
            byte[] head,
            Framing framing,
            long lengthBytes,
            boolean mute,
            boolean close) {
        this.connection = connection;
        this.exchange = exchange;
        this.head = head;
        this.framing = framing;
        this.remainingBytes = lengthBytes;
        this.mute = mute;
        this.close = close;
        connection.streaming(this);
    }

    @Override
    public void write(ByteBuffer source) {
        if (closed) {
            throw new IllegalStateException("written after it was closed");
        }
        if (source.remaining() > remainingBytes) {
            throw new IllegalStateException(
                    source.remaining() + " bytes written where the declared length leaves " + remainingBytes);
        }
        if (mute) {
            remainingBytes -= source.remaining();
            source.position(source.limit());
            return;
        }
        while (source.hasRemaining()) {
            int bytes = Math.min(PIECE_BYTES, source.remaining());
            awaitRoom(connection.writeQueueBytes());
            ByteBuf piece = piece(source, bytes);
            send(piece, piece.readableBytes());
            remainingBytes -= bytes;
            exchange.sent(bytes);
        }
    }

    @Override
    public boolean writeFrom(Source source) {
        if (closed) {
            throw new IllegalStateException("written after it was closed");
        }
        int most = (int) Math.min(PIECE_BYTES, remainingBytes);
        if (most == 0) {
            return false;
        }
        if (mute || framing == Framing.CHUNKED || head.length > 0) {
            ByteBuffer copied = ByteBuffer.allocate(most);
            int bytes = source.read(copied);
            write(copied.flip());
            return bytes >= 0;
        }
        awaitRoom(connection.writeQueueBytes());
        ByteBuf piece = connection.buffer(most);
        int bytes;
        try {
            bytes = source.read(piece.nioBuffer(0, most));
        } catch (Throwable failed) {
            piece.release();
            throw failed;
        }
        if (bytes <= 0) {
            piece.release();
            return bytes == 0;
        }
        send(piece.writerIndex(bytes), bytes);
        remainingBytes -= bytes;
        exchange.sent(bytes);
        return true;
    }

    @Override
    public boolean takesStretches() {
        return framing == Framing.LENGTH && !mute && head.length == 0 && !connection.isTls();
    }

    @Override
    public void send(FileStretch stretch) {
        StretchRegion region = new StretchRegion(stretch);
        try {
            if (closed || !takesStretches() || stretch.length() > remainingBytes) {
                throw new IllegalStateException(stretch.length() + " bytes of a file where " + remainingBytes
                        + " are left, or no place for any");
            }
            awaitRoom(STRETCH_QUEUE_BYTES);
        } catch (RuntimeException e) {
            region.release();
            throw e;
        }
        remainingBytes -= stretch.length();
        exchange.sent(stretch.length());
        send(region, stretch.length());
    }

    private ByteBuf piece(ByteBuffer source, int bytes) {
        ByteBuf piece = connection.buffer(head.length + bytes + 16);
        piece.writeBytes(head);
        head = new byte[0];
        if (framing == Framing.CHUNKED) {
            piece.writeBytes(Integer.toHexString(bytes).getBytes(StandardCharsets.US_ASCII));
            piece.writeBytes(CRLF);
        }
        int limit = source.limit();
        source.limit(source.position() + bytes);
        piece.writeBytes(source);
        source.limit(limit);
        if (framing == Framing.CHUNKED) {
            piece.writeBytes(CRLF);
        }
        return piece;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        exchange.replied();
        if (framing == Framing.LENGTH && remainingBytes > 0 && !mute) {
            connection.abort(exchange);
            return;
        }
        byte[] tail = framing == Framing.CHUNKED && !mute ? LAST_CHUNK : new byte[0];
        connection.finishStream(exchange, head, tail, close);
    }

    private void send(ReferenceCounted piece, int bytes) {
        lock.lock();
        try {
            pendingBytes += bytes;
        } finally {
            lock.unlock();
        }
        connection.sendPiece(this, piece, bytes);
    }

    private void awaitRoom(int queueBytes) {
        long left = connection.writeTimeoutNanos();
        lock.lock();
        try {
            long seen = pendingBytes;
            while (!gone && pendingBytes >= queueBytes) {
                if (left <= 0) {
                    connection.abort(exchange);
                    throw new ClientGone("the client stopped reading");
                }
                left = taken.awaitNanos(left);
                if (pendingBytes != seen) {
                    seen = pendingBytes;
                    left = connection.writeTimeoutNanos();
                }
            }
            if (gone) {
                throw new ClientGone("the client closed the connection");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connection.abort(exchange);
            throw new ClientGone("interrupted while waiting for the client");
        } finally {
            lock.unlock();
        }
    }

    /** Event loop: the network took a piece. */
    void taken(int bytes) {
        lock.lock();
        try {
            pendingBytes -= bytes;
            taken.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Event loop: the connection is gone. */
    void gone() {
        lock.lock();
        try {
            gone = true;
            taken.signal();
        } finally {
            lock.unlock();
        }
    }
}
