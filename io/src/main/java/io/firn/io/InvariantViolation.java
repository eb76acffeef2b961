package io.firn.io;

/** A bug in Firn, found by a check that stays on in production. Never caught to carry on. */
public final class InvariantViolation extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public InvariantViolation(String message) {
        super(message);
    }
}
