package io.firn.nbd;

import static io.firn.nbd.Protocol.EXTENDED_REPLY_MAGIC;
import static io.firn.nbd.Protocol.REPLY_FLAG_DONE;
import static io.firn.nbd.Protocol.REPLY_TYPE_ERROR;
import static io.firn.nbd.Protocol.REPLY_TYPE_ERROR_OFFSET;
import static io.firn.nbd.Protocol.REPLY_TYPE_NONE;
import static io.firn.nbd.Protocol.SIMPLE_REPLY_MAGIC;
import static io.firn.nbd.Protocol.STRUCTURED_REPLY_MAGIC;

import io.firn.nbd.Protocol.Style;
import java.nio.ByteBuffer;

/** Encodes replies into a buffer that has room for them. One thread's own. */
final class ReplyWriter {
    /** The longest reply without a payload: header, error, words. */
    static final int SMALL_REPLY_BYTES = 256;

    private final Style style;
    private final ByteBuffer buffer;

    ReplyWriter(Style style, ByteBuffer buffer) {
        this.style = style;
        this.buffer = buffer;
    }

    /** Into a buffer for so many small replies. */
    ReplyWriter(Style style, int smallReplies) {
        this(style, ByteBuffer.allocate(smallReplies * SMALL_REPLY_BYTES));
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** Bytes before the payload of a chunk, or before the data of a simple reply. */
    int headerBytes() {
        return switch (style) {
            case SIMPLE -> 16;
            case STRUCTURED -> 20;
            case EXTENDED -> 32;
        };
    }

    /** Success, with no data. */
    void done(long cookie, long offset) {
        if (style == Style.EXTENDED) {
            chunk(buffer.position(), REPLY_FLAG_DONE, REPLY_TYPE_NONE, cookie, offset, 0);
            buffer.position(buffer.position() + 32);
        } else {
            // Shorter than a chunk, and allowed wherever there is no payload.
            simple(cookie, 0);
        }
    }

    /** The last chunk after chunks of content. */
    void noMoreChunks(long cookie, long offset) {
        chunk(buffer.position(), REPLY_FLAG_DONE, REPLY_TYPE_NONE, cookie, offset, 0);
        buffer.position(buffer.position() + headerBytes());
    }

    void refuse(long cookie, long offset, Refusal refusal) {
        if (style == Style.SIMPLE) {
            simple(cookie, refusal.error().code());
            return;
        }
        byte[] words = refusal.words();
        chunk(buffer.position(), REPLY_FLAG_DONE, REPLY_TYPE_ERROR, cookie, offset, 6 + words.length);
        buffer.position(buffer.position() + headerBytes());
        buffer.putInt(refusal.error().code()).putShort((short) words.length).put(words);
    }

    /** Fails a read whose first chunks are out. */
    void refuseAt(long cookie, long offset, Refusal refusal, long failedOffset) {
        byte[] words = refusal.words();
        chunk(buffer.position(), REPLY_FLAG_DONE, REPLY_TYPE_ERROR_OFFSET, cookie, offset, 14 + words.length);
        buffer.position(buffer.position() + headerBytes());
        buffer.putInt(refusal.error().code())
                .putShort((short) words.length)
                .put(words)
                .putLong(failedOffset);
    }

    void simple(long cookie, int error) {
        buffer.putInt(SIMPLE_REPLY_MAGIC).putInt(error).putLong(cookie);
    }

    /** Puts a chunk's header at {@code at}; the position stays. */
    void chunk(int at, int flags, int type, long cookie, long offset, long payloadBytes) {
        boolean extended = style == Style.EXTENDED;
        buffer.putInt(at, extended ? EXTENDED_REPLY_MAGIC : STRUCTURED_REPLY_MAGIC);
        buffer.putShort(at + 4, (short) flags);
        buffer.putShort(at + 6, (short) type);
        buffer.putLong(at + 8, cookie);
        if (extended) {
            buffer.putLong(at + 16, offset);
            buffer.putLong(at + 24, payloadBytes);
        } else {
            buffer.putInt(at + 16, (int) payloadBytes);
        }
    }
}
