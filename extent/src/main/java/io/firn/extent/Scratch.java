package io.firn.extent;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;

/** A buffer and a CRC that one operation owns for its duration, so that reading and writing allocate nothing. */
final class Scratch {
    final ByteBuffer buffer;
    final CRC32C crc = new CRC32C();

    private Scratch(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /**
     * A bounded pool: not a thread-local, because there may be a virtual thread per request. Whoever finds it empty gets a scratch on
     * the heap that is not kept: slower, but never more direct memory than the bound.
     */
    static final class Pool {
        private final AtomicReferenceArray<Scratch> slots;
        private final AtomicReferenceArray<Boolean> made;
        private final int bytes;

        /** {@code count} is a power of two. */
        Pool(int count, int bytes) {
            this.slots = new AtomicReferenceArray<>(count);
            this.made = new AtomicReferenceArray<>(count);
            this.bytes = bytes;
        }

        Scratch take() {
            int start = home();
            for (int i = 0; i < slots.length(); i++) {
                int slot = (start + i) & (slots.length() - 1);
                Scratch scratch = slots.get(slot);
                if (scratch != null && slots.compareAndSet(slot, scratch, null)) {
                    return scratch;
                }
                if (made.get(slot) == null && made.compareAndSet(slot, null, Boolean.TRUE)) {
                    return new Scratch(ByteBuffer.allocateDirect(bytes));
                }
            }
            return new Scratch(ByteBuffer.allocate(bytes));
        }

        void give(Scratch scratch) {
            if (!scratch.buffer.isDirect()) {
                return;
            }
            scratch.buffer.clear();
            // There is a slot for every direct buffer that was made, so this ends.
            int slot = home();
            while (!slots.compareAndSet(slot, null, scratch)) {
                slot = (slot + 1) & (slots.length() - 1);
            }
        }

        private int home() {
            return (int) Thread.currentThread().threadId() & (slots.length() - 1);
        }
    }
}
