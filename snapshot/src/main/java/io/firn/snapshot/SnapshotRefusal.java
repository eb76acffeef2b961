package io.firn.snapshot;

import java.util.Optional;

/**
 * Why a request was refused.
 *
 * @param reason the kind, for a {@code switch}
 * @param detail a sentence for people
 * @param subject the snapshot the refusal is about, when it is not the one named
 */
public record SnapshotRefusal(Reason reason, String detail, Optional<SnapshotId> subject) {

    /** The kinds of refusal. */
    public enum Reason {
        /** There is no such snapshot, or it was deleted. */
        NO_SUCH_SNAPSHOT,
        /** There is no such parent, it is not whole, or it belongs to another account. */
        NO_SUCH_PARENT,
        /** The snapshot is in a state in which this cannot be done. */
        INCORRECT_STATE,
        /** It is locked. */
        LOCKED,
        /** It is in the archive tier. */
        IN_ARCHIVE,
        /** It is not in the archive tier. */
        NOT_IN_ARCHIVE,
        /** The size is below the parent's. */
        INVALID_SIZE,
        /** The token was used with the same parameters; the subject is what it made. */
        TOKEN_USED,
        /** The token was used with other parameters; the subject is what it made. */
        TOKEN_MISMATCH,
        /** A number, a date or a combination is outside its rule. */
        INVALID_PARAMETER,
        /** There is no such retention rule. */
        NO_SUCH_RULE,
        /** A limit of the store is reached. */
        LIMIT_EXCEEDED
    }

    static SnapshotRefusal of(Reason reason, String detail) {
        return new SnapshotRefusal(reason, detail, Optional.empty());
    }
}
