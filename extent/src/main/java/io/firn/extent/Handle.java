package io.firn.extent;

import io.firn.io.DiskFile;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file with a count of its users: it is closed by whoever lets go last, so neither an eviction nor a delete pulls it away
 * from a reader.
 */
final class Handle implements AutoCloseable {
    final DiskFile file;
    private final AtomicInteger holders = new AtomicInteger(1);
    /** Used since the evicting hand came by; plain writes are enough for a hint. */
    private volatile boolean recent = true;

    Handle(DiskFile file) {
        this.file = file;
    }

    /** One more user; false when the file is closed already. */
    boolean retain() {
        int count = holders.get();
        while (count > 0) {
            if (holders.compareAndSet(count, count + 1)) {
                if (!recent) {
                    recent = true;
                }
                return true;
            }
            count = holders.get();
        }
        return false;
    }

    boolean forgetRecent() {
        boolean was = recent;
        recent = false;
        return was;
    }

    @Override
    public void close() {
        if (holders.decrementAndGet() == 0) {
            file.close();
        }
    }
}
