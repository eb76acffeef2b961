package io.firn.server.s3;

import io.firn.server.auth.AuthRefusal;

/** Turns what authentication refuses into errors of the one table. */
final class AuthErrors {
    private AuthErrors() {}

    static S3Exception toError(AuthRefusal refusal) {
        S3ErrorCode code = switch (refusal.failure()) {
            case ACCESS_DENIED -> S3ErrorCode.ACCESS_DENIED;
            case AUTHORIZATION_HEADER_MALFORMED -> S3ErrorCode.AUTHORIZATION_HEADER_MALFORMED;
            case AUTHORIZATION_QUERY_PARAMETERS_ERROR ->
                refusal.message().startsWith("X-Amz-Expires")
                        ? S3ErrorCode.AUTHORIZATION_EXPIRY_ERROR
                        : S3ErrorCode.AUTHORIZATION_QUERY_PARAMETERS_ERROR;
            case CONTENT_SHA256_MISMATCH -> S3ErrorCode.X_AMZ_CONTENT_SHA256_MISMATCH;
            case INCOMPLETE_BODY -> S3ErrorCode.INCOMPLETE_BODY;
            case INVALID_ACCESS_KEY_ID -> S3ErrorCode.INVALID_ACCESS_KEY_ID;
            case INVALID_ARGUMENT -> S3ErrorCode.INVALID_ARGUMENT;
            case INVALID_CHUNK_SIZE -> S3ErrorCode.INVALID_CHUNK_SIZE;
            case INVALID_REQUEST -> S3ErrorCode.INVALID_REQUEST;
            case INVALID_TOKEN -> S3ErrorCode.INVALID_TOKEN;
            case MALFORMED_TRAILER -> S3ErrorCode.MALFORMED_TRAILER;
            case MISSING_CONTENT_LENGTH -> S3ErrorCode.MISSING_CONTENT_LENGTH;
            case NOT_IMPLEMENTED -> S3ErrorCode.NOT_IMPLEMENTED;
            case REQUEST_TIME_TOO_SKEWED -> S3ErrorCode.REQUEST_TIME_TOO_SKEWED;
            case SIGNATURE_DOES_NOT_MATCH -> S3ErrorCode.SIGNATURE_DOES_NOT_MATCH;
        };
        S3Exception error = new S3Exception(code, refusal.message());
        for (AuthRefusal.Field field : refusal.fields()) {
            error.with(field.name(), field.value());
        }
        return error;
    }
}
