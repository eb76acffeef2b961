package io.firn.server.s3;

/** One operation of S3. Stateless between requests and safe for use by many threads. */
@FunctionalInterface
interface Operation {

    /** Does what an authenticated and authorised request asks and replies; throws {@link S3Exception} to refuse it. */
    void handle(S3Request request);
}
