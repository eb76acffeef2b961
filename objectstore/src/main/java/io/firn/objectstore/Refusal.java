package io.firn.objectstore;

import java.util.Optional;

/**
 * Why a request was refused.
 *
 * @param reason the kind, for a {@code switch}
 * @param detail a sentence for people
 * @param subject the version the refusal is about, when there is one: the delete marker in the way, the version that has not changed
 */
public record Refusal(Reason reason, String detail, Optional<ObjectVersion> subject) {

    /** The kinds of refusal; each is one S3 error of the same meaning. */
    public enum Reason {
        NO_SUCH_BUCKET,
        /** The bucket exists already and belongs to the same owner. */
        BUCKET_ALREADY_OWNED,
        /** The bucket exists already and belongs to someone else. */
        BUCKET_ALREADY_EXISTS,
        BUCKET_NOT_EMPTY,
        TOO_MANY_BUCKETS,
        NO_SUCH_KEY,
        NO_SUCH_VERSION,
        /** The version named is a delete marker: it can be deleted, not read. */
        IS_DELETE_MARKER,
        NO_SUCH_UPLOAD,
        /** A part named by the completion was not uploaded or has another ETag. */
        INVALID_PART,
        INVALID_PART_ORDER,
        /** The part number asked for on a read is not one of the object's. */
        NO_SUCH_PART,
        /** A part but the last is under 5 MiB. */
        PART_TOO_SMALL,
        /** A body or a part is over its limit. */
        ENTITY_TOO_LARGE,
        METADATA_TOO_LARGE,
        INVALID_TAG,
        INVALID_RANGE,
        PRECONDITION_FAILED,
        /** A read condition says the caller has this already. */
        NOT_MODIFIED,
        /** A concurrent write won while this one was conditional. */
        CONDITIONAL_REQUEST_CONFLICT,
        /** The body's MD5 is not the one declared. */
        BAD_DIGEST,
        /** The body's checksum is not the one declared. */
        BAD_CHECKSUM,
        /** The body is shorter or longer than declared. */
        INCOMPLETE_BODY,
        /** The request asks for what cannot be, such as a copy onto itself that changes nothing. */
        INVALID_REQUEST
    }

    static Refusal of(Reason reason, String detail) {
        return new Refusal(reason, detail, Optional.empty());
    }

    static Refusal of(Reason reason, String detail, ObjectVersion subject) {
        return new Refusal(reason, detail, Optional.of(subject));
    }
}
