package io.firn.extent;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bound on idle open handles: a second-chance ("clock") queue, an approximation of LRU whose cost falls on opening, never on reading.
 */
final class OpenFiles {
    private record Entry(ExtentFile extent, ExtentFile.Role role, Handle handle) {}

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Entry> queue = new ArrayDeque<>();

    OpenFiles(int limit) {
        this.limit = limit;
    }

    /** Notes a newly opened handle and lets go of others beyond the bound. The caller holds no lock that an eviction takes. */
    void opened(ExtentFile extent, ExtentFile.Role role, Handle handle) {
        for (Entry entry : chooseVictims(new Entry(extent, role, handle))) {
            if (!entry.extent.evict(entry.role, entry.handle)) {
                lock.lock();
                try {
                    queue.addLast(entry);
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private List<Entry> chooseVictims(Entry newest) {
        List<Entry> victims = new ArrayList<>();
        lock.lock();
        try {
            queue.addLast(newest);
            // Two rounds: the first clears the hints, the second finds a victim.
            for (int i = 2 * queue.size(); i > 0 && queue.size() > limit; i--) {
                Entry entry = queue.removeFirst();
                if (entry.extent.isCurrent(entry.role, entry.handle) && entry.handle.forgetRecent()) {
                    queue.addLast(entry);
                } else {
                    victims.add(entry);
                }
            }
        } finally {
            lock.unlock();
        }
        return victims;
    }
}
