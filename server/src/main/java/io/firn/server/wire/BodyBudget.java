package io.firn.server.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that bodies of requests may take together, of all services that share it: what bounds the memory of many clients that send
 * blocks at once, however many connections they open. Safe for many threads.
 */
public final class BodyBudget {
    private final AtomicLong left;

    /** Room for so many bytes. */
    public BodyBudget(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** Takes room, if there is enough. */
    boolean take(long bytes) {
        if (bytes == 0 || left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void giveBack(long bytes) {
        left.addAndGet(bytes);
    }
}
