package io.firn.bench.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A blocking byte stream to the endpoint. Two occupants: a plain channel (direct buffers, gathered writes) and TLS. One thread. */
sealed interface Transport extends AutoCloseable {
    /** Sends all of both. */
    void write(ByteBuffer head, ByteBuffer body) throws IOException;

    /** Appends what arrives, at least one byte; -1 at the end. */
    int read(ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;

    /** Connects. TLS accepts any certificate: a load test is no place to keep secrets, and self-signed servers are its subject. */
    static Transport connect(Endpoint endpoint) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.connect(new InetSocketAddress(endpoint.host(), endpoint.port()));
        return endpoint.isTls() ? new Tls(channel, endpoint) : new Plain(channel);
    }

    /** Without TLS. */
    final class Plain implements Transport {
        private final SocketChannel channel;

        private Plain(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(ByteBuffer head, ByteBuffer body) throws IOException {
            if (!body.hasRemaining()) {
                while (head.hasRemaining()) {
                    channel.write(head);
                }
                return;
            }
            ByteBuffer[] both = {head, body};
            while (body.hasRemaining()) {
                channel.write(both);
            }
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** With TLS, by the JDK. */
    final class Tls implements Transport {
        private static final int COPY_BYTES = 64 << 10;

        private final SSLSocket socket;
        private final InputStream input;
        private final OutputStream output;
        private final byte[] received = new byte[COPY_BYTES];
        private final byte[] sent = new byte[COPY_BYTES];

        private Tls(SocketChannel channel, Endpoint endpoint) throws IOException {
            this.socket = (SSLSocket) trustingContext()
                    .getSocketFactory()
                    .createSocket(channel.socket(), endpoint.host(), endpoint.port(), true);
            this.input = socket.getInputStream();
            this.output = socket.getOutputStream();
        }

        @Override
        public void write(ByteBuffer head, ByteBuffer body) throws IOException {
            while (head.hasRemaining() || body.hasRemaining()) {
                int count = fill(sent, 0, head);
                count += fill(sent, count, body);
                output.write(sent, 0, count);
            }
        }

        private static int fill(byte[] target, int offset, ByteBuffer source) {
            int count = Math.min(target.length - offset, source.remaining());
            source.get(target, offset, count);
            return count;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = input.read(received, 0, Math.min(received.length, target.remaining()));
            if (count > 0) {
                target.put(received, 0, count);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        private static SSLContext trustingContext() throws IOException {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
                return context;
            } catch (GeneralSecurityException e) {
                throw new IOException("no TLS in this JDK", e);
            }
        }
    }

    /** Accepts every certificate. */
    final class TrustsAll implements X509TrustManager {
        private TrustsAll() {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
