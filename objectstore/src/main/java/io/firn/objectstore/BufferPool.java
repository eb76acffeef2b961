package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/** Direct buffers of {@link Blob#FRAME_BYTES} for large payloads: at most {@link #MAX_BUFFERS} at a time, which bounds their memory; who finds none waits. */
final class BufferPool {
    static final int MAX_BUFFERS = 96;

    private final Semaphore permits = new Semaphore(MAX_BUFFERS);
    private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();

    /** {@code count} empty buffers, taken together so that two writers never wait for each other's second one. */
    ByteBuffer[] take(int count) {
        permits.acquireUninterruptibly(count);
        ByteBuffer[] buffers = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = idle.poll();
            buffers[i] = buffer == null ? ByteBuffer.allocateDirect(Blob.FRAME_BYTES) : buffer.clear();
        }
        return buffers;
    }

    void giveBack(ByteBuffer[] buffers) {
        for (ByteBuffer buffer : buffers) {
            idle.add(buffer);
        }
        permits.release(buffers.length);
    }
}
