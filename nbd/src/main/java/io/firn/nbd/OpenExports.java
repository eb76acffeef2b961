package io.firn.nbd;

import io.firn.io.Clock;
import io.firn.io.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The exports that are open, each once, and the connections that use them.
 *
 * <p>{@link Shared#admit} keeps the writes of a connection that died from overtaking those of the one that replaces it: it waits until every other
 * connection to the export has ended, or has executed what had reached the server by now. That has happened when the connection waits for
 * a request and has waited for a while, when it executed a read of the socket that began since and emptied it, or when it executed more
 * bytes than a socket holds. A connection that is silent in the middle of a request is cut off when half of the time is over; one whose
 * storage does not come back in time makes the new one be refused.
 */
final class OpenExports {
    private static final Duration POLL = Duration.ofMillis(1);

    private final Exports exports;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Shared> open = new HashMap<>();

    OpenExports(Exports exports, Clock clock) {
        this.exports = exports;
        this.clock = clock;
    }

    List<Exports.Entry> list() {
        return exports.list();
    }

    /** Opens, or shares what is open; the caller gives it back once. */
    Optional<Shared> take(String asked) {
        String name = exports.canonicalName(asked);
        // Opening happens inside the lock: two connections must not open one export twice.
        lock.lock();
        try {
            Shared shared = open.get(name);
            if (shared == null) {
                Optional<Export> opened = exports.open(name);
                if (opened.isEmpty()) {
                    return Optional.empty();
                }
                shared = new Shared(name, opened.get());
                open.put(name, shared);
            }
            shared.holders++;
            return Optional.of(shared);
        } finally {
            lock.unlock();
        }
    }

    /** An export that is open. */
    final class Shared {
        private final String name;
        private final Export export;
        private int holders;
        private final Set<Connection> admitted = new HashSet<>();

        private Shared(String name, Export export) {
            this.name = name;
            this.export = export;
        }

        String name() {
            return name;
        }

        Export export() {
            return export;
        }

        void giveBack() {
            lock.lock();
            try {
                holders--;
                if (holders == 0) {
                    open.remove(name);
                    export.close();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Lets a connection in once earlier ones are fenced; false when that took longer than {@code limit}. */
        boolean admit(Connection connection, Duration limit) {
            List<Barrier> barriers = new ArrayList<>();
            lock.lock();
            try {
                admitted.forEach(other -> barriers.add(new Barrier(other)));
                admitted.add(connection);
            } finally {
                lock.unlock();
            }
            long end = clock.nanoTime() + limit.toNanos();
            while (true) {
                barriers.removeIf(barrier -> !isAdmitted(barrier.connection) || barrier.isPassed(clock.nanoTime()));
                if (barriers.isEmpty()) {
                    return true;
                }
                if (clock.nanoTime() >= end - limit.toNanos() / 2) {
                    // Half a request and then silence: most likely the client that is back now.
                    barriers.forEach(barrier -> barrier.connection.cutIfMidway());
                }
                if (clock.nanoTime() >= end) {
                    leave(connection);
                    return false;
                }
                Threads.sleep(POLL);
            }
        }

        /** After the connection's session is closed. */
        void leave(Connection connection) {
            lock.lock();
            try {
                admitted.remove(connection);
            } finally {
                lock.unlock();
            }
        }

        private boolean isAdmitted(Connection connection) {
            lock.lock();
            try {
                return admitted.contains(connection);
            } finally {
                lock.unlock();
            }
        }
    }

    /** What a connection had begun when a new one came. */
    private static final class Barrier {
        private static final long SOCKET_BYTES = 8 << 20;
        private static final long QUIET_NANOS = 10_000_000;

        private final Connection connection;
        private final long reads;
        private final long bytes;

        Barrier(Connection connection) {
            this.connection = connection;
            Transmission transmission = connection.transmission();
            this.reads = transmission == null ? 0 : transmission.readsBegun();
            this.bytes = transmission == null ? 0 : transmission.bytesExecuted();
        }

        boolean isPassed(long nowNanos) {
            Transmission transmission = connection.transmission(); // absent while it waits for its own fence
            return transmission != null
                    && (transmission.lastEmptyingRead() > reads
                            || transmission.bytesExecuted() - bytes > SOCKET_BYTES
                            || nowNanos - transmission.idleSinceNanos() > QUIET_NANOS);
        }
    }
}
