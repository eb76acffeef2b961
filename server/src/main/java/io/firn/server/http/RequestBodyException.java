package io.firn.server.http;

/** The rest of a request's body cannot be had. The connection closes after the reply, if one still reaches the client. */
public final class RequestBodyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The connection closed before the body ended (S3: IncompleteBody). */
        TRUNCATED,
        /** No byte arrived for {@link HttpServerOptions#bodyTimeout} (S3: RequestTimeout). */
        STALLED,
        /** The chunked transfer coding is broken (S3: InvalidRequest). */
        MALFORMED
    }

    private final Reason reason;

    public RequestBodyException(Reason reason) {
        // A client's fault, met once per request at a known place: the stack would only cost.
        super("request body " + reason, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
