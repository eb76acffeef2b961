package io.firn.objectstore;

import java.util.function.Function;

/**
 * The answer to a request that may be refused: the value, or why not. A refusal is an answer callers expect (a missing key, a
 * failed precondition), so it is a value; the world failing is a {@link io.firn.io.StorageException}.
 *
 * @param <T> the value's type
 */
public sealed interface Outcome<T> {

    /** It was done; {@code value} describes the state that is now durable and visible. */
    record Done<T>(T value) implements Outcome<T> {
        @Override
        public <X extends RuntimeException> T orElseThrow(Function<Refusal, X> refused) {
            return value;
        }
    }

    /** It was refused; nothing changed. */
    record Refused<T>(Refusal refusal) implements Outcome<T> {
        @Override
        public <X extends RuntimeException> T orElseThrow(Function<Refusal, X> refused) {
            throw refused.apply(refusal);
        }
    }

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(Refusal.Reason reason, String detail) {
        return new Refused<>(Refusal.of(reason, detail));
    }

    /** The value, or the exception that {@code refused} makes. */
    <X extends RuntimeException> T orElseThrow(Function<Refusal, X> refused);

    /** The value, or {@link RefusedException}: for callers who hold a refusal to be their own mistake. */
    default T orElseThrow() {
        return orElseThrow(RefusedException::new);
    }
}
