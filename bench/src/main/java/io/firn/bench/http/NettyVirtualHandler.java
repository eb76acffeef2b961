package io.firn.bench.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpExpectationFailedEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The routes as blocking code, each request's operation on a virtual thread of its own: what the S3 door does.
 *
 * <p>The event loop puts what it decodes into an inbox of at most {@link #INBOX_LIMIT} messages (plus one read's worth) and stops
 * reading beyond; the operation takes from it. Pipelined requests wait in the inbox until the one before has been answered.
 * One instance per connection; {@code isBusy} is confined to the loop, the inbox is shared.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel: nobody waits for it.
final class NettyVirtualHandler extends ChannelInboundHandlerAdapter {
    private static final int INBOX_LIMIT = 16;

    private final BlockingQueue<HttpObject> inbox = new LinkedBlockingQueue<>();
    private boolean isBusy;

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(false);
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        inbox.add((HttpObject) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        beginNext(context);
        if (inbox.size() < INBOX_LIMIT) {
            context.read();
        }
    }

    /** On the loop: starts the operation of the next request, if none runs. */
    private void beginNext(ChannelHandlerContext context) {
        while (!isBusy && !inbox.isEmpty()) {
            HttpObject next = inbox.remove();
            if (next instanceof HttpRequest request) {
                isBusy = true;
                Thread.startVirtualThread(() -> operate(context, request));
            } else {
                ReferenceCountUtil.release(next);
            }
        }
    }

    private void operate(ChannelHandlerContext context, HttpRequest request) {
        try {
            serve(context, request);
        } catch (InterruptedException | RuntimeException failure) {
            context.close();
        }
    }

    private void serve(ChannelHandlerContext context, HttpRequest request) throws InterruptedException {
        switch (request.uri()) {
            case "/hello" -> finish(context, HttpResponseStatus.OK, NettyLoopHandler.HELLO.duplicate());
            case "/big" -> {
                HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                head.headers().set(HttpHeaderNames.CONTENT_LENGTH, Contender.BIG_BYTES);
                context.write(head);
                for (int piece = Contender.BIG_BYTES / Contender.PIECE_BYTES; piece > 0; piece--) {
                    context.writeAndFlush(new DefaultHttpContent(NettyLoopHandler.PIECE.duplicate()))
                            .sync();
                }
                finish(context, LastHttpContent.EMPTY_LAST_CONTENT);
            }
            case "/sink" -> {
                if (request.headers().contains(Contender.REFUSE)) {
                    context.executor()
                            .execute(() ->
                                    context.pipeline().fireUserEventTriggered(HttpExpectationFailedEvent.INSTANCE));
                    finish(context, HttpResponseStatus.PRECONDITION_FAILED, Unpooled.EMPTY_BUFFER);
                    return;
                }
                if (HttpUtil.is100ContinueExpected(request)) {
                    context.writeAndFlush(NettyContender.answer(HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
                }
                drain(context);
                finish(context, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
            }
            default -> finish(context, HttpResponseStatus.OK, NettyLoopHandler.other(context, request.uri()));
        }
    }

    private void drain(ChannelHandlerContext context) throws InterruptedException {
        boolean isLast = false;
        while (!isLast) {
            HttpContent content = (HttpContent) inbox.take();
            isLast = content instanceof LastHttpContent;
            content.release();
            if (!isLast && inbox.isEmpty()) {
                context.read();
            }
        }
    }

    private void finish(ChannelHandlerContext context, HttpResponseStatus status, io.netty.buffer.ByteBuf body) {
        finish(context, NettyContender.answer(status, body));
    }

    /** Writes the end of the answer and starts the next request in one visit to the loop. */
    private void finish(ChannelHandlerContext context, HttpObject end) {
        context.executor().execute(() -> {
            context.writeAndFlush(end);
            isBusy = false;
            beginNext(context);
            context.read();
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
