package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.http.HeaderList;

/** {@code PUT ?acl} with {@code x-amz-acl}; lists that name grantees are not implemented. */
final class PutAclOperation implements Operation {
    private final ObjectStore store;
    private final boolean isObject;

    /** Of an object when {@code isObject}, else of a bucket. */
    PutAclOperation(ObjectStore store, boolean isObject) {
        this.store = store;
        this.isObject = isObject;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseGrants(request);
        CannedAcl acl = request.cannedAcl()
                .orElseThrow(() -> new S3Exception(
                        S3ErrorCode.NOT_IMPLEMENTED, "Access control lists that name grantees are not implemented."));
        HeaderList headers = request.replyHeaders();
        if (isObject) {
            ObjectVersion version = Refusals.valueOf(
                    store.setHeader(
                            request.bucketName(), request.key(), request.versionId(), CannedAcl.HEADER, acl.toKeep()),
                    request);
            ObjectHeaders.addVersionId(headers, version, request.bucket());
        } else {
            Refusals.valueOf(store.setBucketSetting(request.bucketName(), CannedAcl.HEADER, acl.toKeep()), request);
        }
        request.reply(200, headers);
    }
}
