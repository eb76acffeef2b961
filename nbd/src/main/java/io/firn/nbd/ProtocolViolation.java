package io.firn.nbd;

import java.io.IOException;

/** What a client did leaves no way to go on: the connection ends. */
final class ProtocolViolation extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolViolation(String message) {
        super(message);
    }
}
