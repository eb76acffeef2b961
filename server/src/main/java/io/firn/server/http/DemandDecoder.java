package io.firn.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's request decoder, decoding one step per demand: whatever a client pipelines stays undecoded bytes (at most what one read of the
 * socket gave) until the connection asks for it, and the socket is read only when those bytes do not suffice.
 */
final class DemandDecoder extends HttpRequestDecoder {
    private @Nullable ChannelHandlerContext context;
    private boolean wanted;
    private boolean discarding;
    private int reading;

    DemandDecoder(HttpServerOptions options) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(options.maxRequestLineBytes())
                .setMaxHeaderSize(options.maxHeaderBytes())
                .setMaxChunkSize(64 << 10)
                .setInitialBufferSize(512));
    }

    /** Asks for the next thing: a head, a piece of a body or its end. It may arrive before this returns. */
    void demand() {
        wanted = true;
        if (reading == 0) {
            pump();
        }
    }

    boolean wanted() {
        return wanted;
    }

    /** From now on whatever arrives is dropped. */
    void discardAll() {
        discarding = true;
        wanted = true;
    }

    private void pump() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return;
        }
        if (actualReadableBytes() > 0) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
            } catch (Exception failed) {
                ctx.fireExceptionCaught(failed);
            }
        }
        if (wanted) {
            ctx.read();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        reading++;
        try {
            super.channelRead(ctx, message);
        } finally {
            reading--;
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (discarding) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!wanted) {
            return;
        }
        super.decode(ctx, in, out);
        if (!out.isEmpty()) {
            wanted = false;
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        // The client sends no more: what is left undecoded belongs to no whole request. A body cut short is seen by the
        // connection.
        if (!discarding && wanted) {
            super.decodeLast(ctx, in, out);
        } else {
            in.skipBytes(in.readableBytes());
        }
    }
}
