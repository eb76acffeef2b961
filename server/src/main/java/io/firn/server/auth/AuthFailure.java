package io.firn.server.auth;

/**
 * The S3 error codes that authentication and body decoding answer with.
 *
 * <p>Source: S3 API Reference, "Error responses", read 2026-11.
 */
public enum AuthFailure {
    ACCESS_DENIED("AccessDenied", 403),
    AUTHORIZATION_HEADER_MALFORMED("AuthorizationHeaderMalformed", 400),
    AUTHORIZATION_QUERY_PARAMETERS_ERROR("AuthorizationQueryParametersError", 400),
    CONTENT_SHA256_MISMATCH("XAmzContentSHA256Mismatch", 400),
    INCOMPLETE_BODY("IncompleteBody", 400),
    INVALID_ACCESS_KEY_ID("InvalidAccessKeyId", 403),
    INVALID_ARGUMENT("InvalidArgument", 400),
    INVALID_CHUNK_SIZE("InvalidChunkSizeError", 400),
    INVALID_REQUEST("InvalidRequest", 400),
    INVALID_TOKEN("InvalidToken", 400),
    MALFORMED_TRAILER("MalformedTrailerError", 400),
    MISSING_CONTENT_LENGTH("MissingContentLength", 411),
    NOT_IMPLEMENTED("NotImplemented", 501),
    REQUEST_TIME_TOO_SKEWED("RequestTimeTooSkewed", 403),
    SIGNATURE_DOES_NOT_MATCH("SignatureDoesNotMatch", 403);

    private final String code;
    private final int status;

    AuthFailure(String code, int status) {
        this.code = code;
        this.status = status;
    }

    /** The text of {@code <Code>}. */
    public String code() {
        return code;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
