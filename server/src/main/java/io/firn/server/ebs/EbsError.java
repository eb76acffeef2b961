package io.firn.server.ebs;

import io.firn.server.wire.ServiceException;

/** The errors of the EBS direct APIs that operations answer; the wire layer words what does not fit the model. */
final class EbsError {

    /** Reasons of a {@code ValidationException} that can come about here. */
    enum Invalid {
        INVALID_PAGE_TOKEN,
        INVALID_BLOCK_TOKEN,
        /** The snapshot is in a state, a tier or of a making in which this cannot be done. */
        INVALID_SNAPSHOT_ID,
        UNRELATED_SNAPSHOTS,
        /** There is no such block, or it does not carry its checksum. */
        INVALID_BLOCK,
        INVALID_TAG,
        INVALID_PARAMETER_VALUE,
        INVALID_VOLUME_SIZE,
        INVALID_CUSTOMER_KEY,
        CONFLICTING_BLOCK_UPDATE
    }

    /** Reasons of a {@code RequestThrottledException}, which SDKs answer by trying again later. */
    enum Throttle {
        ACCOUNT_THROTTLED,
        RESOURCE_LEVEL_THROTTLE
    }

    private EbsError() {}

    static ServiceException invalid(Invalid reason, String message) {
        return new ServiceException(400, "ValidationException", message).with("Reason", reason.name());
    }

    static ServiceException noSnapshot(String id) {
        return new ServiceException(404, "ResourceNotFoundException", "The snapshot '" + id + "' does not exist.")
                .with("Reason", "SNAPSHOT_NOT_FOUND");
    }

    static ServiceException throttled(Throttle reason) {
        return new ServiceException(400, "RequestThrottledException", "Too many requests at once: try again later.")
                .with("Reason", reason.name());
    }

    static ServiceException tooManyPending(int limit) {
        return new ServiceException(
                400,
                "ConcurrentLimitExceededException",
                "There are " + limit
                        + " pending snapshots that were started by EBS direct APIs, the most there may be.");
    }

    static ServiceException tokenUsed() {
        return new ServiceException(
                409, "ConflictException", "The client token was used before, with other parameters.");
    }

    static ServiceException noSpace() {
        return new ServiceException(402, "ServiceQuotaExceededException", "The store has no space left.")
                .with("Reason", "DEPENDENCY_SERVICE_QUOTA_EXCEEDED");
    }
}
