package io.firn.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The bytes of a connection, plain or through TLS. One thread reads; writers exclude each other by the connection's lock. */
interface Wire {
    /** As {@link SocketChannel#read}: waits for at least one byte, -1 at the end. */
    int read(ByteBuffer target) throws IOException;

    /** Writes all that remains. */
    void write(ByteBuffer source) throws IOException;

    /** Says goodbye where the protocol below has a word for it. The channel is closed by the caller. */
    void finish() throws IOException;

    /** The plain socket. */
    record Plain(SocketChannel channel) implements Wire {
        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public void write(ByteBuffer source) throws IOException {
            while (source.hasRemaining()) {
                channel.write(source);
            }
        }

        @Override
        public void finish() {
            // TCP and unix sockets say it themselves.
        }
    }
}
