package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.Refusal;
import io.firn.objectstore.Versioning;
import java.util.Optional;

/** Turns what the store refuses into what S3 answers. */
final class Refusals {
    private Refusals() {}

    /** The value of an outcome about the request's own bucket and key, or the error. */
    static <T> T valueOf(Outcome<T> outcome, S3Request request) {
        return outcome.orElseThrow(refusal -> toError(refusal, request.bucket()));
    }

    /** The error for a refusal about something in {@code bucket}. */
    static S3Exception toError(Refusal refusal, Bucket bucket) {
        return toError(refusal, bucket.name(), bucket.versioning() != Versioning.UNVERSIONED);
    }

    /** The error for a refusal about something in a bucket that tells version ids or does not. */
    static S3Exception toError(Refusal refusal, BucketName bucket, boolean tellsVersions) {
        return switch (refusal.reason()) {
            case NO_SUCH_BUCKET -> new S3Exception(S3ErrorCode.NO_SUCH_BUCKET).with("BucketName", bucket.text());
            case BUCKET_ALREADY_OWNED -> new S3Exception(S3ErrorCode.BUCKET_ALREADY_OWNED_BY_YOU);
            case BUCKET_ALREADY_EXISTS -> new S3Exception(S3ErrorCode.BUCKET_ALREADY_EXISTS);
            case BUCKET_NOT_EMPTY -> new S3Exception(S3ErrorCode.BUCKET_NOT_EMPTY).with("BucketName", bucket.text());
            case TOO_MANY_BUCKETS -> new S3Exception(S3ErrorCode.TOO_MANY_BUCKETS);
            case NO_SUCH_KEY -> noSuchKey(refusal.subject(), tellsVersions);
            case NO_SUCH_VERSION -> new S3Exception(S3ErrorCode.NO_SUCH_VERSION);
            case IS_DELETE_MARKER -> isDeleteMarker(refusal.subject());
            case NO_SUCH_UPLOAD -> new S3Exception(S3ErrorCode.NO_SUCH_UPLOAD);
            case INVALID_PART -> new S3Exception(S3ErrorCode.INVALID_PART);
            case INVALID_PART_ORDER -> new S3Exception(S3ErrorCode.INVALID_PART_ORDER);
            case NO_SUCH_PART ->
                // Conformance suites want InvalidPart here where the API page has InvalidPartNumber.
                new S3Exception(S3ErrorCode.INVALID_PART, "The requested partnumber is not satisfiable");
            case PART_TOO_SMALL -> new S3Exception(S3ErrorCode.ENTITY_TOO_SMALL);
            case ENTITY_TOO_LARGE -> new S3Exception(S3ErrorCode.ENTITY_TOO_LARGE);
            case METADATA_TOO_LARGE -> new S3Exception(S3ErrorCode.METADATA_TOO_LARGE);
            case INVALID_TAG -> new S3Exception(S3ErrorCode.INVALID_TAG, refusal.detail());
            case INVALID_RANGE -> invalidRange(refusal.subject());
            case PRECONDITION_FAILED -> new S3Exception(S3ErrorCode.PRECONDITION_FAILED);
            case NOT_MODIFIED -> notModified(refusal.subject(), tellsVersions);
            case CONDITIONAL_REQUEST_CONFLICT -> new S3Exception(S3ErrorCode.CONDITIONAL_REQUEST_CONFLICT);
            case BAD_DIGEST ->
                new S3Exception(
                        S3ErrorCode.BAD_DIGEST, "The Content-MD5 you specified did not match what we received.");
            case BAD_CHECKSUM ->
                new S3Exception(
                        S3ErrorCode.BAD_DIGEST, "The checksum you specified did not match the calculated checksum.");
            case INCOMPLETE_BODY -> new S3Exception(S3ErrorCode.INCOMPLETE_BODY);
            case INVALID_REQUEST -> new S3Exception(S3ErrorCode.INVALID_REQUEST, refusal.detail());
        };
    }

    private static S3Exception noSuchKey(Optional<ObjectVersion> marker, boolean tellsVersions) {
        S3Exception error = new S3Exception(S3ErrorCode.NO_SUCH_KEY);
        // S3 leaves the header out when there is no marker; saying false tells the two apart, as conformance suites
        // want.
        error.header("x-amz-delete-marker", String.valueOf(marker.isPresent()));
        if (marker.isPresent() && tellsVersions) {
            error.header("x-amz-version-id", marker.get().versionId().text());
        }
        return error;
    }

    private static S3Exception isDeleteMarker(Optional<ObjectVersion> marker) {
        S3Exception error = new S3Exception(S3ErrorCode.METHOD_NOT_ALLOWED)
                .with("Method", "GET")
                .with("ResourceType", "DeleteMarker")
                .header("Allow", "DELETE")
                .header("x-amz-delete-marker", "true");
        if (marker.isPresent()) {
            error.header("x-amz-version-id", marker.get().versionId().text())
                    .header("Last-Modified", S3Time.http(marker.get().lastModified()));
        }
        return error;
    }

    private static S3Exception invalidRange(Optional<ObjectVersion> version) {
        S3Exception error = new S3Exception(S3ErrorCode.INVALID_RANGE);
        if (version.isPresent()) {
            long length = version.get().lengthBytes();
            error.with("ActualObjectSize", String.valueOf(length)).header("Content-Range", "bytes */" + length);
        }
        return error;
    }

    private static S3Exception notModified(Optional<ObjectVersion> version, boolean tellsVersions) {
        S3Exception error = new S3Exception(S3ErrorCode.NOT_MODIFIED);
        if (version.isPresent()) {
            error.header("ETag", ObjectHeaders.quoted(version.get().etag()))
                    .header("Last-Modified", S3Time.http(version.get().lastModified()));
            version.get().attributes().metadata().headers().forEach((name, value) -> {
                if (name.equals("cache-control") || name.equals("expires")) {
                    error.header(name, value);
                }
            });
            if (tellsVersions) {
                error.header("x-amz-version-id", version.get().versionId().text());
            }
        }
        return error;
    }
}
