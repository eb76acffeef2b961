package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Tags;
import io.firn.server.http.HeaderList;

/** {@code DELETE /bucket/key?tagging}. */
final class DeleteObjectTaggingOperation implements Operation {
    private final ObjectStore store;

    DeleteObjectTaggingOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        ObjectVersion version = Refusals.valueOf(
                store.setTags(request.bucketName(), request.key(), request.versionId(), Tags.NONE), request);
        HeaderList headers = request.replyHeaders();
        ObjectHeaders.addVersionId(headers, version, request.bucket());
        request.reply(204, headers);
    }
}
