package io.firn.server.s3;

/** Reads a setting that no bucket has: the error that says so, which is what clients such as Terraform look for. */
final class AbsentOperation implements Operation {
    private final S3ErrorCode code;

    AbsentOperation(S3ErrorCode code) {
        this.code = code;
    }

    @Override
    public void handle(S3Request request) {
        throw new S3Exception(code).with("BucketName", request.bucketName().text());
    }
}
