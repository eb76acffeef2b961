package io.firn.server.http;

import io.firn.server.http.RequestBodyException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A request's body between the event loop that receives it and the thread that reads it: a bounded queue of buffers. */
final class BodyQueue implements RequestBody {
    private final Connection connection;
    private final int limitBytes;
    private final long timeoutNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<ByteBuf> pieces = new ArrayDeque<>(4);
    private int queuedBytes;
    private long receivedBytes;
    private boolean continueOwed;
    private boolean paused; // the event loop does not receive until asked
    private boolean ended;
    private boolean discarding;
    private @Nullable Reason failure;

    BodyQueue(Connection connection, HttpServerOptions options, boolean ended, boolean continueOwed) {
        this.connection = connection;
        this.limitBytes = options.bodyQueueBytes();
        this.timeoutNanos = options.bodyTimeout().toNanos();
        this.ended = ended;
        this.continueOwed = continueOwed;
        this.paused = continueOwed;
    }

    @Override
    public int read(ByteBuffer target) {
        if (!target.hasRemaining()) {
            return 0;
        }
        boolean resume;
        int moved;
        lock.lock();
        try {
            if (continueOwed && !ended && failure == null) {
                continueOwed = false;
                paused = false;
                connection.sendContinueAndReceive();
            }
            if (!awaitPiece()) {
                return -1;
            }
            moved = take(target);
            resume = paused && queuedBytes <= limitBytes / 2 && !ended;
            if (resume) {
                paused = false;
            }
        } finally {
            lock.unlock();
        }
        if (resume) {
            connection.receiveMore();
        }
        return moved;
    }

    /** Waits for a piece; false at the end of the body. */
    private boolean awaitPiece() {
        long left = timeoutNanos;
        long seen = receivedBytes;
        while (pieces.isEmpty()) {
            if (failure != null) {
                throw new RequestBodyException(failure);
            }
            if (ended) {
                return false;
            }
            if (left <= 0) {
                failure = Reason.STALLED;
                continue;
            }
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = Reason.STALLED;
            }
            if (receivedBytes != seen) {
                left = timeoutNanos;
                seen = receivedBytes;
            }
        }
        return true;
    }

    private int take(ByteBuffer target) {
        int moved = 0;
        ByteBuf piece;
        while (target.hasRemaining() && (piece = pieces.peek()) != null) {
            int bytes = Math.min(piece.readableBytes(), target.remaining());
            int end = target.limit();
            target.limit(target.position() + bytes);
            piece.readBytes(target);
            target.limit(end);
            moved += bytes;
            if (!piece.isReadable()) {
                pieces.remove();
                piece.release();
            }
        }
        queuedBytes -= moved;
        return moved;
    }

    /** Event loop: takes over a piece; true when more should be received now. */
    boolean offer(ByteBuf piece) {
        lock.lock();
        try {
            receivedBytes += piece.readableBytes();
            if (discarding || failure != null) {
                piece.release();
                return true;
            }
            if (piece.isReadable()) {
                pieces.add(piece);
                queuedBytes += piece.readableBytes();
                changed.signal();
            } else {
                piece.release();
            }
            paused = queuedBytes >= limitBytes;
            return !paused;
        } finally {
            lock.unlock();
        }
    }

    /** Event loop: the body is whole. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The rest will not come. Nothing happens when the body is whole or failed already. */
    void fail(Reason reason) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = reason;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops what is queued and whatever still arrives. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            ByteBuf piece;
            while ((piece = pieces.poll()) != null) {
                piece.release();
            }
            queuedBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** True when nothing of the body is left on the wire. */
    boolean isReceived() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** True when {@code 100 Continue} was neither sent nor made needless: whether the client will send its body is not known. */
    boolean isContinueOwed() {
        lock.lock();
        try {
            return continueOwed && !ended;
        } finally {
            lock.unlock();
        }
    }

    boolean isFailed() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    long receivedBytes() {
        lock.lock();
        try {
            return receivedBytes;
        } finally {
            lock.unlock();
        }
    }
}
