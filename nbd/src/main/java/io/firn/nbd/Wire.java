package io.firn.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a connection, plain or through TLS. One thread reads; writers exclude each other by the connection's lock. */
interface Wire {
    /** Waits for at least one byte; -1 at the end, 0 when {@link ClientSocket#wake} came first. */
    int read(ByteBuffer target) throws IOException;

    /** Writes all that remains. By the thread that reads. */
    void write(ByteBuffer source) throws IOException;

    /** Writes what goes out without waiting, nothing of it where that cannot be told; true when that was all. By any thread. */
    boolean tryWrite(ByteBuffer source) throws IOException;

    /** Says goodbye where the protocol below has a word for it. The channel is closed by the caller. */
    void finish() throws IOException;

    /** The plain socket. */
    record Plain(ClientSocket socket) implements Wire {
        @Override
        public int read(ByteBuffer target) throws IOException {
            return socket.read(target);
        }

        @Override
        public void write(ByteBuffer source) throws IOException {
            socket.write(source);
        }

        @Override
        public boolean tryWrite(ByteBuffer source) throws IOException {
            return socket.tryWrite(source);
        }

        @Override
        public void finish() {
            // TCP and unix sockets say it themselves.
        }
    }
}
