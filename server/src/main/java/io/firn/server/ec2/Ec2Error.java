package io.firn.server.ec2;

import io.firn.server.wire.ServiceException;
import java.util.Locale;

/**
 * The errors of EC2 that operations answer: code on the wire, HTTP status 400, and the message, with places for what is wrong.
 *
 * <p>The published model has no errors for EC2: codes and wording are as its clients know them, not checked against the API Reference.
 */
enum Ec2Error {
    ATTACHMENT_LIMIT_EXCEEDED("AttachmentLimitExceeded", "%s"),
    CONCURRENT_SNAPSHOT_LIMIT_EXCEEDED("ConcurrentSnapshotLimitExceeded", "%s"),
    IDEMPOTENT_INSTANCE_TERMINATED(
            "IdempotentInstanceTerminated", "The client token was used for instances that are terminated: %s"),
    IDEMPOTENT_PARAMETER_MISMATCH(
            "IdempotentParameterMismatch",
            "The client token you have provided is associated with a request that has different parameters: %s"),
    INCORRECT_INSTANCE_STATE("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s."),
    INCORRECT_STATE("IncorrectState", "%s"),
    INVALID_AMI_ID_MALFORMED("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")"),
    INVALID_ATTACHMENT_NOT_FOUND("InvalidAttachment.NotFound", "%s"),
    INVALID_ID("InvalidID", "The ID '%s' is not valid"),
    INVALID_INSTANCE_ATTRIBUTE_VALUE("InvalidInstanceAttributeValue", "%s"),
    INVALID_INSTANCE_ID_MALFORMED("InvalidInstanceID.Malformed", "Invalid id: \"%s\" (expecting \"i-...\")"),
    INVALID_INSTANCE_ID_NOT_FOUND("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist"),
    INVALID_NEXT_TOKEN("InvalidNextToken", "The token '%s' is not valid."),
    INVALID_PARAMETER_COMBINATION("InvalidParameterCombination", "%s"),
    INVALID_PARAMETER_DEPENDENCY("InvalidParameterDependency", "The parameter %s requires the parameter %s to be set."),
    INVALID_PARAMETER_VALUE("InvalidParameterValue", "%s"),
    INVALID_SNAPSHOT("InvalidSnapshot.NotFound", "%s"),
    INVALID_SNAPSHOT_NOT_FOUND("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist."),
    INVALID_USER_ID_MALFORMED("InvalidUserID.Malformed", "Invalid user id: \"%s\" (expecting 12 digits)"),
    INVALID_VOLUME_ZONE_MISMATCH(
            "InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'"),
    INVALID_VOLUME_NOT_FOUND("InvalidVolume.NotFound", "The volume '%s' does not exist."),
    INVALID_VOLUME_MODIFICATION_NOT_FOUND(
            "InvalidVolumeModification.NotFound", "Modification for volume '%s' does not exist."),
    INVALID_ZONE_NOT_FOUND("InvalidZone.NotFound", "The zone '%s' does not exist."),
    MISSING_PARAMETER("MissingParameter", "The request must contain the parameter %s"),
    OPERATION_NOT_PERMITTED("OperationNotPermitted", "%s"),
    SNAPSHOT_LOCKED("SnapshotLocked", "%s"),
    TAG_LIMIT_EXCEEDED("TagLimitExceeded", "More than %d tags for a resource"),
    UNSUPPORTED_OPERATION("UnsupportedOperation", "%s"),
    VOLUME_IN_USE("VolumeInUse", "%s"),
    VOLUME_MODIFICATION_RATE_EXCEEDED(
            "VolumeModificationRateExceeded",
            "You've reached the maximum modification rate of volume '%s': %d in %d hours.");

    private static final int STATUS = 400;

    private final String code;
    private final String message;

    Ec2Error(String code, String message) {
        this.code = code;
        this.message = message;
    }

    String code() {
        return code;
    }

    /** The error to throw, with what is wrong in the message's places. */
    ServiceException of(Object... details) {
        return new ServiceException(STATUS, code, String.format(Locale.ROOT, message, details));
    }
}
