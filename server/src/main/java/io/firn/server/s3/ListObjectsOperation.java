package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.xml.XmlWriter;
import java.util.List;
import java.util.Optional;

/** {@code GET /bucket}: ListObjects in its first version and, with {@code list-type=2}, its second. */
final class ListObjectsOperation implements Operation {
    private final ObjectStore store;
    private final Owners owners;
    private final boolean isSecond;

    /** Version 2 when {@code isSecond}. */
    ListObjectsOperation(ObjectStore store, Owners owners, boolean isSecond) {
        this.store = store;
        this.owners = owners;
        this.isSecond = isSecond;
    }

    @Override
    public void handle(S3Request request) {
        Query query = request.query();
        ListingText text = ListingText.of(query);
        String prefix = query.text("prefix");
        String delimiter = query.text("delimiter");
        int maxKeys = Arguments.pageSize(query, "max-keys", ListObjects.MAX_KEYS);
        ListObjects.Page page = maxKeys == 0
                ? new ListObjects.Page(List.of(), List.of(), Optional.empty())
                : Refusals.valueOf(
                        store.list(
                                new ListObjects(request.bucketName(), prefix, delimiter, startAfter(query), maxKeys)),
                        request);

        XmlWriter xml = XmlWriter.document("ListBucketResult");
        xml.element("Name", request.bucketName().text());
        if (isSecond) {
            xml.element("Prefix", text.of(prefix));
            writePaging(xml, query, text, page);
        } else {
            // botocore decodes everything of this listing but the prefix.
            xml.element("Prefix", ListingText.isXml(prefix) ? prefix : text.of(prefix));
            xml.element("Marker", text.of(query.text("marker")));
            if (page.next().isPresent() && !delimiter.isEmpty()) {
                xml.element("NextMarker", text.of(page.next().get()));
            }
        }
        xml.element("MaxKeys", maxKeys);
        if (!delimiter.isEmpty()) {
            xml.element("Delimiter", text.of(delimiter));
        }
        if (text.isUrlEncoded()) {
            xml.element("EncodingType", "url");
        }
        xml.element("IsTruncated", String.valueOf(page.next().isPresent()));
        boolean hasOwner = !isSecond || query.text("fetch-owner").equalsIgnoreCase("true");
        for (ObjectVersion object : page.objects()) {
            writeObject(xml, object, text, hasOwner);
        }
        for (String commonPrefix : page.commonPrefixes()) {
            xml.begin("CommonPrefixes");
            xml.element("Prefix", text.of(commonPrefix));
            xml.end();
        }
        request.reply(xml);
    }

    private Optional<String> startAfter(Query query) {
        Optional<String> named =
                query.value(isSecond ? "start-after" : "marker").filter(text -> !text.isEmpty());
        if (!isSecond) {
            return named;
        }
        return query.value("continuation-token")
                .filter(token -> !token.isEmpty())
                .map(ContinuationToken::decode)
                .or(() -> named);
    }

    private static void writePaging(XmlWriter xml, Query query, ListingText text, ListObjects.Page page) {
        query.value("continuation-token").ifPresent(token -> xml.element("ContinuationToken", token));
        query.value("start-after").ifPresent(startAfter -> xml.element("StartAfter", text.of(startAfter)));
        page.next().ifPresent(next -> xml.element("NextContinuationToken", ContinuationToken.encode(next)));
        xml.element(
                "KeyCount",
                String.valueOf(page.objects().size() + page.commonPrefixes().size()));
    }

    private void writeObject(XmlWriter xml, ObjectVersion object, ListingText text, boolean hasOwner) {
        xml.begin("Contents");
        xml.element("Key", text.of(object.key().text()));
        xml.element("LastModified", S3Time.iso(object.lastModified()));
        xml.element("ETag", ObjectHeaders.quoted(object.etag()));
        writeChecksum(xml, object.checksum());
        xml.element("Size", object.lengthBytes());
        if (hasOwner) {
            owners.write(xml, "Owner", object.attributes().owner());
        }
        xml.element("StorageClass", object.attributes().storageClass().name());
        xml.end();
    }

    /** What a listing says of a checksum: not its value. */
    static void writeChecksum(XmlWriter xml, Optional<Checksum> checksum) {
        if (checksum.isPresent()) {
            xml.element("ChecksumAlgorithm", checksum.get().algorithm().wireName());
            xml.element("ChecksumType", checksum.get().type().name());
        }
    }
}
