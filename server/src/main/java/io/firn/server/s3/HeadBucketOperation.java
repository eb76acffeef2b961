package io.firn.server.s3;

import io.firn.server.http.HeaderList;

/** {@code HEAD /bucket}: that the bucket exists and the caller may use it, and where it is. */
final class HeadBucketOperation implements Operation {
    private final String region;

    HeadBucketOperation(String region) {
        this.region = region;
    }

    @Override
    public void handle(S3Request request) {
        String bucketRegion = request.bucket().region();
        HeaderList headers = request.replyHeaders();
        headers.add("x-amz-bucket-region", bucketRegion.isEmpty() ? region : bucketRegion);
        headers.add("x-amz-access-point-alias", "false");
        request.reply(200, headers);
    }
}
