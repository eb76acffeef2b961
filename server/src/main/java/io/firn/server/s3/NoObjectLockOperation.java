package io.firn.server.s3;

/** Reads the retention or the legal hold of an object: no bucket has object lock. */
final class NoObjectLockOperation implements Operation {

    @Override
    public void handle(S3Request request) {
        throw new S3Exception(S3ErrorCode.INVALID_REQUEST, "Bucket is missing Object Lock Configuration");
    }
}
