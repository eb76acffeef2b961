package io.firn.nbd;

import io.firn.nbd.Protocol.Style;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;

/** An NBD client over a plain or a secured TCP socket, which can say what no client should. */
final class TestClient implements AutoCloseable {
    Socket socket;
    DataInputStream in;
    DataOutputStream out;
    Style style = Style.SIMPLE;
    long size;
    int flags;
    private long nextCookie = 0x1122334455667700L;

    /** One reply to an option. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OptionReply(int option, int type, byte[] data) {}

    /** All of a reply to a request: error 0 when it went well; the chunks of content, or the data of a simple reply as one. */
    record Reply(long cookie, int error, List<Chunk> chunks) {}

    /** A chunk of a structured or extended reply. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(int flags, int type, byte[] payload) {}

    private TestClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        use(socket);
    }

    void use(Socket newSocket) throws IOException {
        socket = newSocket;
        in = new DataInputStream(newSocket.getInputStream());
        out = new DataOutputStream(newSocket.getOutputStream());
    }

    /** Connects and takes the greeting. */
    static TestClient connect(NbdServer server, int clientFlags) throws IOException {
        TestClient client = raw(server);
        check(client.in.readLong() == Protocol.INIT_PASSWD, "password");
        check(client.in.readLong() == Protocol.IHAVEOPT, "magic");
        check(client.in.readShort() == 3, "handshake flags");
        client.out.writeInt(clientFlags);
        return client;
    }

    static TestClient connect(NbdServer server) throws IOException {
        return connect(server, 3);
    }

    static TestClient raw(NbdServer server) throws IOException {
        InetSocketAddress address = (InetSocketAddress) server.addresses().getFirst();
        return new TestClient(new Socket(address.getAddress(), address.getPort()));
    }

    /** Connects and goes into transmission with the default export. */
    static TestClient transmission(NbdServer server, Style style, String... contexts) throws IOException {
        TestClient client = connect(server);
        client.negotiate(style);
        if (contexts.length > 0) {
            client.option(Protocol.OPT_SET_META_CONTEXT, metaQuery("", contexts));
        }
        client.go("");
        return client;
    }

    void negotiate(Style wanted) throws IOException {
        if (wanted != Style.SIMPLE) {
            int option = wanted == Style.EXTENDED ? Protocol.OPT_EXTENDED_HEADERS : Protocol.OPT_STRUCTURED_REPLY;
            check(last(option(option, new byte[0])).type == Protocol.REP_ACK, "style");
        }
        style = wanted;
    }

    void go(String name) throws IOException {
        List<OptionReply> replies = option(Protocol.OPT_GO, infoData(name, 1, 2, 3));
        check(last(replies).type == Protocol.REP_ACK, "GO is refused");
        ByteBuffer export = ByteBuffer.wrap(replies.getFirst().data);
        check(export.getShort() == Protocol.INFO_EXPORT, "NBD_INFO_EXPORT first");
        size = export.getLong();
        flags = export.getShort() & 0xffff;
    }

    static byte[] infoData(String name, int... requests) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data = ByteBuffer.allocate(6 + bytes.length + 2 * requests.length);
        data.putInt(bytes.length).put(bytes).putShort((short) requests.length);
        for (int request : requests) {
            data.putShort((short) request);
        }
        return data.array();
    }

    static byte[] metaQuery(String name, String... queries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        data.writeInt(nameBytes.length);
        data.write(nameBytes);
        data.writeInt(queries.length);
        for (String query : queries) {
            byte[] queryBytes = query.getBytes(StandardCharsets.UTF_8);
            data.writeInt(queryBytes.length);
            data.write(queryBytes);
        }
        return bytes.toByteArray();
    }

    /** Sends an option and takes all its replies. */
    List<OptionReply> option(int option, byte[] data) throws IOException {
        sendOption(option, data);
        List<OptionReply> replies = new ArrayList<>();
        do {
            check(in.readLong() == Protocol.OPTION_REPLY_MAGIC, "option reply magic");
            replies.add(new OptionReply(in.readInt(), in.readInt(), in.readNBytes(in.readInt())));
            check(last(replies).option == option, "reply to another option");
        } while (last(replies).type > Protocol.REP_ACK);
        return replies;
    }

    void sendOption(int option, byte[] data) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(16 + data.length);
        message.putLong(Protocol.IHAVEOPT).putInt(option).putInt(data.length).put(data);
        out.write(message.array());
    }

    static <T> T last(List<T> list) {
        return list.getLast();
    }

    /** Encodes a request. */
    byte[] request(int command, int commandFlags, long cookie, long offset, long length, byte[] payload) {
        ByteBuffer message = ByteBuffer.allocate((style == Style.EXTENDED ? 32 : 28) + payload.length);
        message.putInt(style == Style.EXTENDED ? Protocol.EXTENDED_REQUEST_MAGIC : Protocol.REQUEST_MAGIC);
        message.putShort((short) commandFlags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset);
        if (style == Style.EXTENDED) {
            message.putLong(length);
        } else {
            message.putInt((int) length);
        }
        return message.put(payload).array();
    }

    /** Sends a request and takes its reply. */
    Reply call(int command, int commandFlags, long offset, long length, byte[] payload) throws IOException {
        long cookie = nextCookie++;
        out.write(request(command, commandFlags, cookie, offset, length, payload));
        Reply reply = reply(command == Protocol.CMD_READ ? (int) length : 0);
        check(reply.cookie == cookie, "cookie");
        return reply;
    }

    int write(long offset, byte[] bytes, int commandFlags) throws IOException {
        int payloadFlag = style == Style.EXTENDED ? Protocol.CMD_FLAG_PAYLOAD_LEN : 0;
        return call(Protocol.CMD_WRITE, commandFlags | payloadFlag, offset, bytes.length, bytes).error;
    }

    int command(int command, int commandFlags, long offset, long length) throws IOException {
        return call(command, commandFlags, offset, length, new byte[0]).error;
    }

    /** Reads and puts the chunks together. */
    byte[] read(long offset, int length, int commandFlags) throws IOException {
        Reply reply = call(Protocol.CMD_READ, commandFlags, offset, length, new byte[0]);
        check(reply.error == 0, "read failed: " + reply.error);
        if (style == Style.SIMPLE) {
            return reply.chunks.getFirst().payload;
        }
        byte[] bytes = new byte[length];
        int covered = 0;
        for (Chunk chunk : reply.chunks) {
            ByteBuffer payload = ByteBuffer.wrap(chunk.payload);
            if (chunk.type == Protocol.REPLY_TYPE_OFFSET_DATA) {
                int at = (int) (payload.getLong() - offset);
                covered += payload.remaining();
                payload.get(bytes, at, payload.remaining());
            } else if (chunk.type == Protocol.REPLY_TYPE_OFFSET_HOLE) {
                payload.getLong();
                covered += payload.getInt();
            }
        }
        check(covered == length, "covered " + covered + " of " + length);
        return bytes;
    }

    /** Takes one reply; {@code dataLength} is what a simple reply to a read holds. */
    Reply reply(int dataLength) throws IOException {
        return reply(cookie -> dataLength);
    }

    /** Takes one reply; {@code dataLength} tells by the cookie what a simple reply holds. */
    Reply reply(LongToIntFunction dataLength) throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        int error = 0;
        while (true) {
            int magic = in.readInt();
            if (magic == Protocol.SIMPLE_REPLY_MAGIC) {
                check(style != Style.EXTENDED, "a simple reply");
                error = in.readInt();
                long cookie = in.readLong();
                int length = dataLength.applyAsInt(cookie);
                if (error == 0 && length > 0) {
                    check(style == Style.SIMPLE, "a simple reply to a read");
                    chunks.add(new Chunk(1, 1, readExactly(length)));
                }
                return new Reply(cookie, error, chunks);
            }
            check(
                    magic
                            == (style == Style.EXTENDED
                                    ? Protocol.EXTENDED_REPLY_MAGIC
                                    : Protocol.STRUCTURED_REPLY_MAGIC),
                    "reply magic " + Integer.toHexString(magic));
            int chunkFlags = in.readUnsignedShort();
            int type = in.readUnsignedShort();
            long cookie = in.readLong();
            if (style == Style.EXTENDED) {
                in.readLong();
            }
            long length = style == Style.EXTENDED ? in.readLong() : in.readInt() & 0xffff_ffffL;
            byte[] payload = readExactly((int) length);
            if (type >= 1 << 15) {
                error = ByteBuffer.wrap(payload).getInt();
            } else {
                chunks.add(new Chunk(chunkFlags, type, payload));
            }
            if ((chunkFlags & 1) != 0) {
                return new Reply(cookie, error, chunks);
            }
        }
    }

    private byte[] readExactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** True when the server has closed, or closes. */
    boolean isCutOff() {
        try {
            while (in.read() >= 0) {
                // what was under way
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
