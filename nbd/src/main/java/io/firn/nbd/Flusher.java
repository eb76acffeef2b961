package io.firn.nbd;

import io.firn.io.Clock;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Executes the flushes of a connection beside its other requests: one flush of the session for all flushes and FUA requests that wait,
 * then their replies. Its thread starts with the first of them.
 */
final class Flusher {
    private static final Logger LOG = System.getLogger(Flusher.class.getName());

    /** Requests that wait for a flush; with more the connection's thread waits too. */
    private static final int MOST_WAITING = 4096;

    private static final long QUICK_NANOS = 50_000;

    private final Connection connection;
    private final Clock clock;
    private final ExportSession session;
    private final Replies replies;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final long[] waitingCookies = new long[MOST_WAITING];
    private final long[] waitingOffsets = new long[MOST_WAITING];
    private volatile long lastNanos = Long.MAX_VALUE;
    private int waiting;
    private int executing;
    private boolean finishing;
    private @Nullable Thread thread;

    Flusher(Connection connection, Clock clock, ExportSession session, Style style) {
        this.connection = connection;
        this.clock = clock;
        this.session = session;
        this.replies = new Replies(connection, style, ByteBuffer.allocate(8192));
    }

    /** Takes a request whose writes are submitted; it is answered after the next flush. */
    void add(long cookie, long offset) {
        lock.lock();
        try {
            while (waiting == MOST_WAITING) {
                changed.awaitUninterruptibly();
            }
            waitingCookies[waiting] = cookie;
            waitingOffsets[waiting] = offset;
            waiting++;
            if (thread == null) {
                thread = Threads.start(connection.name() + "-flush", this::run);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything taken is answered, and ends the thread. */
    void finish() {
        lock.lock();
        try {
            finishing = true;
            changed.signalAll();
            while (thread != null) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** True when the last flush took no longer than waking this thread does, so that it had better be executed in place. */
    boolean isQuick() {
        return lastNanos < QUICK_NANOS;
    }

    /** Flushes now; the refusal of those that wait for it, null when all is well. */
    @Nullable Refusal flushNow() {
        long begun = clock.nanoTime();
        try {
            session.flush();
            return null;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "a flush failed", e);
            return Refusal.of(e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a flush failed", e);
            return Refusal.FAILED;
        } finally {
            lastNanos = clock.nanoTime() - begun;
        }
    }

    private void run() {
        long[] cookies = new long[MOST_WAITING];
        long[] offsets = new long[MOST_WAITING];
        try {
            while (take(cookies, offsets)) {
                Refusal refusal = flushNow();
                for (int i = 0; i < executing; i++) {
                    if (refusal == null) {
                        replies.done(cookies[i], offsets[i]);
                    } else {
                        replies.refuse(cookies[i], offsets[i], refusal);
                    }
                }
                replies.send();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the client of {0} is gone", connection.name());
            connection.cut();
        } finally {
            lock.lock();
            try {
                thread = null;
                waiting = 0;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean take(long[] cookies, long[] offsets) {
        lock.lock();
        try {
            while (waiting == 0 && !finishing) {
                changed.awaitUninterruptibly();
            }
            System.arraycopy(waitingCookies, 0, cookies, 0, waiting);
            System.arraycopy(waitingOffsets, 0, offsets, 0, waiting);
            executing = waiting;
            waiting = 0;
            changed.signalAll();
            return executing > 0;
        } finally {
            lock.unlock();
        }
    }
}
