package io.firn.io;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells when no reader is left that may still hold what was removed: a reader enters before it looks anything up, the reclaimer
 * begins a new epoch after it has removed something, and waits until nobody is left in an older one.
 *
 * <p><b>Threads.</b> Safe for use by many threads; entering takes one counter.
 */
@SuppressWarnings("ReferenceEquality") // the very counter: another one of the same value is another epoch's
public final class ReaderEpochs {
    private final AtomicLong current = new AtomicLong(1);
    private final ConcurrentSkipListMap<Long, AtomicLong> readers = new ConcurrentSkipListMap<>();

    /** Enters the present epoch, which is to be given to {@link #leave}. */
    public long enter() {
        while (true) {
            long epoch = current.get();
            AtomicLong count = readers.get(epoch);
            if (count == null) {
                count = readers.computeIfAbsent(epoch, ignored -> new AtomicLong());
            }
            count.incrementAndGet();
            // An epoch that ended meanwhile may have been seen empty.
            if (current.get() == epoch && readers.get(epoch) == count) {
                return epoch;
            }
            count.decrementAndGet();
        }
    }

    public void leave(long epoch) {
        AtomicLong count = readers.get(epoch);
        if (count != null) {
            count.decrementAndGet();
        }
    }

    /** Ends the present epoch and returns the new one. */
    public long advance() {
        return current.incrementAndGet();
    }

    /** True when nobody is left in an epoch before {@code epoch}. */
    public boolean isQuietBefore(long epoch) {
        for (Map.Entry<Long, AtomicLong> entry : readers.headMap(epoch).entrySet()) {
            if (entry.getValue().get() > 0) {
                return false;
            }
            readers.remove(entry.getKey(), entry.getValue());
        }
        return true;
    }

    /** Readers inside now. */
    public long active() {
        return readers.values().stream().mapToLong(AtomicLong::get).sum();
    }
}
