package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumType;
import io.firn.objectstore.ETag;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.MultipartUpload.PartRef;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.Refusal;
import io.firn.objectstore.UploadId;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code POST /bucket/key?uploadId}: makes the object of its parts. No byte is moved, so the reply needs no keep-alive. */
final class CompleteMultipartUploadOperation implements Operation {
    private final ObjectStore store;

    CompleteMultipartUploadOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        UploadId id = Uploads.id(request);
        Uploads.checkInitiator(store, request);
        Optional<Checksum> objectChecksum = ChecksumHeaders.value(request);
        OptionalLong length = ConditionHeaders.length(request.header("x-amz-mp-object-size"));
        // The checksum headers speak of the object, not of this document.
        List<PartRef> parts = parts(RequestDocument.readUnchecked(request, "CompleteMultipartUpload"));
        checkType(request, id);
        Outcome<ObjectVersion> outcome = store.completeUpload(new MultipartUpload.Complete(
                request.bucketName(),
                request.key(),
                id,
                parts,
                objectChecksum,
                length,
                ConditionHeaders.ofWrite(request)));
        reply(request, outcome.orElseThrow(refusal -> toError(refusal, request, id)));
    }

    private static List<PartRef> parts(XmlElement document) {
        List<XmlElement> elements = document.children("Part");
        if (elements.isEmpty() || elements.size() > MultipartUpload.MAX_PARTS) {
            throw new S3Exception(S3ErrorCode.MALFORMED_XML);
        }
        List<PartRef> parts = new ArrayList<>(elements.size());
        int previous = 0;
        for (XmlElement element : elements) {
            String number = element.text("PartNumber").orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
            String etag = element.text("ETag").orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
            int partNumber = Arguments.integer(
                    number.strip(),
                    1,
                    MultipartUpload.MAX_PARTS,
                    () -> S3Exception.invalidArgument(
                            "Part number must be an integer between 1 and 10000, inclusive", "PartNumber", number));
            if (partNumber < previous) {
                throw new S3Exception(S3ErrorCode.INVALID_PART_ORDER);
            }
            if (partNumber == previous) {
                // A client that sent a part twice may name it twice: the last counts, as it does for the upload.
                parts.removeLast();
            }
            previous = partNumber;
            parts.add(new PartRef(partNumber, new ETag(unquoted(etag.strip())), ChecksumXml.read(element)));
        }
        return parts;
    }

    private static String unquoted(String etag) {
        return etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
                ? etag.substring(1, etag.length() - 1)
                : etag;
    }

    private void checkType(S3Request request, UploadId id) {
        Optional<ChecksumType> claimed = CreateMultipartUploadOperation.parse(request.header("x-amz-checksum-type"));
        if (claimed.isEmpty()) {
            return;
        }
        switch (store.upload(request.bucketName(), request.key(), id)) {
            case Outcome.Done<MultipartUpload> done -> {
                MultipartUpload upload = done.value();
                if (upload.checksumType().isPresent() && upload.checksumType().get() != claimed.get()) {
                    throw new S3Exception(
                            S3ErrorCode.INVALID_REQUEST,
                            "The upload was created using the "
                                    + upload.checksumType().get()
                                    + " checksum mode. The complete request must use the same checksum mode.");
                }
            }
            case Outcome.Refused<MultipartUpload> refused -> {
                // Completed before, or never there: the completion itself knows which.
            }
        }
    }

    private static S3Exception toError(Refusal refusal, S3Request request, UploadId id) {
        S3Exception error = Refusals.toError(refusal, request.bucket());
        return switch (refusal.reason()) {
            case NO_SUCH_UPLOAD, INVALID_PART, INVALID_PART_ORDER, PART_TOO_SMALL -> error.with("UploadId", id.text());
            case NO_SUCH_KEY -> error.with("Key", request.key().text());
            default -> error;
        };
    }

    private static void reply(S3Request request, ObjectVersion version) {
        XmlWriter xml = XmlWriter.document("CompleteMultipartUploadResult");
        xml.element("Location", request.location());
        xml.element("Bucket", request.bucketName().text());
        xml.element("Key", request.key().text());
        xml.element("ETag", ObjectHeaders.quoted(version.etag()));
        version.checksum().ifPresent(checksum -> ChecksumXml.write(xml, checksum));
        HeaderList headers = request.replyHeaders();
        ObjectHeaders.addNewVersionId(headers, version, request.bucket());
        request.reply(headers, xml);
    }
}
