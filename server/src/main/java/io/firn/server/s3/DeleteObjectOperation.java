package io.firn.server.s3;

import io.firn.objectstore.DeleteObject;
import io.firn.objectstore.ObjectStore;
import io.firn.server.http.HeaderList;

/** {@code DELETE /bucket/key}: 204 also when there was nothing to delete. */
final class DeleteObjectOperation implements Operation {
    private final ObjectStore store;

    DeleteObjectOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        DeleteObject delete = new DeleteObject(
                request.bucketName(), request.key(), request.versionId(), ConditionHeaders.ofDelete(request));
        DeleteObject.Deleted deleted = Refusals.valueOf(store.delete(delete), request);
        HeaderList headers = request.replyHeaders();
        if (deleted.isDeleteMarker()) {
            headers.add("x-amz-delete-marker", "true");
        }
        deleted.versionId().ifPresent(id -> headers.add("x-amz-version-id", id.text()));
        request.reply(204, headers);
    }
}
