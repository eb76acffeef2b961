package io.firn.server.http;

/** Why the HTTP front itself answers a request. */
public enum Refusal {
    /** The request line, a header or the framing is not HTTP/1.x. */
    MALFORMED(400, "The request is not valid HTTP/1.1."),
    /** The request line is longer than {@link HttpServerOptions#maxRequestLineBytes}. */
    REQUEST_LINE_TOO_LONG(414, "The request line is too long."),
    /** The headers together are longer than {@link HttpServerOptions#maxHeaderBytes}. */
    HEADERS_TOO_LARGE(400, "The request headers are too large."),
    /** As many connections as the server takes are open already. */
    TOO_MANY_CONNECTIONS(503, "Too many connections."),
    /** The handler threw, or returned without a reply. */
    HANDLER_FAILED(500, "Internal error.");

    private final int status;
    private final String message;

    Refusal(int status, String message) {
        this.status = status;
        this.message = message;
    }

    public int status() {
        return status;
    }

    public String message() {
        return message;
    }
}
