package io.firn.snapshot;

import java.util.Optional;
import java.util.function.Function;

/**
 * The answer to a request that may be refused: the value, or why not. The world failing is a {@link io.firn.io.StorageException}.
 *
 * @param <T> the value's type
 */
public sealed interface SnapshotOutcome<T> {

    /** It was done; what {@code value} says is durable. */
    record Done<T>(T value) implements SnapshotOutcome<T> {}

    /** It was refused; nothing changed. */
    record Refused<T>(SnapshotRefusal refusal) implements SnapshotOutcome<T> {}

    static <T> SnapshotOutcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> SnapshotOutcome<T> refused(SnapshotRefusal.Reason reason, String detail) {
        return new Refused<>(SnapshotRefusal.of(reason, detail));
    }

    static <T> SnapshotOutcome<T> refused(SnapshotRefusal.Reason reason, String detail, SnapshotId subject) {
        return new Refused<>(new SnapshotRefusal(reason, detail, Optional.of(subject)));
    }

    /** The value, or the exception that {@code refused} makes. */
    default <X extends RuntimeException> T orElseThrow(Function<SnapshotRefusal, X> refused) {
        return switch (this) {
            case Done<T>(T value) -> value;
            case Refused<T>(SnapshotRefusal refusal) -> throw refused.apply(refusal);
        };
    }

    /** The value, or an {@link IllegalArgumentException}: for callers who hold a refusal to be their own mistake. */
    default T orElseThrow() {
        return orElseThrow(refusal -> new IllegalArgumentException(refusal.reason() + ": " + refusal.detail()));
    }
}
