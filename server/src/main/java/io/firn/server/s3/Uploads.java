package io.firn.server.s3;

import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.UploadId;

/** Finds the multipart upload that a request names. */
final class Uploads {
    private Uploads() {}

    /** The id in {@code uploadId=}; one that was never given out names no upload. */
    static UploadId id(S3Request request) {
        String text = request.query().text("uploadId");
        return UploadId.parse(text)
                .orElseThrow(() -> new S3Exception(S3ErrorCode.NO_SUCH_UPLOAD).with("UploadId", text));
    }

    /** The upload in progress. */
    static MultipartUpload find(ObjectStore store, S3Request request) {
        UploadId id = id(request);
        MultipartUpload upload = store.upload(request.bucketName(), request.key(), id)
                .orElseThrow(
                        refusal -> Refusals.toError(refusal, request.bucket()).with("UploadId", id.text()));
        requireInitiator(request, upload);
        return upload;
    }

    /** In a bucket that lets strangers write, an upload is still its initiator's and the bucket owner's alone. */
    private static void requireInitiator(S3Request request, MultipartUpload upload) {
        Caller caller = request.caller();
        boolean isOwner = caller.isRoot() || caller.id().equals(request.bucket().owner());
        if (!isOwner && !caller.id().equals(upload.attributes().owner())) {
            throw new S3Exception(S3ErrorCode.ACCESS_DENIED);
        }
    }

    /** Refuses a request about somebody else's upload; one that is no longer in progress is nobody's. */
    static void checkInitiator(ObjectStore store, S3Request request) {
        if (store.upload(request.bucketName(), request.key(), id(request))
                instanceof Outcome.Done<MultipartUpload> done) {
            requireInitiator(request, done.value());
        }
    }

    /** The number in {@code partNumber=}, which a part must have. */
    static int partNumber(S3Request request) {
        return request.partNumber()
                .orElseThrow(() -> S3Exception.invalidArgument(
                        "Part number must be an integer between 1 and 10000, inclusive", "partNumber", ""));
    }
}
