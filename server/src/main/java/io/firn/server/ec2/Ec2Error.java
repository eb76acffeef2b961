package io.firn.server.ec2;

import io.firn.server.wire.ServiceException;
import java.util.Locale;

/**
 * The errors of EC2 that operations answer: code on the wire, HTTP status 400, and the message, with places for what is wrong.
 *
 * <p>Source: EC2 API Reference, "Error codes for the Amazon EC2 API", read 2026-11.
 */
enum Ec2Error {
    ATTACHMENT_LIMIT_EXCEEDED(
            "AttachmentLimitExceeded",
            "Volume attachment limit exceeded. %s already has %d volumes, the most it can have."),
    CONCURRENT_SNAPSHOT_LIMIT_EXCEEDED(
            "ConcurrentSnapshotLimitExceeded", "Maximum allowed in-progress snapshots for a single volume exceeded."),
    IDEMPOTENT_PARAMETER_MISMATCH(
            "IdempotentParameterMismatch",
            "The client token you have provided is associated with a request that has different parameters: %s"),
    INCORRECT_INSTANCE_STATE("IncorrectInstanceState", "The instance '%s' is not in a state for this: it is %s."),
    INCORRECT_MODIFICATION_STATE(
            "IncorrectModificationState",
            "Cannot modify volume %s. It is being modified, and the modification is in state %s."),
    INCORRECT_STATE("IncorrectState", "%s"),
    INVALID_ATTACHMENT_NOT_FOUND("InvalidAttachment.NotFound", "Volume '%s' is not attached to '%s'%s."),
    INVALID_DEVICE_IN_USE(
            "InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point %s is already in use"),
    INVALID_INSTANCE_ID_MALFORMED("InvalidInstanceID.Malformed", "Invalid id: \"%s\""),
    INVALID_INSTANCE_ID_NOT_FOUND("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist"),
    INVALID_ID("InvalidID", "The ID '%s' is not valid"),
    INVALID_NEXT_TOKEN("InvalidNextToken", "The token '%s' is not valid."),
    INVALID_PARAMETER_COMBINATION("InvalidParameterCombination", "%s"),
    INVALID_PARAMETER_DEPENDENCY("InvalidParameterDependency", "The parameter %s requires the parameter %s to be set."),
    INVALID_PARAMETER_VALUE("InvalidParameterValue", "%s"),
    INVALID_SNAPSHOT_IN_USE("InvalidSnapshot.InUse", "The snapshot %s is currently in use: %s"),
    INVALID_SNAPSHOT_NOT_FOUND("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist."),
    INVALID_VOLUME_NOT_FOUND("InvalidVolume.NotFound", "The volume '%s' does not exist."),
    INVALID_VOLUME_MODIFICATION_NOT_FOUND(
            "InvalidVolumeModification.NotFound", "Modification for volume '%s' does not exist."),
    INVALID_ZONE_MISMATCH(
            "InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'"),
    INVALID_ZONE_NOT_FOUND("InvalidZone.NotFound", "The zone '%s' does not exist."),
    MISSING_PARAMETER("MissingParameter", "The request must contain the parameter %s"),
    SNAPSHOT_LOCKED("SnapshotLocked", "The snapshot %s is locked and cannot be deleted."),
    TAG_LIMIT_EXCEEDED("TagLimitExceeded", "More than %d tags for resource %s"),
    UNSUPPORTED_OPERATION("UnsupportedOperation", "%s"),
    VOLUME_IN_USE("VolumeInUse", "%s"),
    VOLUME_MODIFICATION_RATE_EXCEEDED(
            "VolumeModificationRateExceeded",
            "You have reached the maximum modification rate per volume limit: volume %s was modified %d times in 24 hours.");

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
