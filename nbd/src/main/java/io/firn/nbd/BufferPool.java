package io.firn.nbd;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/** Direct buffers of one size, kept for the next connection: the collector gives direct memory back late. */
final class BufferPool {
    private final int bytes;
    private final ArrayBlockingQueue<ByteBuffer> idle;

    BufferPool(int bytes, int most) {
        this.bytes = bytes;
        this.idle = new ArrayBlockingQueue<>(most);
    }

    ByteBuffer take() {
        ByteBuffer buffer = idle.poll();
        return buffer == null ? ByteBuffer.allocateDirect(bytes) : buffer.clear();
    }

    void give(ByteBuffer buffer) {
        idle.offer(buffer); // one too many is left to the collector
    }
}
