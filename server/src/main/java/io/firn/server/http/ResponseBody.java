package io.firn.server.http;

import io.firn.io.FileStretch;
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

    /** Gives the next bytes of a body. */
    @FunctionalInterface
    interface Source {
        /** Puts bytes into {@code target}; returns how many, or -1 when there are no more. */
        int read(ByteBuffer target);
    }

    /**
     * Has {@code source} fill a piece in a buffer of the network's own, which spares a copy, and sends it; never asks for more than the
     * declared length leaves. Returns false when nothing is left to ask for, or the source has ended. What the source throws goes through,
     * and nothing of its piece is sent.
     */
    boolean writeFrom(Source source);

    /** True when {@link #send} may be called: not over TLS, nor for HEAD, nor before the head has gone out, nor in chunks. */
    boolean takesStretches();

    /** Has the network send bytes from their file, and closes them when they have left or cannot; as {@link #write} in all else. */
    void send(FileStretch stretch);

    @Override
    void close();
}
