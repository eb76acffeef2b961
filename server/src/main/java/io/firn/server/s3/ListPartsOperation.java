package io.firn.server.s3;

import io.firn.objectstore.ListObjects;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.MultipartUpload.Part;
import io.firn.objectstore.ObjectStore;
import io.firn.server.xml.XmlWriter;
import java.util.List;

/** {@code GET /bucket/key?uploadId}: the parts an upload has so far, by number. */
final class ListPartsOperation implements Operation {
    private final ObjectStore store;
    private final Owners owners;

    ListPartsOperation(ObjectStore store, Owners owners) {
        this.store = store;
        this.owners = owners;
    }

    @Override
    public void handle(S3Request request) {
        int max = Arguments.pageSize(request.query(), "max-parts", ListObjects.MAX_KEYS);
        int marker = request.query()
                .value("part-number-marker")
                .filter(text -> !text.isEmpty())
                .map(text -> Arguments.integer(
                        text,
                        0,
                        Integer.MAX_VALUE,
                        () -> S3Exception.invalidArgument(
                                "Argument part-number-marker must be an integer between 0 and 2147483647",
                                "part-number-marker",
                                text)))
                .orElse(0);
        MultipartUpload upload = Uploads.find(store, request);
        List<Part> found = Refusals.valueOf(
                store.uploadedParts(request.bucketName(), request.key(), upload.uploadId(), marker, max + 1), request);
        boolean isTruncated = max > 0 && found.size() > max;
        List<Part> parts = found.size() > max ? found.subList(0, max) : found;

        XmlWriter xml = XmlWriter.document("ListPartsResult");
        xml.element("Bucket", request.bucketName().text());
        xml.element("Key", request.key().text());
        xml.element("UploadId", upload.uploadId().text());
        xml.element("PartNumberMarker", marker);
        if (!parts.isEmpty()) {
            xml.element("NextPartNumberMarker", parts.getLast().partNumber());
        }
        xml.element("MaxParts", max);
        xml.element("IsTruncated", String.valueOf(isTruncated));
        upload.algorithm().ifPresent(algorithm -> xml.element("ChecksumAlgorithm", algorithm.wireName()));
        upload.checksumType().ifPresent(type -> xml.element("ChecksumType", type.name()));
        for (Part part : parts) {
            xml.begin("Part");
            xml.element("PartNumber", part.partNumber());
            xml.element("LastModified", S3Time.iso(part.lastModified()));
            xml.element("ETag", ObjectHeaders.quoted(part.etag()));
            xml.element("Size", part.lengthBytes());
            part.checksum().ifPresent(checksum -> ChecksumXml.writeValue(xml, checksum));
            xml.end();
        }
        owners.write(xml, "Initiator", upload.attributes().owner());
        owners.write(xml, "Owner", upload.attributes().owner());
        xml.element("StorageClass", upload.attributes().storageClass().name());
        request.reply(xml);
    }
}
