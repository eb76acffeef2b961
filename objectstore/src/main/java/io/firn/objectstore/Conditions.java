package io.firn.objectstore;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The preconditions of a read, write, copy, completion or delete, each absent unless given.
 *
 * @param ifMatch an ETag, {@code *}, or several ETags divided by commas; quotes are optional
 * @param ifNoneMatch likewise
 * @param ifModifiedSince compared by whole seconds, as HTTP dates are
 * @param ifUnmodifiedSince likewise; for a delete it is {@code x-amz-if-match-last-modified-time}, which must be equal
 * @param ifMatchLength for a delete: the length in bytes the object must have
 */
public record Conditions(
        Optional<String> ifMatch,
        Optional<String> ifNoneMatch,
        Optional<Instant> ifModifiedSince,
        Optional<Instant> ifUnmodifiedSince,
        OptionalLong ifMatchLength) {

    public static final Conditions NONE = new Conditions(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty());

    /** Only when the current version has this ETag. */
    public static Conditions ifMatch(ETag etag) {
        return new Conditions(
                Optional.of(etag.text()), Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty());
    }

    /** Only when there is no current version. */
    public static Conditions ifAbsent() {
        return new Conditions(
                Optional.empty(), Optional.of("*"), Optional.empty(), Optional.empty(), OptionalLong.empty());
    }

    public boolean isNone() {
        return equals(NONE);
    }

    /** What a read of {@code version} under these conditions gets, in the order RFC 9110 section 13.2.2 gives. */
    ReadVerdict onRead(ObjectVersion version) {
        if (ifMatch.isPresent()) {
            if (!matches(ifMatch.get(), version.etag())) {
                return ReadVerdict.PRECONDITION_FAILED;
            }
        } else if (ifUnmodifiedSince.isPresent()
                && seconds(version.lastModified()).isAfter(ifUnmodifiedSince.get())) {
            return ReadVerdict.PRECONDITION_FAILED;
        }
        if (ifNoneMatch.isPresent()) {
            if (matches(ifNoneMatch.get(), version.etag())) {
                return ReadVerdict.NOT_MODIFIED;
            }
        } else if (ifModifiedSince.isPresent()
                && !seconds(version.lastModified()).isAfter(ifModifiedSince.get())) {
            return ReadVerdict.NOT_MODIFIED;
        }
        return ReadVerdict.PASS;
    }

    /** Why a write over {@code current} is refused under these conditions. */
    Optional<Refusal> onWrite(Optional<ObjectVersion> current) {
        if (ifMatch.isPresent()) {
            if (current.isEmpty()) {
                return Optional.of(Refusal.of(Refusal.Reason.NO_SUCH_KEY, "The specified key does not exist."));
            }
            if (!matches(ifMatch.get(), current.get().etag())) {
                return Optional.of(failed());
            }
        }
        if (ifNoneMatch.isPresent()
                && current.isPresent()
                && matches(ifNoneMatch.get(), current.get().etag())) {
            return Optional.of(failed());
        }
        return Optional.empty();
    }

    /** Why a delete of {@code target} is refused under these conditions; what is not there, or hidden already, may always be deleted. */
    Optional<Refusal> onDelete(Optional<ObjectVersion> target) {
        if (target.isEmpty()) {
            return Optional.empty();
        }
        ObjectVersion version = target.get();
        boolean isTag = ifMatch.isEmpty()
                || ifMatch.get().equals("*")
                || (!version.isDeleteMarker() && matches(ifMatch.get(), version.etag()));
        boolean isTime =
                ifUnmodifiedSince.isEmpty() || seconds(version.lastModified()).equals(seconds(ifUnmodifiedSince.get()));
        boolean isLength = ifMatchLength.isEmpty()
                || (!version.isDeleteMarker() && ifMatchLength.getAsLong() == version.lengthBytes());
        return isTag && isTime && isLength ? Optional.empty() : Optional.of(failed());
    }

    private static Refusal failed() {
        return Refusal.of(
                Refusal.Reason.PRECONDITION_FAILED, "At least one of the pre-conditions you specified did not hold");
    }

    /** What {@link #onRead} says. */
    enum ReadVerdict {
        PASS,
        PRECONDITION_FAILED,
        NOT_MODIFIED
    }

    /** True when {@code list} is {@code *} or names {@code etag}. */
    static boolean matches(String list, ETag etag) {
        for (String item : list.split(",", -1)) {
            String tag = item.strip();
            if (tag.equals("*") || unquoted(tag).equals(etag.text())) {
                return true;
            }
        }
        return false;
    }

    private static String unquoted(String tag) {
        String strong = tag.startsWith("W/") ? tag.substring(2) : tag;
        return strong.length() >= 2 && strong.startsWith("\"") && strong.endsWith("\"")
                ? strong.substring(1, strong.length() - 1)
                : strong;
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
