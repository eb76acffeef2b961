package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;

/** {@code DELETE /bucket}: only when it holds neither objects nor versions. */
final class DeleteBucketOperation implements Operation {
    private final ObjectStore store;

    DeleteBucketOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Refusals.valueOf(store.deleteBucket(request.bucketName()), request);
        request.reply(204, request.replyHeaders());
    }
}
