package io.firn.server.s3;

import io.firn.objectstore.Conditions;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.http.HeaderList;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code GET /bucket/key?tagging}: an empty set for an object without tags. */
final class GetObjectTaggingOperation implements Operation {
    private final ObjectStore store;

    GetObjectTaggingOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        GetObject read = new GetObject(
                request.bucketName(),
                request.key(),
                request.versionId(),
                Optional.empty(),
                OptionalInt.empty(),
                Conditions.NONE);
        ObjectVersion version = Refusals.valueOf(store.head(read), request).version();
        HeaderList headers = request.replyHeaders();
        ObjectHeaders.addVersionId(headers, version, request.bucket());
        request.reply(headers, TaggingDocument.write(version.attributes().tags()));
    }
}
