package io.firn.server.http;

import io.firn.server.http.ResponseHead.Framing;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** The exchange of one request on a {@link Connection}. */
final class NettyExchange implements HttpExchange {
    private final Connection connection;
    private final String method;
    private final String rawPath;
    private final String rawQuery;
    private final HeaderList headers;
    private final OptionalLong contentLength;
    private final boolean http10;
    private final boolean expectsContinue;
    private final boolean keepAlive;
    private final BodyQueue body;

    private int status;
    private long bodyBytesSent;
    private boolean replied;

    NettyExchange(
            Connection connection,
            String method,
            String target,
            HeaderList headers,
            boolean http10,
            boolean keepAlive,
            OptionalLong contentLength,
            boolean expectsContinue,
            BodyQueue body) {
        this.connection = connection;
        this.method = method;
        String local = RequestTarget.local(target);
        int question = local.indexOf('?');
        this.rawPath = question < 0 ? local : local.substring(0, question);
        this.rawQuery = question < 0 ? "" : local.substring(question + 1);
        this.headers = headers;
        this.http10 = http10;
        this.keepAlive = keepAlive;
        this.contentLength = contentLength;
        this.expectsContinue = expectsContinue;
        this.body = body;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String rawPath() {
        return rawPath;
    }

    @Override
    public String rawQuery() {
        return rawQuery;
    }

    @Override
    public HeaderList headers() {
        return headers;
    }

    @Override
    public boolean isTls() {
        return connection.isTls();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public OptionalLong contentLength() {
        return contentLength;
    }

    @Override
    public boolean expectsContinue() {
        return expectsContinue;
    }

    @Override
    public BodyQueue body() {
        return body;
    }

    @Override
    public void respond(int newStatus, HeaderList replyHeaders, ByteBuffer content) {
        begin(newStatus);
        boolean bodiless = newStatus == 204 || newStatus == 304;
        boolean close = mustClose(replyHeaders);
        OptionalLong length =
                content.hasRemaining() || !isHead() ? OptionalLong.of(content.remaining()) : OptionalLong.empty();
        byte[] head = ResponseHead.encode(
                newStatus,
                replyHeaders,
                bodiless ? Framing.NONE : Framing.LENGTH,
                length,
                close,
                http10,
                connection.dateLine());
        boolean sends = !bodiless && !isHead();
        bodyBytesSent = sends ? content.remaining() : 0;
        replied = true;
        connection.sendWhole(this, head, sends ? content : content.slice(content.position(), 0), close);
    }

    @Override
    public ResponseBody respondStreaming(int newStatus, HeaderList replyHeaders, long length) {
        begin(newStatus);
        boolean close = mustClose(replyHeaders);
        byte[] head = ResponseHead.encode(
                newStatus, replyHeaders, Framing.LENGTH, OptionalLong.of(length), close, http10, connection.dateLine());
        return new ReplyStream(connection, this, head, Framing.LENGTH, length, isHead(), close);
    }

    @Override
    public ResponseBody respondChunked(int newStatus, HeaderList replyHeaders) {
        begin(newStatus);
        Framing framing = http10 ? Framing.CLOSE : Framing.CHUNKED;
        boolean close = http10 || mustClose(replyHeaders);
        byte[] head = ResponseHead.encode(
                newStatus, replyHeaders, framing, OptionalLong.empty(), close, http10, connection.dateLine());
        return new ReplyStream(connection, this, head, framing, Long.MAX_VALUE, isHead(), close);
    }

    private void begin(int newStatus) {
        if (status != 0) {
            throw new IllegalStateException("a second reply, " + newStatus + " after " + status);
        }
        if (newStatus < 200 || newStatus > 599) {
            throw new IllegalArgumentException("status " + newStatus);
        }
        status = newStatus;
    }

    private boolean isHead() {
        return method.equals("HEAD");
    }

    /** Whether the connection cannot carry another request: decided before the head is sent, so that the client is told. */
    private boolean mustClose(HeaderList replyHeaders) {
        if (!keepAlive || connection.isClosing() || body.isFailed()) {
            return true;
        }
        if (!body.isReceived()) {
            // A client that was not told to continue may send its body, or not: no telling where its next request
            // begins.
            boolean drainable = contentLength.isPresent()
                    && contentLength.getAsLong() - body.receivedBytes() <= connection.drainBytes()
                    && !body.isContinueOwed();
            if (!drainable) {
                return true;
            }
        }
        return replyHeaders
                .first("Connection")
                .filter("close"::equalsIgnoreCase)
                .isPresent();
    }

    void sent(long bytes) {
        bodyBytesSent += bytes;
    }

    /** The reply is whole, as far as the handler goes. */
    void replied() {
        replied = true;
    }

    boolean isReplied() {
        return replied;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public long bodyBytesReceived() {
        return body.receivedBytes();
    }

    @Override
    public long bodyBytesSent() {
        return bodyBytesSent;
    }
}
