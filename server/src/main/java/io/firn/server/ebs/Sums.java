package io.firn.server.ebs;

import java.util.concurrent.atomic.AtomicInteger;

/** How many checksums of blocks uploads may remember together, some 100 bytes each. What is beyond that is computed anew. Safe for many threads. */
final class Sums {
    private final AtomicInteger left;

    Sums(int most) {
        this.left = new AtomicInteger(most);
    }

    /** Takes room for one, if there is any. */
    boolean take() {
        if (left.decrementAndGet() >= 0) {
            return true;
        }
        left.incrementAndGet();
        return false;
    }

    void giveBack(int count) {
        left.addAndGet(count);
    }

    int left() {
        return left.get();
    }
}
