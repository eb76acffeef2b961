package io.firn.server.http;

/** The client closed the connection or stopped reading: the rest of the reply has nowhere to go. */
public final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClientGone(String message) {
        super(message, null, false, false);
    }
}
