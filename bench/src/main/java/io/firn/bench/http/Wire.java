package io.firn.bench.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** One blocking HTTP/1.1 connection on which exactly the given bytes are sent: nothing is normalised on the way out. */
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream input;
    private final byte[] scratch = new byte[256 << 10];

    /** An answer's status and, as ISO-8859-1 text, its body. */
    record Answer(int status, String body) {
        Answer {
            if (status < 100 || status > 599) {
                throw new IllegalArgumentException("status " + status);
            }
        }
    }

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.input = socket.getInputStream();
        socket.setTcpNoDelay(true);
    }

    static Wire plain(int port) throws IOException {
        return new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Over TLS, trusting whatever certificate a contender made. */
    static Wire secure(SSLContext context, int port) throws IOException {
        return new Wire(context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    }

    static SSLContext trustingContext() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, null);
        return context;
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one answer; an interim 100 is an answer of its own. */
    Answer receive() throws IOException {
        String head = receiveHead();
        int status = Integer.parseInt(head.substring(9, 12));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (head.contains("transfer-encoding: chunked")) {
            receiveChunks(body);
        } else {
            receiveExactly(contentLength(head), body);
        }
        return new Answer(status, body.toString(StandardCharsets.ISO_8859_1));
    }

    /** Reads one answer and throws its body away; returns the body's bytes. */
    long drain() throws IOException {
        long length = contentLength(receiveHead());
        for (long left = length; left > 0; ) {
            int count = input.read(scratch, 0, (int) Math.min(scratch.length, left));
            if (count < 0) {
                throw new EOFException("closed within a body");
            }
            left -= count;
        }
        return length;
    }

    /** True when nothing arrives for {@code millis}. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return input.read() == Integer.MIN_VALUE;
        } catch (SocketTimeoutException silent) {
            return true;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    private String receiveHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) receiveByte());
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private static long contentLength(String head) {
        int at = head.indexOf("content-length: ");
        return at < 0
                ? 0
                : Long.parseLong(head.substring(at + 16, head.indexOf('\r', at)).strip());
    }

    private void receiveChunks(ByteArrayOutputStream body) throws IOException {
        while (true) {
            StringBuilder size = new StringBuilder();
            while (size.length() < 2 || size.charAt(size.length() - 1) != '\n') {
                size.append((char) receiveByte());
            }
            int length = Integer.parseInt(size.toString().strip(), 16);
            receiveExactly(length, body);
            receiveExactly(2, new ByteArrayOutputStream());
            if (length == 0) {
                return;
            }
        }
    }

    private void receiveExactly(long length, ByteArrayOutputStream body) throws IOException {
        for (long i = 0; i < length; i++) {
            body.write(receiveByte());
        }
    }

    private int receiveByte() throws IOException {
        int value = input.read();
        if (value < 0) {
            throw new EOFException("closed by the server");
        }
        return value;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class TrustsAll implements X509TrustManager {
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
