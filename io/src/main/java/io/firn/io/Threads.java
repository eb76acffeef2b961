package io.firn.io;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one place that makes threads and sleeps.
 *
 * <p>Nothing here interrupts: an interrupt inside file I/O closes the channel for every user of it. Stopping is cooperative, so do
 * not call {@code shutdownNow} on what {@link #virtualPerTask} returns.
 */
public final class Threads {

    /** What a loop asks of each step when the caller names no budget. */
    public static final long DEFAULT_BUDGET = 4096;

    private static final Logger LOG = System.getLogger(Threads.class.getName());

    private Threads() {}

    /** Starts a named platform daemon thread. What {@code body} throws ends it and goes to the uncaught-exception handler. */
    public static Thread start(String name, Runnable body) {
        return Thread.ofPlatform().daemon().name(name).start(body);
    }

    /** Runs {@code body} once when the process is asked to end (SIGTERM, Ctrl-C, exit); the process waits for it. */
    public static void atExit(String name, Runnable body) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name(name).unstarted(body));
    }

    /** An executor that runs each task on a virtual thread of its own, named {@code namePrefix} and a number; close waits for them. */
    public static ExecutorService virtualPerTask(String namePrefix) {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(namePrefix, 0).factory());
    }

    /** As {@link #loop(String, Task, long, Duration)} with {@link #DEFAULT_BUDGET}. */
    public static Loop loop(String name, Task task, Duration idleDelay) {
        return loop(name, task, DEFAULT_BUDGET, idleDelay);
    }

    /**
     * Starts a thread that steps {@code task} again and again, resting {@code idleDelay} after a step that found nothing to do and
     * after one that threw {@link StorageException}. Anything else a step throws is a bug and ends the loop.
     */
    public static Loop loop(String name, Task task, long budget, Duration idleDelay) {
        if (budget <= 0 || idleDelay.isNegative()) {
            throw new IllegalArgumentException("budget " + budget + ", idle delay " + idleDelay);
        }
        Loop loop = new Loop(name, task, budget, idleDelay.toNanos());
        loop.thread = start(name, loop::run);
        return loop;
    }

    /** Sleeps the whole duration; an interrupt does not shorten it, and the flag is kept. */
    public static void sleep(Duration duration) {
        boolean interrupted = false;
        long end = System.nanoTime() + duration.toNanos();
        try {
            long left = end - System.nanoTime();
            while (left > 0) {
                try {
                    Thread.sleep(Duration.ofNanos(left));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = end - System.nanoTime();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A running loop; closing it lets the step under way finish, then waits for the thread to end. */
    public static final class Loop implements AutoCloseable {
        private final String name;
        private final Task task;
        private final long budget;
        private final long idleNanos;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private boolean closing;
        private boolean woken;
        private volatile @Nullable RuntimeException failure;
        private @Nullable Thread thread;

        private Loop(String name, Task task, long budget, long idleNanos) {
            this.name = name;
            this.task = task;
            this.budget = budget;
            this.idleNanos = idleNanos;
        }

        /** Ends the present or the next rest at once. */
        public void wake() {
            lock.lock();
            try {
                woken = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** What the last step threw; empty after a step that succeeded. */
        public Optional<RuntimeException> failure() {
            return Optional.ofNullable(failure);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closing = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            Thread running = thread;
            if (running != null && running != Thread.currentThread()) {
                joinWholly(running);
            }
        }

        private void run() {
            while (!isClosing()) {
                if (!stepOnce()) {
                    rest();
                }
            }
        }

        private boolean stepOnce() {
            try {
                boolean worked = task.step(budget) > 0;
                failure = null;
                return worked;
            } catch (StorageException e) {
                if (failure == null) {
                    LOG.log(Level.WARNING, "loop " + name + " will try again", e);
                }
                failure = e;
                return false;
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }

        private void rest() {
            lock.lock();
            try {
                long left = idleNanos;
                while (left > 0 && !closing && !woken) {
                    try {
                        left = changed.awaitNanos(left);
                    } catch (InterruptedException e) {
                        // Nobody stops a loop this way: drop the flag, so that it does not hit the next step's I/O.
                    }
                }
                woken = false;
            } finally {
                lock.unlock();
            }
        }

        private boolean isClosing() {
            lock.lock();
            try {
                return closing;
            } finally {
                lock.unlock();
            }
        }

        private static void joinWholly(Thread running) {
            boolean interrupted = false;
            while (running.isAlive()) {
                try {
                    running.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
