package io.firn.server.s3;

import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ListVersions;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.VersionId;
import io.firn.server.xml.XmlWriter;
import java.util.List;
import java.util.Optional;

/** {@code GET /bucket?versions}: versions and delete markers, newest first within a key. */
final class ListObjectVersionsOperation implements Operation {
    private final ObjectStore store;
    private final Owners owners;

    ListObjectVersionsOperation(ObjectStore store, Owners owners) {
        this.store = store;
        this.owners = owners;
    }

    @Override
    public void handle(S3Request request) {
        Query query = request.query();
        ListingText text = ListingText.of(query);
        String prefix = query.text("prefix");
        String delimiter = query.text("delimiter");
        int maxKeys = Arguments.pageSize(query, "max-keys", ListObjects.MAX_KEYS);
        Optional<String> keyMarker = query.value("key-marker").filter(marker -> !marker.isEmpty());
        Optional<VersionId> versionMarker = versionMarker(query, keyMarker);
        ListVersions.Page page = maxKeys == 0
                ? new ListVersions.Page(List.of(), List.of(), Optional.empty())
                : Refusals.valueOf(
                        store.listVersions(new ListVersions(
                                request.bucketName(), prefix, delimiter, keyMarker, versionMarker, maxKeys)),
                        request);

        XmlWriter xml = XmlWriter.document("ListVersionsResult");
        xml.element("Name", request.bucketName().text());
        xml.element("Prefix", text.of(prefix));
        xml.element("KeyMarker", text.of(keyMarker.orElse("")));
        xml.element("VersionIdMarker", query.text("version-id-marker"));
        page.next().ifPresent(next -> {
            xml.element("NextKeyMarker", text.of(next.keyMarker()));
            next.versionIdMarker().ifPresent(id -> xml.element("NextVersionIdMarker", id.text()));
        });
        xml.element("MaxKeys", maxKeys);
        if (!delimiter.isEmpty()) {
            xml.element("Delimiter", text.of(delimiter));
        }
        if (text.isUrlEncoded()) {
            xml.element("EncodingType", "url");
        }
        xml.element("IsTruncated", String.valueOf(page.next().isPresent()));
        for (ObjectVersion version : page.versions()) {
            writeVersion(xml, version, text);
        }
        for (String commonPrefix : page.commonPrefixes()) {
            xml.begin("CommonPrefixes");
            xml.element("Prefix", text.of(commonPrefix));
            xml.end();
        }
        request.reply(xml);
    }

    private static Optional<VersionId> versionMarker(Query query, Optional<String> keyMarker) {
        Optional<String> marker = query.value("version-id-marker").filter(value -> !value.isEmpty());
        if (marker.isPresent() && keyMarker.isEmpty()) {
            throw S3Exception.invalidArgument(
                    "A version-id marker cannot be specified without a key marker.", "version-id-marker", marker.get());
        }
        return marker.map(value -> VersionId.parse(value)
                .orElseThrow(
                        () -> S3Exception.invalidArgument("Invalid version id specified", "version-id-marker", value)));
    }

    private void writeVersion(XmlWriter xml, ObjectVersion version, ListingText text) {
        xml.begin(version.isDeleteMarker() ? "DeleteMarker" : "Version");
        xml.element("Key", text.of(version.key().text()));
        xml.element("VersionId", version.versionId().text());
        xml.element("IsLatest", String.valueOf(version.isLatest()));
        xml.element("LastModified", S3Time.iso(version.lastModified()));
        if (!version.isDeleteMarker()) {
            xml.element("ETag", ObjectHeaders.quoted(version.etag()));
            ListObjectsOperation.writeChecksum(xml, version.checksum());
            xml.element("Size", version.lengthBytes());
            xml.element("StorageClass", version.attributes().storageClass().name());
        }
        owners.write(xml, "Owner", version.attributes().owner());
        xml.end();
    }
}
