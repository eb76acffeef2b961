package io.firn.nbd;

import io.firn.io.Clock;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Executes the flushes of a connection beside its other requests: each burst's flushes and FUA requests are one flush of the session, and
 * whoever completes that sends their replies, as far as the socket takes them at once ({@link Connection#sendSoon}).
 */
final class Flusher {
    private static final Logger LOG = System.getLogger(Flusher.class.getName());

    /** Requests that wait for a flush; with more the connection's thread waits too. */
    private static final int MOST_WAITING = 4096;

    private static final long QUICK_NANOS = 50_000;

    /** For exports whose flush can only wait. */
    static final Executor THREADS = Threads.virtualPerTask("firn-nbd-flush-");

    private final Connection connection;
    private final Clock clock;
    private final ExportSession session;
    private final Style style;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    private int waiting; // guarded by lock
    private volatile long lastNanos = Long.MAX_VALUE;

    Flusher(Connection connection, Clock clock, ExportSession session, Style style) {
        this.connection = connection;
        this.clock = clock;
        this.session = session;
        this.style = style;
    }

    /** True when the last flush took no longer than waking another thread does, so that it had better be executed in place. */
    boolean isQuick() {
        return lastNanos < QUICK_NANOS;
    }

    /** Flushes now; the refusal of those that wait for it, null when all is well. */
    @Nullable Refusal flushNow() {
        long begun = clock.nanoTime();
        try {
            session.flush();
            return null;
        } catch (RuntimeException e) {
            return refusal(e);
        } finally {
            lastNanos = clock.nanoTime() - begun;
        }
    }

    /** Takes requests whose writes are submitted; they are answered after a flush that begins now. By the connection's thread. */
    void flush(long[] cookies, long[] offsets, int count) throws IOException {
        connection.socket().serveOthers();
        connection.sendOwed(); // so that a client that reads no replies is owed no more than wait
        long[] ownCookies = Arrays.copyOf(cookies, count);
        long[] ownOffsets = Arrays.copyOf(offsets, count);
        takeUp(count);
        long begun = clock.nanoTime();
        CompletableFuture<Void> _ = begin().whenComplete((_, failure) -> {
            lastNanos = clock.nanoTime() - begun;
            answer(ownCookies, ownOffsets, failure);
        });
    }

    private CompletableFuture<Void> begin() {
        try {
            return session.flushAsync();
        } catch (RuntimeException | Error e) { // what is taken up must be answered, or the connection never ends
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(long[] cookies, long[] offsets, @Nullable Throwable failure) {
        boolean isAnswered = false;
        try {
            Refusal refusal = failure == null ? null : refusal(failure);
            ReplyWriter replies = new ReplyWriter(style, cookies.length);
            for (int i = 0; i < cookies.length; i++) {
                if (refusal == null) {
                    replies.done(cookies[i], offsets[i]);
                } else {
                    replies.refuse(cookies[i], offsets[i], refusal);
                }
            }
            connection.sendSoon(replies.buffer().flip());
            isAnswered = true;
        } finally {
            if (!isAnswered) {
                connection.cut(); // a client that waits for ever is worse off
            }
            settle(cookies.length);
        }
    }

    private void takeUp(int count) {
        lock.lock();
        try {
            while (waiting > MOST_WAITING - count) {
                answered.awaitUninterruptibly();
            }
            waiting += count;
        } finally {
            lock.unlock();
        }
    }

    private void settle(int count) {
        lock.lock();
        try {
            waiting -= count;
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything taken is answered, or can be no more. */
    void finish() {
        lock.lock();
        try {
            while (waiting > 0) {
                answered.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        try {
            connection.sendOwed();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the client of {0} is gone: {1}", connection.name(), e);
        }
    }

    private static Refusal refusal(Throwable failure) {
        Throwable cause = failure;
        if (failure instanceof CompletionException wrapper && wrapper.getCause() != null) {
            cause = wrapper.getCause();
        }
        if (cause instanceof StorageException storage) {
            LOG.log(Level.WARNING, "a flush failed", storage);
            return Refusal.of(storage);
        }
        LOG.log(Level.ERROR, "a flush failed", cause);
        return Refusal.FAILED;
    }
}
