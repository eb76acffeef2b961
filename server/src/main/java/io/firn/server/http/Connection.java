package io.firn.server.http;

import io.firn.server.http.RequestBodyException.Reason;
import io.firn.server.http.ResponseHead.Framing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: requests in order, one at a time.
 *
 * <p>AWAITING a head, SERVING it (the handler has the exchange), FINISHING (the reply is handed over; the rest of the request's body is
 * dropped and the network catches up), then AWAITING again or LINGERING: the reply said close, and what the client still sends
 * is dropped for a moment, because closing on unread bytes resets the connection and may destroy the reply on its way.
 *
 * <p><b>Threads.</b> Everything is confined to the event loop, but for the methods marked "any thread".
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write closes the channel: channelInactive tells whom it concerns
final class Connection extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = new byte[0];
    /** Up to here head and body of a reply are joined into one buffer, so that they leave in one write. */
    private static final int JOINED_BYTES = 64 << 10;

    private static final long LINGER_NANOS = 2_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private enum Phase {
        AWAITING,
        SERVING,
        FINISHING,
        LINGERING
    }

    private final HttpServer server;
    private final HttpServerOptions options;
    private final Channel channel;
    private final DemandDecoder decoder;
    private Phase phase = Phase.AWAITING;
    private @Nullable NettyExchange exchange;
    private @Nullable ReplyStream stream;
    private long drainedBytes;
    private long unsentBytes;
    private volatile long deadlineNanos = NEVER;
    private volatile boolean closeAfterReply;

    Connection(HttpServer server, Channel channel, DemandDecoder decoder) {
        this.server = server;
        this.options = server.options();
        this.channel = channel;
        this.decoder = decoder;
    }

    // ---- what arrives

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (server.admit(this)) {
            awaitHead();
        } else {
            refuse(Refusal.TOO_MANY_CONNECTIONS);
        }
    }

    private void awaitHead() {
        phase = Phase.AWAITING;
        exchange = null;
        stream = null;
        drainedBytes = 0;
        if (closeAfterReply) {
            channel.close();
            return;
        }
        expireAfter(options.idleTimeout().toNanos());
        decoder.demand();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            received(request);
        }
        if (message instanceof HttpContent content) {
            received(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void received(HttpRequest request) {
        if (phase != Phase.AWAITING) {
            return;
        }
        if (request.decoderResult().isFailure()) {
            refuse(refusalOf(request.decoderResult().cause()));
            return;
        }
        HttpVersion version = request.protocolVersion();
        if (version.majorVersion() != 1 || !version.protocolName().equals("HTTP")) {
            refuse(Refusal.MALFORMED);
            return;
        }
        boolean chunked = HttpUtil.isTransferEncodingChunked(request);
        long length = chunked ? -1 : HttpUtil.getContentLength(request, 0L);
        boolean http10 = version.minorVersion() == 0;
        boolean expects = !http10 && length != 0 && HttpUtil.is100ContinueExpected(request);
        BodyQueue body = new BodyQueue(this, options, length == 0, expects);
        NettyExchange started = new NettyExchange(
                this,
                request.method().name(),
                request.uri(),
                fields(request),
                http10,
                HttpUtil.isKeepAlive(request),
                chunked ? OptionalLong.empty() : OptionalLong.of(length),
                expects,
                body);
        exchange = started;
        phase = Phase.SERVING;
        deadlineNanos = NEVER; // the handler's thread has its own limits
        if (length != 0 && !expects) {
            decoder.demand();
        }
        if (length == 0 && !http10 && HttpUtil.is100ContinueExpected(request)) {
            // Nothing to spare the client, and botocore 1.43 loses its next reply on a connection without the 100.
            channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
        }
        server.execute(() -> serve(started));
    }

    private static HeaderList fields(HttpRequest request) {
        HeaderList fields = new HeaderList(request.headers().size());
        Iterator<Map.Entry<CharSequence, CharSequence>> entries =
                request.headers().iteratorCharSequence();
        while (entries.hasNext()) {
            Map.Entry<CharSequence, CharSequence> entry = entries.next();
            fields.add(entry.getKey().toString(), entry.getValue().toString());
        }
        return fields;
    }

    private static Refusal refusalOf(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Refusal.REQUEST_LINE_TOO_LONG;
        }
        return cause instanceof TooLongFrameException ? Refusal.HEADERS_TOO_LARGE : Refusal.MALFORMED;
    }

    private void received(HttpContent content) {
        NettyExchange current = exchange;
        if (current == null || phase == Phase.LINGERING) {
            content.release();
            return;
        }
        BodyQueue body = current.body();
        if (content.decoderResult().isFailure()) {
            content.release();
            body.fail(Reason.MALFORMED);
            if (phase == Phase.FINISHING) {
                linger();
            }
            return;
        }
        boolean last = content instanceof LastHttpContent;
        drainedBytes += phase == Phase.FINISHING ? content.content().readableBytes() : 0;
        boolean more = body.offer(content.content());
        if (last) {
            body.end();
            if (phase == Phase.FINISHING) {
                continueAfterReply();
            }
        } else if (phase == Phase.FINISHING && drainedBytes > options.drainBytes()) {
            linger();
        } else if (more) {
            decoder.demand();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (decoder.wanted() && phase != Phase.LINGERING) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (phase == Phase.FINISHING && channel.isWritable()) {
            continueAfterReply();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        server.forget(this);
        NettyExchange current = exchange;
        if (current != null) {
            current.body().fail(Reason.TRUNCATED);
            if (phase != Phase.SERVING) {
                current.body().discard();
            }
        }
        if (stream != null) {
            stream.gone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(Level.DEBUG, "connection failed", cause);
        channel.close();
    }

    // ---- the handler's thread

    private void serve(NettyExchange served) {
        try {
            server.handler().handle(served);
            if (!served.isReplied()) {
                fail(served, new IllegalStateException("the handler returned without a whole reply"));
            }
        } catch (ClientGone gone) {
            abort(served);
        } catch (RequestBodyException broken) {
            abort(served);
        } catch (Throwable failure) {
            fail(served, failure);
        }
    }

    private void fail(NettyExchange served, Throwable failure) {
        LOG.log(Level.ERROR, served.method() + " " + served.rawPath() + " failed", failure);
        if (served.isReplied()) {
            return;
        }
        if (served.status() != 0) {
            abort(served);
            return;
        }
        HttpReply reply = server.handler().refuse(Refusal.HANDLER_FAILED);
        served.respond(reply.status(), reply.headers().set("Connection", "close"), reply.body());
    }

    // ---- any thread

    boolean isTls() {
        return server.isTls();
    }

    InetSocketAddress remoteAddress() {
        return (InetSocketAddress) channel.remoteAddress();
    }

    boolean isClosing() {
        return closeAfterReply;
    }

    int drainBytes() {
        return options.drainBytes();
    }

    int writeQueueBytes() {
        return options.writeQueueBytes();
    }

    long writeTimeoutNanos() {
        return options.bodyTimeout().toNanos();
    }

    byte[] dateLine() {
        return server.dateLine();
    }

    ByteBuf buffer(int bytes) {
        return channel.alloc().directBuffer(bytes);
    }

    void sendContinueAndReceive() {
        onLoop(() -> {
            channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
            decoder.demand();
        });
    }

    void receiveMore() {
        onLoop(decoder::demand);
    }

    void sendWhole(NettyExchange from, byte[] head, ByteBuffer body, boolean close) {
        onLoop(() -> {
            write(head, body);
            replied(from, close);
        });
    }

    void streaming(ReplyStream started) {
        onLoop(() -> {
            if (channel.isActive()) {
                stream = started;
            } else {
                started.gone();
            }
        });
    }

    void sendPiece(ReplyStream from, ReferenceCounted piece, int bytes) {
        onLoop(() -> channel.writeAndFlush(piece).addListener(done -> from.taken(bytes)));
    }

    void finishStream(NettyExchange from, byte[] head, byte[] tail, boolean close) {
        onLoop(() -> {
            if (head.length + tail.length > 0) {
                write(head, ByteBuffer.wrap(tail));
            }
            replied(from, close);
        });
    }

    /** Cuts the connection: the client must not take what it got for a whole reply. */
    void abort(NettyExchange from) {
        onLoop(() -> {
            from.body().discard();
            if (exchange == from) {
                channel.close();
            }
        });
    }

    /** The server is closing: at once when idle, else after the reply. */
    void closeWhenIdle() {
        closeAfterReply = true;
        onLoop(() -> {
            if (phase == Phase.AWAITING) {
                channel.close();
            }
        });
    }

    void closeNow() {
        channel.close();
    }

    /** Closes a connection whose time is up, unless the client is still taking its reply. */
    void sweep(long nowNanos) {
        if (!isExpired(nowNanos)) {
            return;
        }
        onLoop(() -> {
            if (!isExpired(nowNanos)) {
                return;
            }
            ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
            long unsent = queue == null ? 0 : queue.totalPendingWriteBytes();
            if (phase != Phase.LINGERING && unsent > 0 && unsent != unsentBytes) {
                unsentBytes = unsent;
                expireAfter(options.bodyTimeout().toNanos());
                return;
            }
            channel.close();
        });
    }

    private boolean isExpired(long nowNanos) {
        return deadlineNanos != NEVER && deadlineNanos - nowNanos <= 0;
    }

    private void onLoop(Runnable action) {
        if (channel.eventLoop().inEventLoop()) {
            action.run();
        } else {
            channel.eventLoop().execute(action);
        }
    }

    // ---- after the reply

    private void write(byte[] head, ByteBuffer body) {
        if (head.length + body.remaining() <= JOINED_BYTES) {
            ByteBuf joined = channel.alloc().directBuffer(head.length + body.remaining());
            joined.writeBytes(head).writeBytes(body);
            channel.writeAndFlush(joined, channel.voidPromise());
        } else {
            channel.write(Unpooled.wrappedBuffer(head), channel.voidPromise());
            channel.writeAndFlush(Unpooled.wrappedBuffer(body), channel.voidPromise());
        }
    }

    private void replied(NettyExchange from, boolean close) {
        from.body().discard();
        if (exchange != from || phase != Phase.SERVING || !channel.isActive()) {
            return;
        }
        phase = Phase.FINISHING;
        stream = null;
        unsentBytes = 0;
        expireAfter(options.bodyTimeout().toNanos());
        if (close) {
            linger();
        } else if (from.body().isReceived()) {
            continueAfterReply();
        } else {
            decoder.demand();
        }
    }

    private void continueAfterReply() {
        NettyExchange current = exchange;
        if (current != null && current.body().isReceived() && channel.isWritable()) {
            awaitHead();
        }
    }

    private void refuse(Refusal refusal) {
        HttpReply reply = server.handler().refuse(refusal);
        byte[] head = ResponseHead.encode(
                reply.status(),
                reply.headers(),
                Framing.LENGTH,
                OptionalLong.of(reply.body().length),
                true,
                false,
                server.dateLine());
        write(head, ByteBuffer.wrap(reply.body()));
        linger();
    }

    private void linger() {
        phase = Phase.LINGERING;
        expireAfter(LINGER_NANOS);
        decoder.discardAll();
        // Behind the reply in the queue: runs when the reply has left.
        channel.writeAndFlush(Unpooled.wrappedBuffer(NOTHING)).addListener(sent -> {
            if (!sent.isSuccess()) {
                channel.close();
                return;
            }
            if (!isTls() && channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
            channel.config().setAutoRead(true);
        });
    }

    private void expireAfter(long nanos) {
        deadlineNanos = server.clock().nanoTime() + nanos;
    }
}
