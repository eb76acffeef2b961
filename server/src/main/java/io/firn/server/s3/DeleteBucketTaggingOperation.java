package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Tags;

/** {@code DELETE /bucket?tagging}. */
final class DeleteBucketTaggingOperation implements Operation {
    private final ObjectStore store;

    DeleteBucketTaggingOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Refusals.valueOf(store.setBucketTags(request.bucketName(), Tags.NONE), request);
        request.reply(204, request.replyHeaders());
    }
}
