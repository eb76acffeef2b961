package io.firn.server.http;

/** What a server does with its requests. */
@FunctionalInterface
public interface HttpHandler {

    /**
     * Handles one request on a virtual thread of its own and replies before it returns. Returning without a reply and throwing are answered by
     * {@link #refuse} of {@link Refusal#HANDLER_FAILED}, or by cutting the connection when a reply had begun.
     */
    void handle(HttpExchange exchange);

    /** The reply to what never became an exchange; the connection closes after it. Called on an event loop: it must not block. */
    default HttpReply refuse(Refusal refusal) {
        return HttpReply.text(refusal.status(), refusal.message());
    }
}
