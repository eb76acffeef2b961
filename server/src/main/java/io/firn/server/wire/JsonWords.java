package io.firn.server.wire;

import io.firn.server.auth.AuthRefusal;

/**
 * The words of the services that speak JSON. An operation that is missing here is {@code NotImplementedException} with 501, Firn's own.
 *
 * <p>Source: "Common errors" in the EBS direct APIs' reference, read 2026-11.
 */
final class JsonWords implements Words {
    private final boolean hasReason;
    private final boolean hasDenialReason;
    private final boolean hasThrottleReason;

    /** For a service with this model, whose errors may carry a reason. */
    JsonWords(ServiceModel model) {
        hasReason = hasReason(model, "ValidationException");
        hasDenialReason = hasReason(model, "AccessDeniedException");
        hasThrottleReason = hasReason(model, "RequestThrottledException");
    }

    private static boolean hasReason(ServiceModel model, String error) {
        return model.error(error).flatMap(shape -> shape.member("Reason")).isPresent();
    }

    @Override
    public ServiceException unknownOperation(String what) {
        return new ServiceException(404, "UnknownOperationException", "Unknown operation: " + what);
    }

    @Override
    public ServiceException notImplemented(String operation) {
        return new ServiceException(501, "NotImplementedException", "Firn does not implement " + operation + ".");
    }

    @Override
    public ServiceException missing(String path) {
        return validation("Value null at '" + path + "' failed to satisfy constraint: Member must not be null");
    }

    @Override
    public ServiceException unknown(String path) {
        return validation("Value at '" + path + "' failed to satisfy constraint: Member is not known");
    }

    @Override
    public ServiceException invalid(String path, String value, String expectation) {
        return validation("Value '" + value + "' at '" + path + "' failed to satisfy constraint: " + expectation);
    }

    private ServiceException validation(String problem) {
        ServiceException error =
                new ServiceException(400, "ValidationException", "1 validation error detected: " + problem);
        return hasReason ? error.with("Reason", "INVALID_PARAMETER_VALUE") : error;
    }

    @Override
    public ServiceException malformed(String what) {
        return new ServiceException(400, "SerializationException", what);
    }

    @Override
    public ServiceException forbidden(String operation) {
        ServiceException error =
                new ServiceException(403, "AccessDeniedException", "User is not authorized to perform: " + operation);
        return hasDenialReason ? error.with("Reason", "UNAUTHORIZED_ACCOUNT") : error;
    }

    @Override
    public ServiceException unauthentic(AuthRefusal refusal) {
        return switch (refusal.failure()) {
            case SIGNATURE_DOES_NOT_MATCH, CONTENT_SHA256_MISMATCH ->
                new ServiceException(
                        403,
                        "InvalidSignatureException",
                        "The request signature we calculated does not match the signature you provided. Check your AWS"
                                + " Secret Access Key and signing method. Consult the service documentation for details.");
            case REQUEST_TIME_TOO_SKEWED ->
                new ServiceException(403, "InvalidSignatureException", "Signature expired: " + refusal.message());
            case AUTHORIZATION_HEADER_MALFORMED, AUTHORIZATION_QUERY_PARAMETERS_ERROR, INVALID_ARGUMENT ->
                new ServiceException(400, "IncompleteSignatureException", refusal.message());
            default ->
                new ServiceException(
                        403, "UnrecognizedClientException", "The security token included in the request is invalid.");
        };
    }

    @Override
    public ServiceException unsigned() {
        return new ServiceException(
                403, "MissingAuthenticationTokenException", "Request is missing Authentication Token");
    }

    @Override
    public ServiceException internal() {
        return new ServiceException(500, "InternalServerException", "An internal error has occurred.");
    }

    @Override
    public ServiceException throttled() {
        ServiceException error =
                new ServiceException(400, "RequestThrottledException", "Too many requests at once: try again later.");
        return hasThrottleReason ? error.with("Reason", "ACCOUNT_THROTTLED") : error;
    }

    @Override
    public ServiceException unavailable() {
        return new ServiceException(503, "ServiceUnavailableException", "The service cannot answer at the moment.");
    }
}
