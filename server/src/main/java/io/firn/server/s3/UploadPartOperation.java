package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Expectations;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.ObjectStore;
import io.firn.server.http.HeaderList;
import java.util.Locale;
import java.util.Optional;

/** {@code PUT /bucket/key?partNumber&uploadId}. */
final class UploadPartOperation implements Operation {
    private final ObjectStore store;

    UploadPartOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseEncryption(request);
        int partNumber = Uploads.partNumber(request);
        MultipartUpload upload = Uploads.find(store, request);
        Expectations expectations =
                ChecksumHeaders.expectations(request, request.payload().requiredLength(request.declaresLength()));
        checkAlgorithm(upload.algorithm(), expectations.algorithm());
        MultipartUpload.Part part = Refusals.valueOf(
                store.uploadPart(
                        new MultipartUpload.UploadPart(
                                request.bucketName(), request.key(), upload.uploadId(), partNumber, expectations),
                        request.payload()),
                request);

        HeaderList headers = request.replyHeaders();
        headers.add("ETag", ObjectHeaders.quoted(part.etag()));
        Optional<Checksum> checksum = part.checksum();
        checksum.ifPresent(sum -> headers.add(sum.algorithm().headerName(), sum.wireValue()));
        request.reply(200, headers);
    }

    private static void checkAlgorithm(Optional<ChecksumAlgorithm> ofUpload, Optional<ChecksumAlgorithm> ofPart) {
        if (ofUpload.isPresent() && ofPart.isPresent() && ofUpload.get() != ofPart.get()) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST,
                    "Checksum Type mismatch occurred, expected checksum Type: "
                            + ofUpload.get().wireName().toLowerCase(Locale.ROOT) + ", actual checksum Type: "
                            + ofPart.get().wireName().toLowerCase(Locale.ROOT));
        }
    }
}
