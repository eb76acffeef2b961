package io.firn.server.http;

import java.nio.ByteBuffer;

/**
 * A reply's body, written piece by piece.
 *
 * <p>At most {@link HttpServerOptions#writeQueueBytes} (and one piece) wait for the network; beyond that {@link #write} blocks until the
 * client has read. For HEAD everything is accepted and nothing is sent.
 *
 * <p><b>Threads.</b> Used by the exchange's thread.
 *
 * <p><b>Errors.</b> {@link ClientGone} when the client left or stopped reading. Closing before the declared length has been
 * written, like an exception that leaves the handler, cuts the connection so that the client cannot take a part for the whole.
 */
public interface ResponseBody extends AutoCloseable {

    /** Takes all of {@code source} and sends it without waiting for more; the buffer is free for reuse on return. The head goes with the first piece. */
    void write(ByteBuffer source);

    @Override
    void close();
}
