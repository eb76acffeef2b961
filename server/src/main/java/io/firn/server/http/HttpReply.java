package io.firn.server.http;

import java.nio.charset.StandardCharsets;

/** A whole small reply. The body is not copied. */
public final class HttpReply {
    private final int status;
    private final HeaderList headers;
    private final byte[] body;

    public HttpReply(int status, HeaderList headers, byte[] body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status " + status);
        }
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    public int status() {
        return status;
    }

    public HeaderList headers() {
        return headers;
    }

    public byte[] body() {
        return body;
    }

    /** A reply of plain text. */
    public static HttpReply text(int status, String text) {
        return new HttpReply(
                status,
                new HeaderList().add("Content-Type", "text/plain; charset=utf-8"),
                (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
