package io.firn.server.http;

import io.firn.io.Clock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Listens for HTTP/1.1 and hands each request to a handler on a thread of its own.
 *
 * <p>A few event loops (Netty; epoll where there is one) move bytes; requests run on what {@code executor} gives, meant to be a
 * virtual thread for each. Requests of one connection run one after the other, in order.
 *
 * <p><b>Memory</b> per connection is bounded whatever the client does: its head (request line and headers), one read of the socket
 * (64 KiB), a body's queue, a reply's queue.
 */
public final class HttpServer implements AutoCloseable {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final long SWEEP_MILLIS = 250;

    private final HttpServerOptions options;
    private final HttpHandler handler;
    private final Executor executor;
    private final Clock clock;
    private final @Nullable SslContext tls;
    private final EventLoopGroup loops;
    private final Channel listener;
    private final Future<?> sweeping;

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closedOne = lock.newCondition();
    private volatile boolean closing;
    private volatile DateLine dateLine = new DateLine(Long.MIN_VALUE, new byte[0]);

    private static final class DateLine {
        private final long second;
        private final byte[] bytes;

        DateLine(long second, byte[] bytes) {
            this.second = second;
            this.bytes = bytes;
        }
    }

    private HttpServer(Clock clock, Executor executor, HttpServerOptions options, HttpHandler handler) {
        this.clock = clock;
        this.executor = executor;
        this.options = options;
        this.handler = handler;
        this.tls = options.tls().map(HttpServer::context).orElse(null);
        int threads = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors() / 2));
        this.loops = loops(threads, "firn-http");
        this.listener = listen(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
        sweeping = loops.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Listens and serves until closed.
     *
     * @param clock for time limits and the Date header: the machine's own, since clients set theirs by it
     * @param executor runs each request; it must not be bounded below {@link HttpServerOptions#maxConnections}
     * @throws IllegalStateException when the address cannot be listened on
     */
    public static HttpServer start(Clock clock, Executor executor, HttpServerOptions options, HttpHandler handler) {
        return new HttpServer(clock, executor, options, handler);
    }

    /** Loads what {@link #start} needs: for a thread that has nothing else to do while the rest of a server is opened. */
    public static void prepare() {
        Future<?> _ = loops(1, "firn-http-prepare").shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static EventLoopGroup loops(int threads, String name) {
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    }

    private Channel listen(Class<? extends ServerChannel> kind) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, StretchRegion.counted())
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(options.writeQueueBytes() / 2, options.writeQueueBytes()))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        ChannelPipeline pipeline = channel.pipeline();
                        if (tls != null) {
                            pipeline.addLast(tls.newHandler(channel.alloc()));
                        }
                        DemandDecoder decoder = new DemandDecoder(options);
                        pipeline.addLast(decoder, new Connection(HttpServer.this, channel, decoder));
                    }
                });
        var bound = bootstrap.bind(options.address()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stopLoops();
            throw new IllegalStateException(
                    "cannot listen on " + options.address() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private static SslContext context(Tls tls) {
        try {
            return SslContextBuilder.forServer(
                            new ByteArrayInputStream(tls.certificatePem()), new ByteArrayInputStream(tls.keyPem()))
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the TLS certificate or key cannot be used: " + e.getMessage(), e);
        }
    }

    /** Where it listens, with the port that was taken. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    public boolean isTls() {
        return tls != null;
    }

    /** Connections that are open now. */
    public int openConnections() {
        return connections.size();
    }

    /** Takes no more connections, lets requests in flight finish within {@link HttpServerOptions#shutdownTimeout}, then closes the rest. */
    @Override
    public void close() {
        closing = true;
        listener.close().awaitUninterruptibly();
        connections.forEach(Connection::closeWhenIdle);
        awaitNoConnections(options.shutdownTimeout().toNanos());
        connections.forEach(Connection::closeNow);
        awaitNoConnections(TimeUnit.SECONDS.toNanos(1));
        sweeping.cancel(false);
        stopLoops();
    }

    private void awaitNoConnections(long nanos) {
        long left = nanos;
        lock.lock();
        try {
            while (!connections.isEmpty() && left > 0) {
                left = closedOne.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void stopLoops() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }

    private void sweep() {
        long now = clock.nanoTime();
        connections.forEach(connection -> connection.sweep(now));
    }

    // ---- for Connection

    HttpServerOptions options() {
        return options;
    }

    HttpHandler handler() {
        return handler;
    }

    Clock clock() {
        return clock;
    }

    void execute(Runnable request) {
        executor.execute(request);
    }

    /** Counts a connection in; false when there are too many, or the server is closing. */
    boolean admit(Connection connection) {
        connections.add(connection);
        return connections.size() <= options.maxConnections() && !closing;
    }

    void forget(Connection connection) {
        connections.remove(connection);
        lock.lock();
        try {
            closedOne.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The Date header as a line, made once a second. */
    byte[] dateLine() {
        Instant now = clock.now();
        DateLine line = dateLine;
        if (line.second != now.getEpochSecond()) {
            line = new DateLine(
                    now.getEpochSecond(),
                    ("Date: " + HTTP_DATE.format(now) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            dateLine = line;
        }
        return line.bytes;
    }
}
