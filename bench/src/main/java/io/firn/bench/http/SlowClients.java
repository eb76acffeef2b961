package io.firn.bench.http;

import io.firn.io.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Many connections that each dribble one PUT body, 1 KiB every 100 ms: what a server must hold without paying much. */
final class SlowClients {
    private static final int DRIBBLE_BYTES = 1024;
    private static final int PAUSE_MILLIS = 100;

    private SlowClients() {}

    /** Dribbles over {@code clients} connections for {@code nanos}, calls {@code whileOpen}, then leaves mid-body. */
    static void dribble(Clock clock, int port, int clients, long nanos, Action whileOpen) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        try (Selector pause = Selector.open()) {
            for (int i = 0; i < clients; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.write(ByteBuffer.wrap("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 104857600\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII)));
                channels.add(channel);
            }
            ByteBuffer dribble = ByteBuffer.allocateDirect(DRIBBLE_BYTES);
            long deadlineNanos = clock.nanoTime() + nanos;
            while (clock.nanoTime() < deadlineNanos) {
                for (SocketChannel channel : channels) {
                    channel.write(dribble.clear());
                }
                pause.select(PAUSE_MILLIS);
            }
            whileOpen.run();
        } finally {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }
}
