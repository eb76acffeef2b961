package io.firn.server.ebs;

import io.firn.snapshot.SnapshotId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many blocks may be on their way at once, of one snapshot and of all: what bounds the memory of blocks that wait for the disk. One more
 * is throttled, and its client comes back later.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class Turns {
    private final int ofSnapshot;
    private final int ofAll;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<SnapshotId, Integer> taken = new HashMap<>();
    private int takenOfAll;

    Turns(int ofSnapshot, int ofAll) {
        this.ofSnapshot = ofSnapshot;
        this.ofAll = ofAll;
    }

    /** A turn that was taken; closing gives it back. */
    @FunctionalInterface
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Takes a turn, or throws {@code RequestThrottledException}. */
    Turn take(SnapshotId snapshot) {
        lock.lock();
        try {
            if (takenOfAll >= ofAll) {
                throw EbsError.throttled(EbsError.Throttle.ACCOUNT_THROTTLED);
            }
            if (taken.getOrDefault(snapshot, 0) >= ofSnapshot) {
                throw EbsError.throttled(EbsError.Throttle.RESOURCE_LEVEL_THROTTLE);
            }
            taken.merge(snapshot, 1, Integer::sum);
            takenOfAll++;
        } finally {
            lock.unlock();
        }
        return () -> giveBack(snapshot);
    }

    private void giveBack(SnapshotId snapshot) {
        lock.lock();
        try {
            taken.computeIfPresent(snapshot, (id, count) -> count == 1 ? null : count - 1);
            takenOfAll--;
        } finally {
            lock.unlock();
        }
    }
}
