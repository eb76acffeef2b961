package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ClientSocketTest {
    /** Waiting for room uses up what woke the selector, and the read that follows must tell of it all the same. */
    @Test
    void tellsTheNextReadThatItWasWoken() throws Exception {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                ClientSocket socket = new ClientSocket(listener.accept())) {
            socket.serveOthers();
            ByteBuffer full = ByteBuffer.allocate(64 << 10);
            while (socket.tryWrite(full)) {
                full.clear();
            }
            int left = full.remaining();
            socket.wake();
            Thread.ofPlatform().start(() -> {
                try {
                    ByteBuffer taken = ByteBuffer.allocate(1 << 20);
                    while (client.read(taken) >= 0) {
                        taken.clear();
                    }
                } catch (IOException e) {
                    // closed at the end
                }
            });
            socket.write(full);
            assertEquals(0, full.remaining(), "of " + left);
            ByteBuffer in = ByteBuffer.allocate(16);
            assertEquals(0, socket.read(in));
            // Bytes that are there already come after the next one, whose sender may be owed to them.
            client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            socket.wake();
            assertEquals(0, socket.read(in));
            assertEquals(3, socket.read(in));
        }
    }
}
