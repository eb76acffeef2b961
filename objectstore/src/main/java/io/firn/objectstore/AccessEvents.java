package io.firn.objectstore;

import io.firn.io.Task;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A ring between reads and the {@link AccessListener}: publishing claims a slot and stores four numbers, with no allocation and no
 * wait; when the ring is full the event is dropped and counted.
 *
 * <p>A slot's sequence is its claim number plus one once written, so the one consumer knows which slots are whole.
 *
 * <p><b>Threads.</b> Many publishers, one stepping thread.
 */
final class AccessEvents implements Task {
    private static final int SLOTS = 1 << 13;
    private static final int FIELDS = 4;

    /** Slots given back at a time: each time takes a cache line away from every reader. */
    private static final int DELIVERED_TOGETHER = 512;

    private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] sequences = new long[SLOTS];
    private final long[] fields = new long[SLOTS * FIELDS];
    private final AtomicLong claimed = new AtomicLong();
    private volatile long delivered;
    private final LongAdder dropped = new LongAdder();
    private volatile @Nullable AccessListener listener;

    void listen(AccessListener newListener) {
        listener = newListener;
    }

    /** False spares the reader the clock. */
    boolean isHeard() {
        return listener != null;
    }

    void publish(long bucketId, long versionOrdinal, long epochMillis, long bytes) {
        if (listener == null) {
            return;
        }
        long claim;
        do {
            claim = claimed.get();
            if (claim - delivered >= SLOTS) {
                dropped.increment();
                return;
            }
        } while (!claimed.compareAndSet(claim, claim + 1));
        int slot = (int) (claim & (SLOTS - 1));
        int field = slot * FIELDS;
        fields[field] = bucketId;
        fields[field + 1] = versionOrdinal;
        fields[field + 2] = epochMillis;
        fields[field + 3] = bytes;
        SEQUENCE.setRelease(sequences, slot, claim + 1);
    }

    /** Delivers at most {@code budget} events. */
    @Override
    public long step(long budget) {
        AccessListener present = listener;
        if (present == null) {
            return 0;
        }
        long first = delivered;
        long next = first;
        try {
            while (next - first < budget) {
                int slot = (int) (next & (SLOTS - 1));
                if ((long) SEQUENCE.getAcquire(sequences, slot) != next + 1) {
                    break;
                }
                int field = slot * FIELDS;
                next++;
                present.accessed(fields[field], fields[field + 1], fields[field + 2], fields[field + 3]);
                if (next % DELIVERED_TOGETHER == 0) {
                    delivered = next;
                }
            }
        } finally {
            delivered = next;
        }
        return next - first;
    }

    /** Events lost because the listener was too slow. */
    long dropped() {
        return dropped.sum();
    }
}
