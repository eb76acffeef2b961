package io.firn.server.log;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a door knows of a request that it has answered, beyond HTTP.
 *
 * @param api the operation as the API names it, for example {@code GetObject}; a figure is kept for each, so it is one of few
 * @param operation the operation as S3's access log names it, for example {@code REST.GET.OBJECT}
 * @param requestId as sent in {@code x-amz-request-id}
 * @param hostId as sent in {@code x-amz-id-2}
 * @param requester the canonical id of who signed; empty for nobody
 * @param bucketOwner the canonical id of the bucket's owner
 * @param bucket the bucket, decoded
 * @param key the key, decoded
 * @param versionId the version that was asked for
 * @param errorCode S3's code of the error that was replied
 * @param objectBytes the size of the whole object
 * @param authentication how the request was signed
 */
public record RequestFacts(
        String api,
        String operation,
        String requestId,
        String hostId,
        Optional<String> requester,
        Optional<String> bucketOwner,
        Optional<String> bucket,
        Optional<String> key,
        Optional<String> versionId,
        Optional<String> errorCode,
        OptionalLong objectBytes,
        Authentication authentication) {

    /** How a request was signed. */
    public enum Authentication {
        /** Not at all. */
        NONE,
        /** SigV4 in the Authorization header. */
        HEADER,
        /** SigV4 in the query: presigned. */
        QUERY
    }

    /** Of a request that no door could make sense of, or that is none of S3's. */
    public static RequestFacts unknown(String api) {
        return new RequestFacts(
                api,
                "-",
                "-",
                "-",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Authentication.NONE);
    }
}
