package io.firn.bench.http;

import io.firn.io.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A closed loop of one repeated request over many kept connections, on the calling thread: the cheapest client there is, because
 * it shares the processors with the server it measures.
 *
 * <p>Every answer must begin with {@code HTTP/1.1 200} and have the length of the first one; anything else ends the run.
 */
final class LoopLoad implements AutoCloseable {
    private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);

    private final Clock clock;
    private final Selector selector = Selector.open();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer received = ByteBuffer.allocateDirect(256 << 10);
    private final int answerBytes;

    /** Opens the connections and learns the answer's length by one exchange. */
    LoopLoad(Clock clock, int port, ByteBuffer request, int connections) throws IOException {
        this.clock = clock;
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channels.add(channel);
        }
        this.answerBytes = learn(channels.getFirst(), request.duplicate());
        for (SocketChannel channel : channels) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, new Exchange(request.duplicate()));
        }
    }

    /** Runs until {@code enough} answers or {@code nanos}; returns the answers. Every connection is idle again on return. */
    long run(long enough, long nanos) throws IOException {
        long deadlineNanos = clock.nanoTime() + nanos;
        long answers = 0;
        int busy = 0;
        for (SelectionKey key : selector.keys()) {
            send(key);
            busy++;
        }
        while (busy > 0) {
            selector.select();
            boolean isOver = answers >= enough || clock.nanoTime() >= deadlineNanos;
            for (SelectionKey key : selector.selectedKeys()) {
                Exchange exchange = (Exchange) key.attachment();
                if (key.isWritable()) {
                    send(key);
                }
                if (key.isReadable() && receive((SocketChannel) key.channel(), exchange)) {
                    answers++;
                    if (isOver) {
                        busy--;
                    } else {
                        send(key);
                    }
                }
            }
            selector.selectedKeys().clear();
        }
        return answers;
    }

    private void send(SelectionKey key) throws IOException {
        Exchange exchange = (Exchange) key.attachment();
        if (!exchange.request.hasRemaining()) {
            exchange.request.rewind();
        }
        ((SocketChannel) key.channel()).write(exchange.request);
        int interest = exchange.request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    private boolean receive(SocketChannel channel, Exchange exchange) throws IOException {
        received.clear();
        int count = channel.read(received);
        if (count < 0) {
            throw new IOException("the server closed a connection");
        }
        if (exchange.receivedBytes == 0) {
            for (int i = 0; i < OK.length && i < count; i++) {
                if (received.get(i) != OK[i]) {
                    throw new IOException("unexpected answer " + text(received, Math.min(count, 200)));
                }
            }
        }
        exchange.receivedBytes += count;
        if (exchange.receivedBytes > answerBytes) {
            throw new IOException("an answer is longer than the first");
        }
        if (exchange.receivedBytes < answerBytes) {
            return false;
        }
        exchange.receivedBytes = 0;
        return true;
    }

    private int learn(SocketChannel channel, ByteBuffer request) throws IOException {
        while (request.hasRemaining()) {
            channel.write(request);
        }
        received.clear();
        while (true) {
            if (channel.read(received) < 0) {
                throw new IOException("the server closed a connection");
            }
            String text = text(received, received.position());
            int bodyAt = text.indexOf("\r\n\r\n") + 4;
            int lengthAt = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
            if (bodyAt >= 4 && lengthAt >= 0) {
                int total = bodyAt
                        + Integer.parseInt(text.substring(lengthAt + 16, text.indexOf('\r', lengthAt))
                                .strip());
                if (text.length() == total) {
                    return total;
                }
            }
        }
    }

    private static String text(ByteBuffer bytes, int count) {
        byte[] copy = new byte[count];
        bytes.get(0, copy);
        return new String(copy, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }

    private static final class Exchange {
        final ByteBuffer request;
        int receivedBytes;

        Exchange(ByteBuffer request) {
            this.request = request;
            request.position(request.limit());
        }
    }
}
