package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Tags;

/** {@code PUT /bucket?tagging}: replaces all tags of the bucket. */
final class PutBucketTaggingOperation implements Operation {
    private final ObjectStore store;

    PutBucketTaggingOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Tags tags = TaggingDocument.read(request, Tags.MAX_BUCKET_TAGS);
        Refusals.valueOf(store.setBucketTags(request.bucketName(), tags), request);
        request.reply(204, request.replyHeaders());
    }
}
