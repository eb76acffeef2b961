package io.firn.server.s3;

import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ListUploads;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.UploadId;
import io.firn.server.xml.XmlWriter;
import java.util.List;
import java.util.Optional;

/** {@code GET /bucket?uploads}: the multipart uploads in progress. */
final class ListMultipartUploadsOperation implements Operation {
    private final ObjectStore store;
    private final Owners owners;

    ListMultipartUploadsOperation(ObjectStore store, Owners owners) {
        this.store = store;
        this.owners = owners;
    }

    @Override
    public void handle(S3Request request) {
        Query query = request.query();
        ListingText text = ListingText.of(query);
        String prefix = query.text("prefix");
        String delimiter = query.text("delimiter");
        int maxUploads = Arguments.pageSize(query, "max-uploads", ListObjects.MAX_KEYS);
        Optional<String> keyMarker = query.value("key-marker").filter(marker -> !marker.isEmpty());
        ListUploads.Page page = maxUploads == 0
                ? new ListUploads.Page(List.of(), List.of(), Optional.empty())
                : Refusals.valueOf(
                        store.listUploads(new ListUploads(
                                request.bucketName(),
                                prefix,
                                delimiter,
                                keyMarker,
                                uploadIdMarker(query, keyMarker),
                                maxUploads)),
                        request);

        XmlWriter xml = XmlWriter.document("ListMultipartUploadsResult");
        xml.element("Bucket", request.bucketName().text());
        xml.element("KeyMarker", text.of(keyMarker.orElse("")));
        xml.element("UploadIdMarker", query.text("upload-id-marker"));
        page.next().ifPresent(next -> {
            xml.element("NextKeyMarker", text.of(next.keyMarker()));
            xml.element(
                    "NextUploadIdMarker",
                    next.uploadIdMarker().map(UploadId::text).orElse(""));
        });
        xml.element("Prefix", text.of(prefix));
        if (!delimiter.isEmpty()) {
            xml.element("Delimiter", text.of(delimiter));
        }
        if (text.isUrlEncoded()) {
            xml.element("EncodingType", "url");
        }
        xml.element("MaxUploads", maxUploads);
        xml.element("IsTruncated", String.valueOf(page.next().isPresent()));
        for (MultipartUpload upload : page.uploads()) {
            writeUpload(xml, upload, text);
        }
        for (String commonPrefix : page.commonPrefixes()) {
            xml.begin("CommonPrefixes");
            xml.element("Prefix", text.of(commonPrefix));
            xml.end();
        }
        request.reply(xml);
    }

    /** Without a key marker an upload id marker means nothing and is ignored, as the API page says. */
    private static Optional<UploadId> uploadIdMarker(Query query, Optional<String> keyMarker) {
        return query.value("upload-id-marker")
                .filter(marker -> !marker.isEmpty() && keyMarker.isPresent())
                .map(marker -> UploadId.parse(marker)
                        .orElseThrow(() ->
                                S3Exception.invalidArgument("Invalid uploadId marker", "upload-id-marker", marker)));
    }

    private void writeUpload(XmlWriter xml, MultipartUpload upload, ListingText text) {
        xml.begin("Upload");
        xml.element("Key", text.of(upload.key().text()));
        xml.element("UploadId", upload.uploadId().text());
        owners.write(xml, "Initiator", upload.attributes().owner());
        owners.write(xml, "Owner", upload.attributes().owner());
        xml.element("StorageClass", upload.attributes().storageClass().name());
        xml.element("Initiated", S3Time.iso(upload.initiated()));
        upload.algorithm().ifPresent(algorithm -> xml.element("ChecksumAlgorithm", algorithm.wireName()));
        upload.checksumType().ifPresent(type -> xml.element("ChecksumType", type.name()));
        xml.end();
    }
}
