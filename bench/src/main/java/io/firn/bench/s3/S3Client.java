package io.firn.bench.s3;

import io.firn.io.Clock;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One kept HTTP/1.1 connection that sends signed S3 requests and waits for each answer.
 *
 * <p>The bodies of good answers are counted and dropped unless asked for; those of errors are kept for their code. A connection
 * that breaks is opened again by the next request, and the request it broke under is an error of the run, never repeated:
 * what is measured is what a client would see.
 *
 * <p><b>Threads.</b> One thread.
 */
final class S3Client implements AutoCloseable {
    private static final int RECEIVE_BYTES = 256 << 10;
    private static final int HEAD_BYTES = 16 << 10;
    private static final int ERROR_LIMIT_BYTES = 64 << 10;
    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0);

    private final Endpoint endpoint;
    private final RequestSigner signer;
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final ByteBuffer sent = ByteBuffer.allocateDirect(HEAD_BYTES);
    private final StringBuilder head = new StringBuilder(1024);
    private @Nullable Transport transport;

    /**
     * What came back.
     *
     * @param status the HTTP status
     * @param bodyBytes the length of the body
     * @param text the body when it was asked for or the status is 300 or more, else empty
     * @param etag the ETag header as sent, or empty
     */
    record Answer(int status, long bodyBytes, String text, String etag) {
        Answer {
            if (status < 100 || bodyBytes < 0) {
                throw new IllegalArgumentException("status " + status + ", " + bodyBytes + " bytes");
            }
        }

        boolean isGood() {
            return status < 300;
        }

        /** The S3 error code, or the status when the body names none. */
        String errorCode() {
            String code = element("Code");
            return code.isEmpty() ? "HTTP " + status : code;
        }

        /** The text of the first element of this name, or empty. Enough for what S3 answers; no XML parser. */
        String element(String name) {
            int start = text.indexOf("<" + name + ">");
            int end = start < 0 ? -1 : text.indexOf("</" + name + ">", start);
            return end < 0 ? "" : text.substring(start + name.length() + 2, end);
        }
    }

    S3Client(Endpoint endpoint, Credentials credentials, Clock clock) {
        this.endpoint = endpoint;
        this.signer = new RequestSigner(credentials, endpoint, clock);
    }

    /** A request without a body; its answer's body is kept when {@code isTextWanted}. */
    Answer send(String method, String path, String query, boolean isTextWanted) throws IOException {
        return send(method, path, query, EMPTY_HASH, NO_BODY, isTextWanted);
    }

    /** The SHA-256 of nothing. */
    static final String EMPTY_HASH = RequestSigner.payloadHash(new byte[0]);

    /** A request with {@code body} (its position is moved to its end). */
    Answer send(String method, String path, String query, String payloadHash, ByteBuffer body, boolean isTextWanted)
            throws IOException {
        boolean isDone = false;
        try {
            Transport connected = connected();
            writeHead(method, path, query, payloadHash, body.remaining());
            connected.write(sent, body);
            Answer answer = receive(connected, method.equals("HEAD"), isTextWanted);
            isDone = true;
            return answer;
        } finally {
            if (!isDone) {
                close();
            }
        }
    }

    private Transport connected() throws IOException {
        Transport present = transport;
        if (present == null) {
            present = Transport.connect(endpoint);
            transport = present;
        }
        return present;
    }

    private void writeHead(String method, String path, String query, String payloadHash, int bodyBytes) {
        head.setLength(0);
        head.append(method).append(' ').append(path);
        if (!query.isEmpty()) {
            head.append('?').append(query);
        }
        head.append(" HTTP/1.1\r\n");
        signer.appendHeaders(head, method, path, query, payloadHash);
        if (bodyBytes > 0 || method.equals("PUT") || method.equals("POST")) {
            head.append("Content-Length: ").append(bodyBytes).append("\r\n");
        }
        head.append("\r\n");
        sent.clear();
        sent.put(head.toString().getBytes(StandardCharsets.ISO_8859_1)).flip();
    }

    private Answer receive(Transport from, boolean isHead, boolean isTextWanted) throws IOException {
        received.clear();
        int headEnd = receiveHead(from);
        byte[] headBytes = new byte[headEnd];
        received.get(0, headBytes);
        String text = new String(headBytes, StandardCharsets.ISO_8859_1);
        int status = Integer.parseInt(text, 9, 12, 10);
        boolean isKept = isTextWanted || status >= 300;
        received.flip().position(headEnd);
        StringBuilder body = new StringBuilder();
        long bodyBytes = 0;
        if (!isHead && status != 204 && status != 304) {
            String length = header(text, "content-length");
            if (!length.isEmpty()) {
                bodyBytes = Long.parseLong(length);
                take(from, bodyBytes, isKept, body);
            } else if (header(text, "transfer-encoding").equalsIgnoreCase("chunked")) {
                bodyBytes = takeChunks(from, isKept, body);
            } else {
                throw new IOException(
                        "an answer without a length: " + text.lines().findFirst());
            }
        }
        if (header(text, "connection").equalsIgnoreCase("close")) {
            close();
        }
        return new Answer(
                status, bodyBytes, body.toString(), isTextWanted || status >= 300 ? header(text, "etag") : "");
    }

    /** Reads until the head is whole; returns the offset after it. Interim answers are skipped. */
    private int receiveHead(Transport from) throws IOException {
        int scanned = 0;
        while (true) {
            more(from);
            for (int i = Math.max(scanned, 3); i < received.position(); i++) {
                if (received.get(i) == '\n' && received.get(i - 2) == '\n') {
                    return i + 1;
                }
            }
            scanned = received.position();
            if (!received.hasRemaining()) {
                throw new IOException("a head longer than " + RECEIVE_BYTES + " bytes");
            }
        }
    }

    private void more(Transport from) throws IOException {
        if (from.read(received) < 0) {
            throw new EOFException("the server closed the connection");
        }
    }

    /** Takes {@code left} bytes of body from the buffer and then the wire. */
    private void take(Transport from, long bytes, boolean isKept, StringBuilder body) throws IOException {
        long left = bytes;
        while (true) {
            int count = (int) Math.min(left, received.remaining());
            if (isKept && body.length() < ERROR_LIMIT_BYTES * 64) {
                byte[] piece = new byte[count];
                received.get(piece);
                body.append(new String(piece, StandardCharsets.ISO_8859_1));
            } else {
                received.position(received.position() + count);
            }
            left -= count;
            if (left == 0) {
                return;
            }
            received.clear();
            more(from);
            received.flip();
        }
    }

    private long takeChunks(Transport from, boolean isKept, StringBuilder body) throws IOException {
        long total = 0;
        while (true) {
            String size = takeLine(from);
            int extension = size.indexOf(';');
            long bytes = Long.parseLong((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
            if (bytes == 0) {
                while (!takeLine(from).isEmpty()) {
                    // A trailer.
                }
                return total;
            }
            take(from, bytes, isKept, body);
            takeLine(from);
            total += bytes;
        }
    }

    private String takeLine(Transport from) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            while (!received.hasRemaining()) {
                received.clear();
                more(from);
                received.flip();
            }
            char next = (char) received.get();
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append(next);
            }
        }
    }

    private static String header(String head, String name) {
        for (int at = head.indexOf('\n'); at >= 0 && at + 1 < head.length(); at = head.indexOf('\n', at + 1)) {
            int colon = at + 1 + name.length();
            if (colon < head.length()
                    && head.charAt(colon) == ':'
                    && head.regionMatches(true, at + 1, name, 0, name.length())) {
                return head.substring(colon + 1, head.indexOf('\r', colon)).strip();
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        Transport open = transport;
        transport = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "client of %s", endpoint);
    }
}
