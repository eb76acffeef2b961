package io.firn.nbd;

import static io.firn.nbd.Protocol.CMD_BLOCK_STATUS;
import static io.firn.nbd.Protocol.CMD_CACHE;
import static io.firn.nbd.Protocol.CMD_DISC;
import static io.firn.nbd.Protocol.CMD_FLAG_DF;
import static io.firn.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.firn.nbd.Protocol.CMD_FLAG_FUA;
import static io.firn.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.firn.nbd.Protocol.CMD_FLAG_PAYLOAD_LEN;
import static io.firn.nbd.Protocol.CMD_FLAG_REQ_ONE;
import static io.firn.nbd.Protocol.CMD_FLUSH;
import static io.firn.nbd.Protocol.CMD_READ;
import static io.firn.nbd.Protocol.CMD_TRIM;
import static io.firn.nbd.Protocol.CMD_WRITE;
import static io.firn.nbd.Protocol.CMD_WRITE_ZEROES;
import static io.firn.nbd.Protocol.REPLY_FLAG_DONE;
import static io.firn.nbd.Protocol.REPLY_TYPE_OFFSET_DATA;
import static io.firn.nbd.Protocol.REPLY_TYPE_OFFSET_HOLE;

import io.firn.io.Clock;
import io.firn.io.StorageException;
import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transmission phase of a connection, run by its thread.
 *
 * <p>All requests that a read of the socket brought are one <em>burst</em>: reads are executed as they are met, into the reply buffer;
 * writes are staged; at the end of the burst the staged ones are submitted together, and everything is sent at once. A flush, or a
 * request with FUA, is answered after the submission by one flush for all of the burst: at once while flushes are quicker than waking another
 * thread, by the {@link Flusher} otherwise, so that reads do not wait for the disk's cache (docs/decisions/004-nbd-server.md).
 *
 * <p>A payload that does not fit into the receive buffer is staged in pieces as it comes in.
 */
final class Transmission {
    private static final Logger LOG = System.getLogger(Transmission.class.getName());

    /** Payloads up to here wait in the receive buffer until they are whole. */
    private static final int WHOLE_PAYLOAD_BYTES = 32 << 10;

    /** Pieces of longer ones end at multiples of this. */
    private static final int PIECE_BYTES = 64 << 10;

    /** A payload beyond the largest that is taken is read and dropped up to here; a longer one ends the connection. */
    private static final long DRAINED_PAYLOAD_BYTES = 64 << 20;

    /** Staged requests, and staged bytes, after which a burst is submitted before it ends. */
    private static final int MOST_STAGED = 1024;

    private static final long MOST_STAGED_BYTES = 4 << 20;

    private static final int MOST_STATUS_EXTENTS = 16 << 10;
    private static final long LONGEST_SHORT_EXTENT = 0xffff_0000L;

    private final Connection connection;
    private final Clock clock;
    private final ExportSession session;
    private final ExportProfile profile;
    private final Style style;
    private final List<SelectedContext> contexts;
    private final ByteBuffer in;
    private final ByteBuffer source; // a second view of in, handed to the session
    private final ByteBuffer target; // a second view of the reply buffer, handed to the session
    private final ByteBuffer zeroes = ByteBuffer.allocateDirect(4096);
    private final Replies replies;
    private final Flusher flusher;
    private final int requestBytes;
    private final StatusWriter statusWriter = new StatusWriter();

    private final long[] stagedCookies = new long[MOST_STAGED];
    private final long[] stagedOffsets = new long[MOST_STAGED];
    private final boolean[] stagedDurable = new boolean[MOST_STAGED];
    private int staged;
    private boolean dirty; // the session holds something that is not submitted
    private long stagedBytes;

    // Read by connections that come after this one, and by the sweep.
    private volatile long readsBegun;
    private volatile long lastEmptyingRead;
    private volatile long bytesExecuted;
    private volatile long idleSinceNanos = Long.MAX_VALUE;
    private boolean lastReadEmptied;
    private long reads;
    private long received;

    Transmission(
            Connection connection,
            Clock clock,
            ExportSession session,
            ExportProfile profile,
            Style style,
            List<SelectedContext> contexts,
            ByteBuffer in,
            ByteBuffer out) {
        this.connection = connection;
        this.clock = clock;
        this.session = session;
        this.profile = profile;
        this.style = style;
        this.contexts = contexts;
        this.in = in;
        this.source = in.duplicate();
        this.target = out.duplicate();
        this.replies = new Replies(connection, style, out);
        this.flusher = new Flusher(connection, clock, session, style);
        this.requestBytes = style == Style.EXTENDED ? Protocol.EXTENDED_REQUEST_BYTES : Protocol.REQUEST_BYTES;
    }

    // ---- for others

    long readsBegun() {
        return readsBegun;
    }

    long lastEmptyingRead() {
        return lastEmptyingRead;
    }

    long bytesExecuted() {
        return bytesExecuted;
    }

    /** When it began to wait for a request; in the far future while it executes, or sends. */
    long idleSinceNanos() {
        return idleSinceNanos;
    }

    // ---- the loop

    /** Serves until the client leaves, breaks the protocol (an {@link IOException}), or the server closes. {@code in} may hold bytes. */
    void run() throws IOException {
        try {
            boolean goesOn = executeBurst();
            while (goesOn && !connection.isClosing() && receive()) {
                goesOn = executeBurst();
                bytesExecuted = received;
                if (lastReadEmptied) {
                    lastEmptyingRead = reads;
                }
            }
        } finally {
            flusher.finish();
        }
    }

    private boolean receive() throws IOException {
        in.compact();
        int count = 0;
        while (count == 0) {
            // Whoever waits to be rid of replies may have requests in its socket: only the read itself is idle.
            connection.sendOwed();
            connection.waits(true);
            idleSinceNanos = clock.nanoTime();
            reads++;
            readsBegun = reads;
            count = connection.readOrWake(in);
            idleSinceNanos = Long.MAX_VALUE;
            connection.waits(false);
        }
        lastReadEmptied = in.hasRemaining();
        in.flip();
        received += Math.max(0, count);
        return count >= 0;
    }

    /** Executes all whole requests in the buffer; false after NBD_CMD_DISC. */
    private boolean executeBurst() throws IOException {
        boolean goesOn = true;
        boolean whole = true;
        while (goesOn && whole && in.remaining() >= requestBytes) {
            int start = in.position();
            if (in.getShort(start + 6) == CMD_DISC) {
                checkMagic(start);
                goesOn = false;
            } else {
                whole = execute(start);
            }
        }
        finishBurst();
        return goesOn;
    }

    private void finishBurst() throws IOException {
        submit();
        replies.send();
    }

    private void checkMagic(int at) throws ProtocolViolation {
        int expected = style == Style.EXTENDED ? Protocol.EXTENDED_REQUEST_MAGIC : Protocol.REQUEST_MAGIC;
        if (in.getInt(at) != expected) {
            throw new ProtocolViolation("no request where one should begin");
        }
    }

    /** Executes the request at {@code start}; false when more of it has to come first. */
    private boolean execute(int start) throws IOException {
        checkMagic(start);
        int flags = in.getShort(start + 4) & 0xffff;
        int command = in.getShort(start + 6) & 0xffff;
        long cookie = in.getLong(start + 8);
        long offset = in.getLong(start + 16);
        long length = style == Style.EXTENDED ? in.getLong(start + 24) : in.getInt(start + 24) & 0xffff_ffffL;
        boolean hasPayload = style == Style.EXTENDED ? (flags & CMD_FLAG_PAYLOAD_LEN) != 0 : command == CMD_WRITE;
        if (hasPayload && length >= 0 && length <= WHOLE_PAYLOAD_BYTES && in.remaining() - requestBytes < length) {
            return false;
        }
        in.position(start + requestBytes);
        Refusal refusal = refusal(command, flags, offset, length, hasPayload);
        if (refusal != null) {
            if (hasPayload) {
                drain(length);
            }
            replies.refuse(cookie, offset, refusal);
            return true;
        }
        switch (command) {
            case CMD_READ -> read(cookie, offset, (int) length, (flags & CMD_FLAG_DF) != 0);
            case CMD_WRITE -> write(cookie, offset, (int) length, (flags & CMD_FLAG_FUA) != 0);
            case CMD_FLUSH -> stage(cookie, offset, true, 0);
            case CMD_BLOCK_STATUS -> blockStatus(cookie, offset, length, flags);
            default -> change(command, flags, cookie, offset, length);
        }
        return true;
    }

    /** Why the request is refused before anything is done; null when it is not. */
    private @Nullable Refusal refusal(int command, int flags, long offset, long length, boolean hasPayload) {
        if (connection.isClosing()) {
            return Refusal.SHUTTING_DOWN;
        }
        int known = CMD_FLAG_FUA;
        switch (command) {
            case CMD_READ -> known |= style == Style.SIMPLE ? 0 : CMD_FLAG_DF;
            case CMD_WRITE -> known |= style == Style.EXTENDED ? CMD_FLAG_PAYLOAD_LEN : 0;
            case CMD_WRITE_ZEROES -> known |= CMD_FLAG_NO_HOLE | CMD_FLAG_FAST_ZERO;
            case CMD_BLOCK_STATUS -> known |= CMD_FLAG_REQ_ONE | (style == Style.EXTENDED ? CMD_FLAG_PAYLOAD_LEN : 0);
            case CMD_FLUSH, CMD_TRIM, CMD_CACHE -> {}
            default -> {
                return Refusal.UNKNOWN_COMMAND;
            }
        }
        if ((flags & ~known) != 0) {
            return Refusal.BAD_FLAGS;
        }
        if (command == CMD_FLUSH) {
            return offset == 0 && length == 0 ? null : Refusal.NOT_EMPTY;
        }
        boolean changes = command == CMD_WRITE || command == CMD_TRIM || command == CMD_WRITE_ZEROES;
        if (changes && profile.isReadOnly()) {
            return Refusal.READ_ONLY;
        }
        if (command == CMD_WRITE && !hasPayload) {
            return Refusal.NO_PAYLOAD;
        }
        if (command == CMD_BLOCK_STATUS && hasPayload) {
            return contexts.isEmpty() ? Refusal.NO_CONTEXT : null; // the range is in the payload
        }
        if (command == CMD_WRITE && (length < 0 || length > profile.blocks().maximumPayloadBytes())) {
            return Refusal.PAYLOAD_TOO_LONG;
        }
        return rangeRefusal(command, flags, offset, length);
    }

    private @Nullable Refusal rangeRefusal(int command, int flags, long offset, long length) {
        if (length == 0) {
            return Refusal.EMPTY;
        }
        long size = profile.sizeBytes();
        // Both are unsigned on the wire; a negative one is beyond any size.
        if (offset < 0 || length < 0 || offset > size || length > size - offset) {
            return command == CMD_WRITE || command == CMD_WRITE_ZEROES
                    ? Refusal.NO_SPACE_BEYOND_END
                    : Refusal.BEYOND_END;
        }
        if (((offset | length) & (profile.blocks().minimumBytes() - 1)) != 0) {
            return Refusal.UNALIGNED;
        }
        if (command == CMD_READ && length > profile.blocks().maximumPayloadBytes()) {
            return style == Style.SIMPLE ? Refusal.SIMPLE_READ_TOO_LONG : Refusal.READ_TOO_LONG;
        }
        if ((flags & CMD_FLAG_FAST_ZERO) != 0 && !profile.canFastZero()) {
            return Refusal.NOT_FAST;
        }
        return command == CMD_BLOCK_STATUS && contexts.isEmpty() ? Refusal.NO_CONTEXT : null;
    }

    // ---- reads

    private void read(long cookie, long offset, int length, boolean unfragmented) throws IOException {
        int head = replies.headerBytes() + (style == Style.SIMPLE ? 0 : 8);
        ByteBuffer out = replies.buffer();
        if (head + length <= out.capacity()) {
            replies.makeRoom(head + length);
            int at = out.position();
            Refusal refusal = readInto(at + head, offset, length);
            if (refusal != null) {
                replies.refuse(cookie, offset, refusal);
            } else {
                content(at, REPLY_FLAG_DONE, cookie, offset, offset, length, !unfragmented);
            }
        } else if (style == Style.SIMPLE || unfragmented) {
            readInOnePiece(cookie, offset, length, head);
        } else {
            readInChunks(cookie, offset, length, head);
        }
    }

    /** Puts the header before the data that lies behind it, or replaces both by a hole. */
    private void content(
            int at, int flags, long cookie, long requestOffset, long offset, int length, boolean holeAllowed) {
        ByteBuffer out = replies.buffer();
        int header = replies.headerBytes();
        if (style == Style.SIMPLE) {
            replies.simple(cookie, 0);
            out.position(at + header + length);
        } else if (holeAllowed && isZero(at + header + 8, length)) {
            replies.chunk(at, flags, REPLY_TYPE_OFFSET_HOLE, cookie, requestOffset, 12);
            out.putLong(at + header, offset).putInt(at + header + 8, length).position(at + header + 12);
        } else {
            replies.chunk(at, flags, REPLY_TYPE_OFFSET_DATA, cookie, requestOffset, 8 + (long) length);
            out.putLong(at + header, offset).position(at + header + 8 + length);
        }
    }

    private boolean isZero(int at, int length) {
        if (replies.buffer().get(at) != 0) {
            return false;
        }
        for (int done = 0; done < length; done += zeroes.capacity()) {
            int count = Math.min(zeroes.capacity(), length - done);
            target.limit(at + done + count).position(at + done);
            zeroes.limit(count).position(0);
            if (target.mismatch(zeroes) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** A long read in chunks that are whole before their header is. */
    private void readInChunks(long cookie, long offset, int length, int head) throws IOException {
        int most = (replies.buffer().capacity() - head) / PIECE_BYTES * PIECE_BYTES;
        int done = 0;
        while (done < length) {
            int count = Math.min(most, length - done);
            replies.makeRoom(head + count);
            int at = replies.buffer().position();
            Refusal refusal = readInto(at + head, offset + done, count);
            if (refusal != null) {
                replies.refuseAt(cookie, offset, refusal, offset + done);
                return;
            }
            int flags = done + count == length ? REPLY_FLAG_DONE : 0;
            content(at, flags, cookie, offset, offset + done, count, true);
            done += count;
        }
    }

    /**
     * A long read under one header. What fails midway is filled with zeroes and told in a chunk of its own; a simple reply has no place
     * for it, and doc/proto.md then wants the connection ended.
     */
    private void readInOnePiece(long cookie, long offset, int length, int head) throws IOException {
        replies.send();
        connection.beginReply();
        boolean isWhole = false;
        try {
            sendInPieces(cookie, offset, length, head);
            isWhole = true;
        } finally {
            connection.endReply(isWhole);
        }
        connection.sendOwed();
    }

    private void sendInPieces(long cookie, long offset, int length, int head) throws IOException {
        ByteBuffer out = replies.buffer();
        int at = head;
        int done = 0;
        Refusal failed = null;
        long failedOffset = 0;
        while (done < length) {
            int count = Math.min(out.capacity() - at, length - done);
            if (failed == null) {
                failed = readInto(at, offset + done, count);
                failedOffset = offset + done;
            }
            if (failed != null) {
                if (style == Style.SIMPLE) {
                    if (done > 0) {
                        throw new ProtocolViolation("a read failed behind a reply that says it did not");
                    }
                    replies.refuse(cookie, offset, failed);
                    return;
                }
                for (int i = at; i < at + count; i++) {
                    out.put(i, (byte) 0);
                }
            }
            if (done == 0 && style == Style.SIMPLE) {
                replies.simple(cookie, 0);
            } else if (done == 0) {
                replies.chunk(0, 0, REPLY_TYPE_OFFSET_DATA, cookie, offset, 8 + (long) length);
                out.putLong(replies.headerBytes(), offset);
            }
            out.position(at + count);
            done += count;
            at = 0;
            if (done < length) {
                replies.send();
            }
        }
        if (failed != null) {
            replies.refuseAt(cookie, offset, failed, failedOffset);
        } else if (style != Style.SIMPLE) {
            replies.noMoreChunks(cookie, offset);
        }
        replies.send();
    }

    private @Nullable Refusal readInto(int at, long offset, int length) {
        target.limit(at + length).position(at);
        try {
            session.read(offset, target);
            return null;
        } catch (RuntimeException e) {
            return failure("read", e);
        }
    }

    // ---- changes

    private void write(long cookie, long offset, int length, boolean durable) throws IOException {
        if (length <= in.remaining()) {
            Refusal refusal = writePiece(offset, length);
            if (refusal == null) {
                stage(cookie, offset, durable, length);
            } else {
                replies.refuse(cookie, offset, refusal);
            }
            return;
        }
        finishBurst(); // nothing that is done waits for a payload that is still on its way
        Refusal refusal = null;
        int done = 0;
        while (done < length) {
            int count = Math.min(in.remaining(), length - done);
            if (done + count < length) {
                long pastEdge = (offset + done + count) % PIECE_BYTES;
                count = (int) Math.max(0, count - pastEdge);
            }
            if (count == 0) {
                fill();
            } else {
                if (refusal == null) {
                    refusal = writePiece(offset + done, count);
                } else {
                    in.position(in.position() + count);
                }
                done += count;
            }
            if (refusal == null && stagedBytes + done > MOST_STAGED_BYTES && done < length) {
                stagedBytes -= done;
                refusal = submitSession();
            }
        }
        if (refusal == null) {
            stage(cookie, offset, durable, length);
        } else {
            replies.refuse(cookie, offset, refusal);
        }
    }

    /** Stages what the buffer holds next. */
    private @Nullable Refusal writePiece(long offset, int length) {
        source.limit(in.position() + length).position(in.position());
        in.position(in.position() + length);
        dirty = true;
        try {
            session.write(offset, source);
            return null;
        } catch (RuntimeException e) {
            return failure("write", e);
        }
    }

    private void change(int command, int flags, long cookie, long offset, long length) throws IOException {
        try {
            switch (command) {
                case CMD_TRIM -> session.trim(offset, length);
                case CMD_WRITE_ZEROES -> session.zero(offset, length, (flags & CMD_FLAG_NO_HOLE) == 0);
                default -> session.cache(offset, length);
            }
        } catch (RuntimeException e) {
            replies.refuse(cookie, offset, failure("change", e));
            return;
        }
        if (command == CMD_CACHE) {
            replies.done(cookie, offset);
        } else {
            dirty = true;
            stage(cookie, offset, (flags & CMD_FLAG_FUA) != 0, 0);
        }
    }

    /** Remembers a request that is answered when the burst is submitted, or flushed. */
    private void stage(long cookie, long offset, boolean durable, long bytes) throws IOException {
        stagedCookies[staged] = cookie;
        stagedOffsets[staged] = offset;
        stagedDurable[staged] = durable && !profile.isReadOnly();
        staged++;
        stagedBytes += bytes;
        if (staged == MOST_STAGED || stagedBytes > MOST_STAGED_BYTES) {
            submit();
        }
    }

    /** Submits what is staged and answers it. */
    private void submit() throws IOException {
        if (staged == 0) {
            return;
        }
        Refusal refusal = submitSession();
        int durable = 0;
        for (int i = 0; i < staged; i++) {
            if (refusal != null) {
                replies.refuse(stagedCookies[i], stagedOffsets[i], refusal);
            } else if (stagedDurable[i]) {
                stagedCookies[durable] = stagedCookies[i];
                stagedOffsets[durable] = stagedOffsets[i];
                durable++;
            } else {
                replies.done(stagedCookies[i], stagedOffsets[i]);
            }
        }
        staged = 0;
        stagedBytes = 0;
        if (durable > 0) {
            flush(durable);
        }
    }

    private @Nullable Refusal submitSession() {
        if (!dirty) {
            return null;
        }
        dirty = false;
        try {
            session.submit();
            return null;
        } catch (RuntimeException e) {
            return failure("submit", e);
        }
    }

    private void flush(int count) throws IOException {
        if (!flusher.isQuick()) {
            flusher.flush(stagedCookies, stagedOffsets, count);
            return;
        }
        replies.send();
        Refusal refusal = flusher.flushNow();
        for (int i = 0; i < count; i++) {
            if (refusal == null) {
                replies.done(stagedCookies[i], stagedOffsets[i]);
            } else {
                replies.refuse(stagedCookies[i], stagedOffsets[i], refusal);
            }
        }
    }

    // ---- block status

    private void blockStatus(long cookie, long offset, long headerLength, int flags) throws IOException {
        List<SelectedContext> asked = contexts;
        long length = headerLength;
        if ((flags & CMD_FLAG_PAYLOAD_LEN) != 0) {
            if (headerLength > WHOLE_PAYLOAD_BYTES || headerLength < 12 || headerLength % 4 != 0) {
                drain(headerLength);
                replies.refuse(cookie, offset, Refusal.BAD_CONTEXTS);
                return;
            }
            length = in.getLong();
            int[] ids = new int[(int) (headerLength - 8) / 4];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = in.getInt();
            }
            asked = SelectedContext.byId(contexts, ids);
            Refusal refusal =
                    asked.isEmpty() ? Refusal.BAD_CONTEXTS : rangeRefusal(CMD_BLOCK_STATUS, flags, offset, length);
            if (refusal != null) {
                replies.refuse(cookie, offset, refusal);
                return;
            }
        }
        for (int i = 0; i < asked.size(); i++) {
            replies.send(); // all of the buffer for the extents
            boolean last = i == asked.size() - 1;
            Refusal refusal = statusWriter.write(asked.get(i), cookie, offset, length, flags, last);
            if (refusal != null) {
                replies.buffer().clear();
                replies.refuse(cookie, offset, refusal);
                return;
            }
        }
    }

    /** Writes one status chunk; runs with equal flags are joined. */
    private final class StatusWriter implements ExtentMap.Visitor {
        private long left;
        private int most;
        private int count;
        private long runLength;
        private int runFlags;

        @Nullable Refusal write(SelectedContext context, long cookie, long offset, long length, int flags, boolean isLast) {
            ByteBuffer out = replies.buffer();
            int head = replies.headerBytes();
            boolean extended = style == Style.EXTENDED;
            int descriptorBytes = extended ? 16 : 8;
            out.position(head + (extended ? 8 : 4));
            left = length;
            most = (flags & CMD_FLAG_REQ_ONE) != 0
                    ? 1
                    : Math.min(MOST_STATUS_EXTENTS, (out.remaining() - 64) / descriptorBytes);
            count = 0;
            runLength = 0;
            try {
                context.extents().walk(offset, length, this);
            } catch (RuntimeException e) {
                return failure("block status", e);
            }
            endRun();
            if (count == 0) {
                return failure("block status", new IllegalStateException(context.name() + " told no extent"));
            }
            long payload = (extended ? 8L : 4L) + (long) count * descriptorBytes;
            int type = extended ? Protocol.REPLY_TYPE_BLOCK_STATUS_EXT : Protocol.REPLY_TYPE_BLOCK_STATUS;
            replies.chunk(0, isLast ? REPLY_FLAG_DONE : 0, type, cookie, offset, payload);
            out.putInt(head, context.id());
            if (extended) {
                out.putInt(head + 4, count);
            }
            return null;
        }

        @Override
        public boolean run(long length, int flags) {
            if (runLength > 0 && flags != runFlags) {
                endRun();
            }
            if (count == most || left == 0) {
                return false;
            }
            long taken = Math.min(length, left);
            runFlags = flags;
            runLength += taken;
            left -= taken;
            return left > 0;
        }

        private void endRun() {
            if (runLength == 0 || count == most) {
                return;
            }
            ByteBuffer out = replies.buffer();
            if (style == Style.EXTENDED) {
                out.putLong(runLength).putLong(runFlags & 0xffff_ffffL);
            } else {
                out.putInt((int) Math.min(runLength, LONGEST_SHORT_EXTENT)).putInt(runFlags);
            }
            count++;
            runLength = 0;
        }
    }

    // ---- payloads

    private void drain(long length) throws IOException {
        if (length < 0 || length > DRAINED_PAYLOAD_BYTES) {
            throw new ProtocolViolation("a payload of " + Long.toUnsignedString(length) + " bytes");
        }
        long left = length;
        if (left > in.remaining()) {
            finishBurst();
        }
        while (left > 0) {
            if (!in.hasRemaining()) {
                fill();
            }
            int count = (int) Math.min(left, in.remaining());
            in.position(in.position() + count);
            left -= count;
        }
    }

    /** Waits for more of a payload. */
    private void fill() throws IOException {
        bytesExecuted = received;
        in.compact();
        int count = 0;
        while (count == 0) {
            connection.sendOwed();
            connection.waitsMidway(true);
            count = connection.readOrWake(in);
            connection.waitsMidway(false);
        }
        in.flip();
        if (count < 0) {
            throw new ProtocolViolation("the client left in the middle of a request");
        }
        received += count;
    }

    private Refusal failure(String what, RuntimeException e) {
        if (e instanceof StorageException storage) {
            LOG.log(Level.WARNING, what + " failed on " + connection.name(), e);
            return Refusal.of(storage);
        }
        LOG.log(Level.ERROR, what + " failed on " + connection.name(), e);
        return Refusal.FAILED;
    }
}
