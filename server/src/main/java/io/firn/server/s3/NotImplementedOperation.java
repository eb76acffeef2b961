package io.firn.server.s3;

/** An operation of S3 that Firn does not have yet. */
final class NotImplementedOperation implements Operation {
    private final String name;

    NotImplementedOperation(String name) {
        this.name = name;
    }

    @Override
    public void handle(S3Request request) {
        throw new S3Exception(S3ErrorCode.NOT_IMPLEMENTED, "The operation " + name + " is not implemented.");
    }
}
