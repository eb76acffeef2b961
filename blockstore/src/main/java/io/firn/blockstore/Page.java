package io.firn.blockstore;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * 1,024 numbers outside the heap, read by anybody, changed under the log's lock after {@link PageSpace#touch}.
 *
 * <p>A read sees a number whole, and everything that was written before it was set.
 */
final class Page {
    static final int LONGS = 1024;
    static final int BYTES = LONGS * Long.BYTES;

    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final PageKey key;
    private final MemorySegment slab;
    private final long base;

    /** Changed since the last checkpoint began. Guarded by the log's lock, as {@link #isPending}. */
    boolean isModified;

    /** The checkpoint under way has not taken its picture yet. */
    boolean isPending;

    Page(PageKey key, MemorySegment slab, long base) {
        this.key = key;
        this.slab = slab;
        this.base = base;
    }

    PageKey key() {
        return key;
    }

    long get(int index) {
        return (long) LONG.getAcquire(slab, base + (long) index * Long.BYTES);
    }

    void set(int index, long value) {
        LONG.setRelease(slab, base + (long) index * Long.BYTES, value);
    }

    /** Little-endian on every machine. */
    void copyTo(ByteBuffer target) {
        MemorySegment.copy(slab, base, MemorySegment.ofBuffer(target), 0, BYTES);
        target.position(target.position() + BYTES);
    }

    void copyFrom(ByteBuffer source) {
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, slab, base, BYTES);
    }
}
