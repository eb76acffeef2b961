package io.firn.nbd;

import static io.firn.nbd.Protocol.FLAG_FIXED_NEWSTYLE;
import static io.firn.nbd.Protocol.FLAG_NO_ZEROES;
import static io.firn.nbd.Protocol.MAX_STRING_BYTES;

import io.firn.io.StorageException;
import io.firn.nbd.ExportProfile.BlockSizes;
import io.firn.nbd.OpenExports.Shared;
import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a connection: fixed newstyle, until an export is agreed on or the client leaves. Data of an option is read whole, at
 * most {@link #MAX_OPTION_BYTES}; options are counted.
 */
final class Handshake {
    private static final Logger LOG = System.getLogger(Handshake.class.getName());
    private static final int MAX_OPTION_BYTES = 64 << 10;
    private static final int MAX_SKIPPED_BYTES = 32 << 20;
    private static final int MAX_OPTIONS = 4096;
    private static final int MAX_QUERIES = 64;
    private static final byte[] NOTHING = {};

    private final Connection connection;
    private final OpenExports exports;
    private final NbdOptions options;
    private final ByteBuffer in = ByteBuffer.allocate(4096).limit(0);
    private final ByteBuffer out = ByteBuffer.allocate(16 << 10); // the largest reply, a name and a description, fits
    private boolean isFixed;
    private boolean noZeroes;
    private boolean isTls;
    private Style style = Style.SIMPLE;
    private String contextsOf = "";
    private List<SelectedContext> contexts = List.of();
    private @Nullable Shared contextsHeld;
    private @Nullable Shared chosen;

    Handshake(Connection connection, OpenExports exports, NbdOptions options) {
        this.connection = connection;
        this.exports = exports;
        this.options = options;
    }

    /** What the two sides agreed on; {@code readAhead} are bytes of requests that came with the last option. */
    record Agreement(
            Shared shared, ExportProfile profile, Style style, List<SelectedContext> contexts, ByteBuffer readAhead) {}

    /** Haggles; empty when the client leaves. */
    Optional<Agreement> run() throws IOException {
        out.putLong(Protocol.INIT_PASSWD).putLong(Protocol.IHAVEOPT).putShort((short)
                (FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES));
        send();
        if (!has(4)) {
            return Optional.empty();
        }
        int flags = in.getInt();
        if ((flags & ~(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolViolation("unknown client flags 0x" + Integer.toHexString(flags));
        }
        isFixed = (flags & FLAG_FIXED_NEWSTYLE) != 0;
        noZeroes = (flags & FLAG_NO_ZEROES) != 0;
        for (int count = 0; count < MAX_OPTIONS; count++) {
            if (!has(16)) {
                return Optional.empty();
            }
            if (in.getLong() != Protocol.IHAVEOPT) {
                throw new ProtocolViolation("no option where one should begin");
            }
            int option = in.getInt();
            long length = in.getInt() & 0xffff_ffffL;
            Optional<Agreement> agreement = option(option, length);
            send();
            if (agreement.isPresent() || option == Protocol.OPT_ABORT) {
                return agreement;
            }
        }
        throw new ProtocolViolation("more than " + MAX_OPTIONS + " options");
    }

    /** Gives back the exports that are held; after the connection is done with them. */
    void giveBack() {
        dropContexts();
        if (chosen != null) {
            chosen.leave(connection); // if the client left between being let in and being served
            chosen.giveBack();
            chosen = null;
        }
    }

    private Optional<Agreement> option(int option, long length) throws IOException {
        if (length > MAX_OPTION_BYTES) {
            if (option == Protocol.OPT_EXPORT_NAME) {
                throw new ProtocolViolation("a name of " + length + " bytes");
            }
            skip(length);
            reply(option, isKnown(option) ? Protocol.REP_ERR_TOO_BIG : Protocol.REP_ERR_UNSUP, "too long");
            return Optional.empty();
        }
        byte[] data = new byte[(int) length];
        readFully(data);
        if (needsTlsFirst(option)) {
            reply(option, Protocol.REP_ERR_TLS_REQD, "TLS is required");
            return Optional.empty();
        }
        if (connection.isClosing() && option != Protocol.OPT_ABORT) {
            reply(option, Protocol.REP_ERR_SHUTDOWN, "the server is shutting down");
            return Optional.empty();
        }
        try {
            return answer(option, new OptionData(data));
        } catch (OptionData.Malformed e) {
            if (option == Protocol.OPT_SET_META_CONTEXT) {
                dropContexts();
            }
            reply(option, e.isTooBig() ? Protocol.REP_ERR_TOO_BIG : Protocol.REP_ERR_INVALID, e.getMessage());
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "an export cannot be opened", e);
            failUnanswerable(option);
            reply(option, Protocol.REP_ERR_PLATFORM, "the export cannot be opened; the server's log says why");
        }
        return Optional.empty();
    }

    private boolean needsTlsFirst(int option) throws ProtocolViolation {
        boolean forced = options.tls().isPresent() && options.tls().get().mode() == NbdTls.Mode.FORCED;
        if (!forced || isTls || option == Protocol.OPT_STARTTLS || option == Protocol.OPT_ABORT) {
            return false;
        }
        failUnanswerable(option);
        return true;
    }

    /** NBD_OPT_EXPORT_NAME has no way to say no. */
    private static void failUnanswerable(int option) throws ProtocolViolation {
        if (option == Protocol.OPT_EXPORT_NAME) {
            throw new ProtocolViolation("an export that it may not have, asked for by NBD_OPT_EXPORT_NAME");
        }
    }

    private Optional<Agreement> answer(int option, OptionData data) throws IOException, OptionData.Malformed {
        switch (option) {
            case Protocol.OPT_EXPORT_NAME -> {
                return exportName(data);
            }
            case Protocol.OPT_INFO, Protocol.OPT_GO -> {
                return info(option, data);
            }
            case Protocol.OPT_ABORT -> reply(option, Protocol.REP_ACK, NOTHING);
            case Protocol.OPT_LIST -> list(data);
            case Protocol.OPT_STARTTLS -> startTls(data);
            case Protocol.OPT_STRUCTURED_REPLY -> {
                data.end();
                if (style == Style.EXTENDED) {
                    reply(option, Protocol.REP_ERR_EXT_HEADER_REQD, "extended headers are in use");
                } else {
                    style = Style.STRUCTURED;
                    reply(option, Protocol.REP_ACK, NOTHING);
                }
            }
            case Protocol.OPT_EXTENDED_HEADERS -> {
                data.end();
                style = Style.EXTENDED;
                reply(option, Protocol.REP_ACK, NOTHING);
            }
            case Protocol.OPT_LIST_META_CONTEXT, Protocol.OPT_SET_META_CONTEXT -> metaContext(option, data);
            default -> reply(option, Protocol.REP_ERR_UNSUP, "unknown option");
        }
        return Optional.empty();
    }

    private static boolean isKnown(int option) {
        return option >= Protocol.OPT_ABORT && option <= Protocol.OPT_EXTENDED_HEADERS && option != 4;
    }

    // ---- options

    private void list(OptionData data) throws IOException, OptionData.Malformed {
        data.end();
        for (Exports.Entry entry : exports.list()) {
            if (!entry.isTlsOnly() || isTls || options.tls().isEmpty()) {
                byte[] name = Protocol.utf8(entry.name());
                byte[] description = Protocol.utf8(entry.description());
                replyHead(Protocol.OPT_LIST, Protocol.REP_SERVER, 4 + name.length + description.length);
                out.putInt(name.length).put(name).put(description);
            }
        }
        reply(Protocol.OPT_LIST, Protocol.REP_ACK, NOTHING);
    }

    private void startTls(OptionData data) throws IOException, OptionData.Malformed {
        data.end();
        if (options.tls().isEmpty() || !isFixed) {
            reply(Protocol.OPT_STARTTLS, Protocol.REP_ERR_POLICY, "TLS is not offered");
        } else if (isTls) {
            reply(Protocol.OPT_STARTTLS, Protocol.REP_ERR_INVALID, "TLS is in use");
        } else {
            reply(Protocol.OPT_STARTTLS, Protocol.REP_ACK, NOTHING);
            send();
            // What came before TLS may be another's: bytes, and what was agreed on.
            in.clear().limit(0);
            style = Style.SIMPLE;
            dropContexts();
            connection.startTls(options.tls().get());
            isTls = true;
        }
    }

    private Optional<Agreement> exportName(OptionData data) throws IOException, OptionData.Malformed {
        String name;
        try {
            name = data.string(data.remaining());
        } catch (OptionData.Malformed e) {
            throw new ProtocolViolation(e.getMessage());
        }
        Shared shared = style == Style.EXTENDED ? null : openForTransmission(name);
        if (shared == null) {
            failUnanswerable(Protocol.OPT_EXPORT_NAME);
            return Optional.empty();
        }
        ExportProfile profile = shared.export().profile();
        if (!shared.admit(connection, options.fenceTimeout())) {
            failUnanswerable(Protocol.OPT_EXPORT_NAME);
        }
        selectContextsFor(shared);
        out.putLong(profile.sizeBytes()).putShort((short) transmissionFlags(profile));
        if (!noZeroes) {
            out.put(new byte[124]);
        }
        return Optional.of(new Agreement(shared, profile, style, contexts, in));
    }

    private Optional<Agreement> info(int option, OptionData data) throws IOException, OptionData.Malformed {
        String name = data.string();
        int count = data.unsignedShort();
        boolean wantsName = false;
        boolean wantsDescription = false;
        boolean wantsBlockSize = false;
        for (int i = 0; i < count; i++) {
            switch (data.unsignedShort()) {
                case Protocol.INFO_NAME -> wantsName = true;
                case Protocol.INFO_DESCRIPTION -> wantsDescription = true;
                case Protocol.INFO_BLOCK_SIZE -> wantsBlockSize = true;
                default -> {}
            }
        }
        data.end();
        Shared shared = openForTransmission(name);
        if (shared == null) {
            // Without TLS an export that needs it looks like one that is not there.
            boolean hides = options.tls().isPresent() && !isTls;
            reply(
                    option,
                    hides ? Protocol.REP_ERR_TLS_REQD : Protocol.REP_ERR_UNKNOWN,
                    hides ? "no such export without TLS" : "no such export");
            return Optional.empty();
        }
        if (option == Protocol.OPT_GO && !shared.admit(connection, options.fenceTimeout())) {
            reply(option, Protocol.REP_ERR_POLICY, "an earlier connection still has writes under way");
            return Optional.empty();
        }
        selectContextsFor(shared);
        ExportProfile profile = shared.export().profile();
        replyHead(option, Protocol.REP_INFO, 12);
        out.putShort((short) Protocol.INFO_EXPORT).putLong(profile.sizeBytes()).putShort((short)
                transmissionFlags(profile));
        if (wantsName || !shared.name().equals(name)) {
            infoString(option, Protocol.INFO_NAME, shared.name());
        }
        if (wantsDescription) {
            infoString(option, Protocol.INFO_DESCRIPTION, profile.description());
        }
        BlockSizes blocks = profile.blocks();
        if (wantsBlockSize || blocks.minimumBytes() > 1) {
            replyHead(option, Protocol.REP_INFO, 14);
            out.putShort((short) Protocol.INFO_BLOCK_SIZE)
                    .putInt(blocks.minimumBytes())
                    .putInt(blocks.preferredBytes())
                    .putInt(blocks.maximumPayloadBytes());
        }
        reply(option, Protocol.REP_ACK, NOTHING);
        return option == Protocol.OPT_GO
                ? Optional.of(new Agreement(shared, profile, style, contexts, in))
                : Optional.empty();
    }

    private void infoString(int option, int type, String text) throws IOException {
        byte[] bytes = Protocol.utf8(text);
        replyHead(option, Protocol.REP_INFO, 2 + bytes.length);
        out.putShort((short) type).put(bytes);
    }

    private void metaContext(int option, OptionData data) throws IOException, OptionData.Malformed {
        boolean sets = option == Protocol.OPT_SET_META_CONTEXT;
        if (sets) {
            dropContexts(); // also when this fails
        }
        if (style == Style.SIMPLE) {
            reply(option, Protocol.REP_ERR_INVALID, "structured replies come first");
            return;
        }
        String name = data.string();
        int count = data.count();
        List<String> queries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String query = data.string();
            if (i < MAX_QUERIES) {
                queries.add(query);
            }
        }
        data.end();
        if (count > MAX_QUERIES) {
            reply(option, Protocol.REP_ERR_TOO_BIG, "more than " + MAX_QUERIES + " queries");
            return;
        }
        Optional<Shared> taken = take(name);
        if (taken.isEmpty()) {
            reply(option, Protocol.REP_ERR_UNKNOWN, "no such export");
            return;
        }
        Shared shared = taken.get();
        if (sets) {
            contextsHeld = shared;
            contextsOf = shared.name();
            contexts = SelectedContext.select(shared.export(), queries);
            for (SelectedContext context : contexts) {
                replyContext(option, context.id(), context.name());
            }
        } else {
            try {
                for (String listed : SelectedContext.list(shared.export(), queries)) {
                    replyContext(option, 0, listed);
                }
            } finally {
                shared.giveBack();
            }
        }
        reply(option, Protocol.REP_ACK, NOTHING);
    }

    private void replyContext(int option, int id, String name) throws IOException {
        byte[] bytes = Protocol.utf8(name);
        replyHead(option, Protocol.REP_META_CONTEXT, 4 + bytes.length);
        out.putInt(id).put(bytes);
    }

    private void dropContexts() {
        contexts = List.of();
        if (contextsHeld != null) {
            contextsHeld.giveBack();
            contextsHeld = null;
        }
    }

    private void selectContextsFor(Shared shared) {
        if (!contextsOf.equals(shared.name())) {
            contexts = List.of();
        }
    }

    // ---- exports

    private Optional<Shared> take(String name) {
        Optional<Shared> taken = exports.take(name);
        if (taken.isPresent() && hides(taken.get())) {
            taken.get().giveBack();
            return Optional.empty();
        }
        return taken;
    }

    private boolean hides(Shared shared) {
        return options.tls().isPresent() && !isTls && shared.export().profile().isTlsOnly();
    }

    /** Opens the export and remembers to give it back; null when there is none. */
    private @Nullable Shared openForTransmission(String name) {
        if (chosen != null) {
            chosen.giveBack();
            chosen = null;
        }
        chosen = take(name).orElse(null);
        return chosen;
    }

    private int transmissionFlags(ExportProfile profile) {
        int flags =
                Protocol.FLAG_HAS_FLAGS | Protocol.FLAG_SEND_FLUSH | Protocol.FLAG_SEND_FUA | Protocol.FLAG_SEND_CACHE;
        flags |= profile.isReadOnly()
                ? Protocol.FLAG_READ_ONLY
                : Protocol.FLAG_SEND_TRIM | Protocol.FLAG_SEND_WRITE_ZEROES | Protocol.FLAG_SEND_FAST_ZERO;
        flags |= profile.isRotational() ? Protocol.FLAG_ROTATIONAL : 0;
        flags |= profile.isMultiConn() ? Protocol.FLAG_CAN_MULTI_CONN : 0;
        flags |= style == Style.SIMPLE ? 0 : Protocol.FLAG_SEND_DF;
        flags |= style == Style.EXTENDED && !contexts.isEmpty() ? Protocol.FLAG_BLOCK_STATUS_PAYLOAD : 0;
        return flags;
    }

    // ---- bytes

    private void reply(int option, int type, String words) throws IOException {
        reply(option, type, Protocol.utf8(words));
    }

    private void reply(int option, int type, byte[] data) throws IOException {
        replyHead(option, type, data.length);
        out.put(data);
    }

    private void replyHead(int option, int type, int length) throws IOException {
        if (out.remaining() < 20 + length) {
            send();
        }
        out.putLong(Protocol.OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
    }

    private void send() throws IOException {
        if (out.position() > 0) {
            connection.send(out.flip());
            out.clear();
        }
    }

    /** Waits for so many bytes; false when the client has left at a place where it may. */
    private boolean has(int bytes) throws IOException {
        while (in.remaining() < bytes) {
            boolean began = in.hasRemaining();
            in.compact();
            int count = connection.read(in);
            in.flip();
            if (count < 0) {
                if (began) {
                    throw new ProtocolViolation("the client left in the middle of the handshake");
                }
                return false;
            }
        }
        return true;
    }

    private void readFully(byte[] data) throws IOException {
        int done = 0;
        while (done < data.length) {
            if (!in.hasRemaining() && !has(1)) {
                throw new ProtocolViolation("the client left in the middle of an option");
            }
            int count = Math.min(in.remaining(), data.length - done);
            in.get(data, done, count);
            done += count;
        }
    }

    private void skip(long length) throws IOException {
        if (length > MAX_SKIPPED_BYTES) {
            throw new ProtocolViolation("an option of " + length + " bytes");
        }
        long left = length;
        while (left > 0) {
            if (!in.hasRemaining() && !has(1)) {
                throw new ProtocolViolation("the client left in the middle of an option");
            }
            int count = (int) Math.min(in.remaining(), left);
            in.position(in.position() + count);
            left -= count;
        }
    }

    /** Reads the data of an option. */
    private static final class OptionData {
        private final byte[] bytes;
        private final ByteBuffer data;

        OptionData(byte[] bytes) {
            this.bytes = bytes;
            this.data = ByteBuffer.wrap(bytes);
        }

        /** The option has not the form it should have. */
        private static final class Malformed extends Exception {
            private static final long serialVersionUID = 1L;
            private final boolean tooBig;

            Malformed(String message, boolean tooBig) {
                super(message);
                this.tooBig = tooBig;
            }

            boolean isTooBig() {
                return tooBig;
            }

            @Override
            public String getMessage() {
                return String.valueOf(super.getMessage());
            }
        }

        int remaining() {
            return data.remaining();
        }

        int unsignedShort() throws Malformed {
            need(2);
            return data.getShort() & 0xffff;
        }

        int count() throws Malformed {
            need(4);
            int count = data.getInt();
            if (count < 0 || count > data.remaining() / 4) {
                throw new Malformed("more entries than bytes", false);
            }
            return count;
        }

        /** A string with its length before it. */
        String string() throws Malformed {
            need(4);
            int length = data.getInt();
            if (length < 0 || length > data.remaining()) {
                throw new Malformed("a string longer than the option", false);
            }
            return string(length);
        }

        String string(int length) throws Malformed {
            if (length > MAX_STRING_BYTES) {
                throw new Malformed("a string of more than 4,096 bytes", true);
            }
            int at = data.position();
            data.position(at + length);
            return Protocol.string(bytes, at, length)
                    .orElseThrow(() -> new Malformed("a string that is not UTF-8 without NUL", false));
        }

        void end() throws Malformed {
            if (data.hasRemaining()) {
                throw new Malformed("more data than the option takes", false);
            }
        }

        private void need(int count) throws Malformed {
            if (data.remaining() < count) {
                throw new Malformed("less data than the option takes", false);
            }
        }
    }
}
