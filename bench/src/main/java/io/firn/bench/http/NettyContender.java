package io.firn.bench.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Netty 4.2: one boss-and-worker group of two event loops, {@link HttpServerCodec}, no aggregator.
 *
 * @param transport native epoll, or the JDK's selector
 * @param tls BoringSSL by netty-tcnative, or the JDK's engine
 * @param handler what serves a connection: {@link NettyLoopHandler} on the event loop, {@link NettyVirtualHandler} with each
 *     operation on a virtual thread
 */
record NettyContender(Transport transport, SslProvider tls, Supplier<ChannelHandler> handler) implements Contender {
    static final int EVENT_LOOPS = 2;

    enum Transport {
        EPOLL,
        NIO
    }

    @Override
    public Ports start() throws Exception {
        if (tls == SslProvider.OPENSSL) {
            OpenSsl.ensureAvailability();
        }
        SslContext context = SslContextBuilder.forServer(Contender.certificate().toKeyManagerFactory())
                .sslProvider(tls)
                .build();
        IoHandlerFactory io = transport == Transport.EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(EVENT_LOOPS, (ThreadFactory) Thread::new, io);
        return new Ports(bind(loops, null), bind(loops, context));
    }

    private int bind(MultiThreadIoEventLoopGroup loops, @org.jspecify.annotations.Nullable SslContext context)
            throws InterruptedException {
        Class<? extends ServerChannel> channelType =
                transport == Transport.EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(channelType)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (context != null) {
                            channel.pipeline().addLast(context.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(new HttpServerCodec(new HttpDecoderConfig().setMaxChunkSize(64 << 10)))
                                .addLast(handler.get());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** An answer that carries {@code body} and keeps the connection. */
    static FullHttpResponse answer(HttpResponseStatus status, ByteBuf body) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return response;
    }

    /** The 4 KiB in a direct buffer that is never released: hand out {@code duplicate()}s. */
    static ByteBuf direct(byte[] content) {
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(content.length).writeBytes(content).asReadOnly());
    }
}
