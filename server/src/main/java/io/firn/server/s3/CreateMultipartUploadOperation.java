package io.firn.server.s3;

import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.ChecksumType;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.ObjectStore;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.Locale;
import java.util.Optional;

/** {@code POST /bucket/key?uploads}. */
final class CreateMultipartUploadOperation implements Operation {
    private static final String TYPE = "x-amz-checksum-type";

    private final ObjectStore store;

    CreateMultipartUploadOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseInWrite(request);
        Optional<ChecksumAlgorithm> algorithm = request.header("x-amz-checksum-algorithm")
                .map(name -> ChecksumAlgorithm.parse(name)
                        .orElseThrow(() -> new S3Exception(
                                S3ErrorCode.INVALID_REQUEST,
                                "Checksum algorithm provided is unsupported. Please try again with any of the valid"
                                        + " types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")));
        Optional<ChecksumType> type = type(request, algorithm);
        MultipartUpload upload = Refusals.valueOf(
                store.createUpload(new MultipartUpload.Create(
                        request.bucketName(), request.key(), ObjectHeaders.attributes(request), algorithm, type)),
                request);

        HeaderList headers = request.replyHeaders();
        algorithm.ifPresent(sent -> {
            headers.add("x-amz-checksum-algorithm", sent.wireName());
            headers.add(TYPE, type.orElse(sent.defaultMultipartType()).name());
        });
        XmlWriter xml = XmlWriter.document("InitiateMultipartUploadResult");
        xml.element("Bucket", request.bucketName().text());
        xml.element("Key", request.key().text());
        xml.element("UploadId", upload.uploadId().text());
        request.reply(headers, xml);
    }

    private static Optional<ChecksumType> type(S3Request request, Optional<ChecksumAlgorithm> algorithm) {
        Optional<ChecksumType> type = parse(request.header(TYPE));
        if (type.isPresent() && algorithm.isEmpty()) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }
        if (type.isPresent() && !algorithm.get().allowsInMultipart(type.get())) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST,
                    "The " + type.get() + " checksum type cannot be used with the "
                            + algorithm.get().wireName().toLowerCase(Locale.ROOT) + " checksum algorithm.");
        }
        return type;
    }

    /** The type a header names. */
    static Optional<ChecksumType> parse(Optional<String> header) {
        return header.map(value -> switch (value) {
            case "COMPOSITE" -> ChecksumType.COMPOSITE;
            case "FULL_OBJECT" -> ChecksumType.FULL_OBJECT;
            default ->
                throw new S3Exception(S3ErrorCode.INVALID_REQUEST, "Value for x-amz-checksum-type header is invalid.");
        });
    }
}
