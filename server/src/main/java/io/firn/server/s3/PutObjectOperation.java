package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.PutObject;
import io.firn.server.http.HeaderList;

/**
 * {@code PUT /bucket/key}: one object in one request. The store pulls the body, so {@code 100 Continue} is sent only after every check
 * that needs no body has passed.
 */
final class PutObjectOperation implements Operation {
    private final ObjectStore store;

    PutObjectOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseInWrite(request);
        PutObject put = new PutObject(
                request.bucketName(),
                request.key(),
                ObjectHeaders.attributes(request),
                ChecksumHeaders.expectations(request, request.payload().requiredLength(request.declaresLength())),
                ConditionHeaders.ofWrite(request));
        ObjectVersion version = Refusals.valueOf(store.put(put, request.payload()), request);
        request.touched(version);

        HeaderList headers = request.replyHeaders();
        headers.add("ETag", ObjectHeaders.quoted(version.etag()));
        version.checksum().ifPresent(checksum -> ObjectHeaders.addChecksum(headers, checksum));
        ObjectHeaders.addNewVersionId(headers, version, request.bucket());
        request.reply(200, headers);
    }
}
