package io.firn.server.s3;

import io.firn.objectstore.Tags;

/** {@code GET /bucket?tagging}. */
final class GetBucketTaggingOperation implements Operation {

    @Override
    public void handle(S3Request request) {
        Tags tags = request.bucket().tags();
        if (tags.isEmpty()) {
            throw new S3Exception(S3ErrorCode.NO_SUCH_TAG_SET)
                    .with("BucketName", request.bucketName().text());
        }
        request.reply(TaggingDocument.write(tags));
    }
}
