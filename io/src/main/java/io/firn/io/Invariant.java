package io.firn.io;

/** Checks of what must hold if Firn has no bug; they stay on in production. */
public final class Invariant {
    private Invariant() {}

    /** Throws {@link InvariantViolation} with {@code message} unless {@code holds}. */
    public static void check(boolean holds, String message) {
        if (!holds) {
            throw new InvariantViolation(message);
        }
    }

    /** As {@link #check(boolean, String)}, with two numbers put in place of {@code %d}. */
    public static void check(boolean holds, String format, long first, long second) {
        if (!holds) {
            throw new InvariantViolation(String.format(format, first, second));
        }
    }
}
