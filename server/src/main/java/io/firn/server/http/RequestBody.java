package io.firn.server.http;

import java.nio.ByteBuffer;

/**
 * A request's body, pulled as it arrives.
 *
 * <p>At most {@link HttpServerOptions#bodyQueueBytes} are held in memory ahead of the reader; beyond that the client waits.
 * The first read sends {@code 100 Continue} to a client that waits for it, so a request refused before its body is read
 * costs no body.
 *
 * <p><b>Threads.</b> Used by the exchange's thread; {@link #read} blocks it.
 */
public interface RequestBody {

    /**
     * Reads at least one byte into {@code target}, waiting for it; returns the bytes read, -1 at the end of the body, and 0
     * only when {@code target} has no room.
     *
     * @throws RequestBodyException when the body cannot be had: the client left, stalled, or broke the framing
     */
    int read(ByteBuffer target);

    /** Fills {@code target}, or reads to the end; returns the bytes read, which are fewer than asked only at the end. */
    default int readFully(ByteBuffer target) {
        int start = target.position();
        while (target.hasRemaining() && read(target) >= 0) {
            // Reads until full or ended.
        }
        return target.position() - start;
    }
}
