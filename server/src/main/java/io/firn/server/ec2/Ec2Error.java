package io.firn.server.ec2;

import io.firn.server.wire.ServiceException;
import java.util.Locale;

/**
 * The errors of EC2 that operations answer: code on the wire, HTTP status 400, and the message, with places for what is wrong.
 *
 * <p>The published model has no errors for EC2: codes and wording are as its clients know them, not checked against the API Reference.
 */
enum Ec2Error {
    IDEMPOTENT_PARAMETER_MISMATCH(
            "IdempotentParameterMismatch",
            "The client token you have provided is associated with a request that has different parameters: %s"),
    INVALID_NEXT_TOKEN("InvalidNextToken", "The token '%s' is not valid."),
    INVALID_PARAMETER_COMBINATION("InvalidParameterCombination", "%s"),
    INVALID_PARAMETER_DEPENDENCY("InvalidParameterDependency", "The parameter %s requires the parameter %s to be set."),
    INVALID_PARAMETER_VALUE("InvalidParameterValue", "%s"),
    INVALID_VOLUME_NOT_FOUND("InvalidVolume.NotFound", "The volume '%s' does not exist."),
    INVALID_ZONE_NOT_FOUND("InvalidZone.NotFound", "The zone '%s' does not exist."),
    MISSING_PARAMETER("MissingParameter", "The request must contain the parameter %s"),
    TAG_LIMIT_EXCEEDED("TagLimitExceeded", "More than %d tags for a resource"),
    UNSUPPORTED_OPERATION("UnsupportedOperation", "%s");

    private static final int STATUS = 400;

    private final String code;
    private final String message;

    Ec2Error(String code, String message) {
        this.code = code;
        this.message = message;
    }

    /** The error to throw, with what is wrong in the message's places. */
    ServiceException of(Object... details) {
        return new ServiceException(STATUS, code, String.format(Locale.ROOT, message, details));
    }
}
