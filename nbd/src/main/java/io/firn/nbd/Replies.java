package io.firn.nbd;

import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Replies of the connection's thread on their way out: encoded one after the other into a buffer, sent together. */
final class Replies {
    private final Connection connection;
    private final ByteBuffer buffer;
    private final ReplyWriter writer;

    Replies(Connection connection, Style style, ByteBuffer buffer) {
        this.connection = connection;
        this.buffer = buffer;
        this.writer = new ReplyWriter(style, buffer);
    }

    ByteBuffer buffer() {
        return buffer;
    }

    void send() throws IOException {
        if (buffer.position() > 0) {
            buffer.flip();
            connection.send(buffer);
            buffer.clear();
        }
    }

    void makeRoom(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            send();
        }
    }

    int headerBytes() {
        return writer.headerBytes();
    }

    /** Success, with no data. */
    void done(long cookie, long offset) throws IOException {
        makeRoom(ReplyWriter.SMALL_REPLY_BYTES);
        writer.done(cookie, offset);
    }

    /** The last chunk after chunks of content. */
    void noMoreChunks(long cookie, long offset) throws IOException {
        makeRoom(ReplyWriter.SMALL_REPLY_BYTES);
        writer.noMoreChunks(cookie, offset);
    }

    void refuse(long cookie, long offset, Refusal refusal) throws IOException {
        makeRoom(ReplyWriter.SMALL_REPLY_BYTES);
        writer.refuse(cookie, offset, refusal);
    }

    /** Fails a read whose first chunks are out. */
    void refuseAt(long cookie, long offset, Refusal refusal, long failedOffset) throws IOException {
        makeRoom(ReplyWriter.SMALL_REPLY_BYTES);
        writer.refuseAt(cookie, offset, refusal, failedOffset);
    }

    void simple(long cookie, int error) {
        writer.simple(cookie, error);
    }

    /** Puts a chunk's header at {@code at}; the position stays. */
    void chunk(int at, int flags, int type, long cookie, long offset, long payloadBytes) {
        writer.chunk(at, flags, type, cookie, offset, payloadBytes);
    }
}
