package io.firn.extent;

import io.firn.io.StorageException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit of one file: many callers share one sync.
 *
 * <p>Finished writes are counted. Whoever needs a sync that covers the count it saw becomes the leader when none is running, takes the
 * count, forces the file and publishes the count; whoever arrives meanwhile waits, and returns as soon as a published count covers its
 * own. So a caller whose write finished before a sync started is covered by that sync, and at most one sync runs at a time.
 *
 * <p>A sync that failed is never repeated: the kernel may have dropped the pages and call them clean (fsync(2); "Can Applications
 * Recover from fsync Failures?", USENIX ATC 2020). The failure is kept and every later sync and write is refused.
 */
final class GroupSync {
    private final String what;
    private final AtomicLong written;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition finished = lock.newCondition();
    private volatile long synced;
    private volatile @Nullable Throwable failure;
    private boolean running;

    /** {@code dirty}: there may be bytes that were written before we came and never synced. */
    GroupSync(String what, boolean dirty) {
        this.what = what;
        this.written = new AtomicLong(dirty ? 1 : 0);
    }

    /** Counts a write that has finished. */
    void wrote() {
        written.incrementAndGet();
    }

    boolean isClean() {
        return synced >= written.get();
    }

    void checkUsable() {
        Throwable cause = failure;
        if (cause != null) {
            throw new StorageException.DiskFailed(
                    what + ": a write or a sync failed and nothing more is written here", cause);
        }
    }

    void poison(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            finished.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns when all writes counted before the call are durable. A failure of {@code open} is the caller's alone; a failure of
     * {@code force} poisons.
     */
    void sync(Supplier<Handle> open, Consumer<Handle> force) {
        long target = written.get();
        if (!lead(target)) {
            return;
        }
        long covered = -1;
        try (Handle handle = open.get()) {
            long mark = written.get();
            try {
                force.accept(handle);
                covered = mark;
            } catch (StorageException e) {
                poison(e);
                checkUsable();
            } catch (Throwable e) {
                poison(e);
                throw e;
            }
        } finally {
            lock.lock();
            try {
                running = false;
                synced = Math.max(synced, covered);
                finished.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** True when the caller is to do the sync; false when another's has covered it. */
    private boolean lead(long target) {
        lock.lock();
        try {
            while (true) {
                checkUsable();
                if (synced >= target) {
                    return false;
                }
                if (!running) {
                    running = true;
                    return true;
                }
                finished.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
