package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Tags;
import io.firn.server.http.HeaderList;

/** {@code PUT /bucket/key?tagging}: replaces all tags of one version. */
final class PutObjectTaggingOperation implements Operation {
    private final ObjectStore store;

    PutObjectTaggingOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Tags tags = TaggingDocument.read(request, Tags.MAX_OBJECT_TAGS);
        ObjectVersion version = Refusals.valueOf(
                store.setTags(request.bucketName(), request.key(), request.versionId(), tags), request);
        HeaderList headers = request.replyHeaders();
        ObjectHeaders.addVersionId(headers, version, request.bucket());
        request.reply(200, headers);
    }
}
