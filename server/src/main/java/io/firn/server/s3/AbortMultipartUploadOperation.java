package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.UploadId;

/** {@code DELETE /bucket/key?uploadId}. */
final class AbortMultipartUploadOperation implements Operation {
    private final ObjectStore store;

    AbortMultipartUploadOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        UploadId id = Uploads.id(request);
        Uploads.checkInitiator(store, request);
        store.abortUpload(request.bucketName(), request.key(), id)
                .orElseThrow(
                        refusal -> Refusals.toError(refusal, request.bucket()).with("UploadId", id.text()));
        request.reply(204, request.replyHeaders());
    }
}
