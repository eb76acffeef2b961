package io.firn.server.wire;

import io.firn.server.auth.AuthRefusal;

/**
 * The words of EC2's query API.
 *
 * <p>Source: EC2 API Reference, "Error codes for the Amazon EC2 API", read 2026-11. EC2 has every operation of its model, so it has no code for one that is
 * missing; {@code NotImplemented} with 501 is Firn's own, chosen because clients do not retry that status.
 */
final class Ec2Words implements Words {

    @Override
    public ServiceException unknownOperation(String what) {
        return new ServiceException(400, "InvalidAction", "The action " + what + " is not valid for this web service.");
    }

    @Override
    public ServiceException notImplemented(String operation) {
        return new ServiceException(501, "NotImplemented", "Firn does not implement " + operation + ".");
    }

    @Override
    public ServiceException missing(String path) {
        return new ServiceException(400, "MissingParameter", "The request must contain the parameter " + path);
    }

    @Override
    public ServiceException unknown(String path) {
        return new ServiceException(400, "UnknownParameter", "The parameter " + path + " is not recognized");
    }

    @Override
    public ServiceException invalid(String path, String value, String expectation) {
        return new ServiceException(
                400,
                "InvalidParameterValue",
                "Value (" + value + ") for parameter " + path + " is invalid. " + expectation);
    }

    @Override
    public ServiceException malformed(String what) {
        return new ServiceException(400, "MalformedQueryString", "The query string contains a syntax error: " + what);
    }

    @Override
    public ServiceException forbidden(String operation) {
        return new ServiceException(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    }

    @Override
    public ServiceException unauthentic(AuthRefusal refusal) {
        if (Words.isAboutTime(refusal)) {
            return new ServiceException(400, "RequestExpired", "Request has expired.");
        }
        return switch (refusal.failure()) {
            case SIGNATURE_DOES_NOT_MATCH, CONTENT_SHA256_MISMATCH ->
                new ServiceException(
                        403,
                        "SignatureDoesNotMatch",
                        "The request signature we calculated does not match the signature you provided. Check your AWS"
                                + " Secret Access Key and signing method. Consult the service documentation for details.");
            case AUTHORIZATION_HEADER_MALFORMED, AUTHORIZATION_QUERY_PARAMETERS_ERROR, INVALID_ARGUMENT ->
                new ServiceException(400, "IncompleteSignature", refusal.message());
            default ->
                new ServiceException(
                        401, "AuthFailure", "AWS was not able to validate the provided access credentials");
        };
    }

    @Override
    public ServiceException unsigned() {
        return new ServiceException(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    }

    @Override
    public ServiceException internal() {
        return new ServiceException(500, "InternalError", "An internal error has occurred");
    }

    @Override
    public ServiceException throttled() {
        return new ServiceException(503, "RequestLimitExceeded", "Request limit exceeded.");
    }

    @Override
    public ServiceException unavailable() {
        return new ServiceException(503, "Unavailable", "The server is overloaded and can't handle the request.");
    }
}
