package io.firn.bench.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpExpectationFailedEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/** The routes run on the event loop itself: the least that Netty can cost. One instance per connection, confined to its loop. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel: nobody waits for it.
final class NettyLoopHandler extends ChannelInboundHandlerAdapter {
    static final ByteBuf HELLO = NettyContender.direct(Contender.hello());
    static final ByteBuf PIECE = NettyContender.direct(new byte[Contender.PIECE_BYTES]);

    private boolean isDraining;
    private boolean isSending;
    private int piecesLeft;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                begin(context, request);
            } else if (message instanceof HttpContent content && isDraining && content instanceof LastHttpContent) {
                isDraining = false;
                context.write(NettyContender.answer(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        switch (request.uri()) {
            case "/hello" -> context.write(NettyContender.answer(HttpResponseStatus.OK, HELLO.duplicate()));
            case "/big" -> {
                HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                head.headers().set(HttpHeaderNames.CONTENT_LENGTH, Contender.BIG_BYTES);
                context.write(head);
                piecesLeft = Contender.BIG_BYTES / Contender.PIECE_BYTES;
                sendPieces(context);
            }
            case "/sink" -> {
                if (request.headers().contains(Contender.REFUSE)) {
                    // Tells the decoder that no body follows, so the connection stays usable.
                    context.pipeline().fireUserEventTriggered(HttpExpectationFailedEvent.INSTANCE);
                    context.write(NettyContender.answer(HttpResponseStatus.PRECONDITION_FAILED, Unpooled.EMPTY_BUFFER));
                    return;
                }
                isDraining = true;
                if (HttpUtil.is100ContinueExpected(request)) {
                    context.writeAndFlush(NettyContender.answer(HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
                }
            }
            default -> context.write(NettyContender.answer(HttpResponseStatus.OK, other(context, request.uri())));
        }
    }

    /** The request target, or under {@link Contender#S3_ROOT} the static 4 KiB. */
    static ByteBuf other(ChannelHandlerContext context, String target) {
        return target.startsWith(Contender.S3_ROOT)
                ? HELLO.duplicate()
                : ByteBufUtil.writeUtf8(context.alloc(), target);
    }

    /** A write or flush may report a change of writability from within itself; the encoder does not bear being entered again. */
    private void sendPieces(ChannelHandlerContext context) {
        if (isSending) {
            return;
        }
        isSending = true;
        while (piecesLeft > 0 && context.channel().isWritable()) {
            context.write(new DefaultHttpContent(PIECE.duplicate()));
            piecesLeft--;
            if (piecesLeft == 0) {
                context.write(LastHttpContent.EMPTY_LAST_CONTENT);
            }
            context.flush();
        }
        isSending = false;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        sendPieces(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
