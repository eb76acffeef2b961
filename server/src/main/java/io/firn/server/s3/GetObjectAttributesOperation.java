package io.firn.server.s3;

import io.firn.objectstore.Conditions;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ListObjects;
import io.firn.objectstore.MultipartUpload.Part;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** {@code GET /bucket/key?attributes}: what {@code x-amz-object-attributes} asks for, without the object. */
final class GetObjectAttributesOperation implements Operation {
    private static final String HEADER = "x-amz-object-attributes";
    private static final Set<String> KNOWN = Set.of("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize");

    private final ObjectStore store;

    GetObjectAttributesOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseEncryption(request);
        Set<String> wanted = wanted(request);
        int maxParts = number(request, "x-amz-max-parts", ListObjects.MAX_KEYS);
        int marker = number(request, "x-amz-part-number-marker", 0);
        ObjectVersion version = Refusals.valueOf(
                        store.head(new GetObject(
                                request.bucketName(),
                                request.key(),
                                request.versionId(),
                                Optional.empty(),
                                OptionalInt.empty(),
                                Conditions.NONE)),
                        request)
                .version();

        XmlWriter xml = XmlWriter.document("GetObjectAttributesResponse");
        if (wanted.contains("ETag")) {
            xml.element("ETag", version.etag().text());
        }
        if (wanted.contains("Checksum") && version.checksum().isPresent()) {
            xml.begin("Checksum");
            ChecksumXml.write(xml, version.checksum().get());
            xml.end();
        }
        if (wanted.contains("ObjectParts") && version.partCount() > 0) {
            writeParts(xml, request, version, marker, Math.min(maxParts, ListObjects.MAX_KEYS));
        }
        if (wanted.contains("StorageClass")) {
            xml.element("StorageClass", version.attributes().storageClass().name());
        }
        if (wanted.contains("ObjectSize")) {
            xml.element("ObjectSize", version.lengthBytes());
        }
        HeaderList headers = request.replyHeaders();
        headers.add("Last-Modified", S3Time.http(version.lastModified()));
        ObjectHeaders.addVersionId(headers, version, request.bucket());
        request.reply(headers, xml);
    }

    private static Set<String> wanted(S3Request request) {
        Set<String> wanted = new HashSet<>();
        for (String header : request.headers().all(HEADER)) {
            for (String name : header.split(",", -1)) {
                String attribute = name.strip();
                if (!KNOWN.contains(attribute)) {
                    throw S3Exception.invalidArgument("Invalid attribute name specified.", HEADER, attribute);
                }
                wanted.add(attribute);
            }
        }
        if (wanted.isEmpty()) {
            throw S3Exception.invalidArgument(
                    "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or"
                            + " empty",
                    HEADER,
                    "");
        }
        return wanted;
    }

    private static int number(S3Request request, String header, int absent) {
        return request.header(header)
                .map(text -> Arguments.integer(
                        text,
                        0,
                        Integer.MAX_VALUE,
                        () -> S3Exception.invalidArgument(
                                "Argument " + header + " must be an integer between 0 and 2147483647", header, text)))
                .orElse(absent);
    }

    private void writeParts(XmlWriter xml, S3Request request, ObjectVersion version, int marker, int maxParts) {
        List<Part> parts = Refusals.valueOf(
                store.parts(request.bucketName(), request.key(), Optional.of(version.versionId())), request);
        List<Part> after =
                parts.stream().filter(part -> part.partNumber() > marker).toList();
        List<Part> page = after.size() > maxParts ? after.subList(0, maxParts) : after;
        xml.begin("ObjectParts");
        xml.element("PartsCount", version.partCount());
        xml.element("PartNumberMarker", marker);
        if (!page.isEmpty()) {
            xml.element("NextPartNumberMarker", page.getLast().partNumber());
        }
        xml.element("MaxParts", maxParts);
        xml.element("IsTruncated", String.valueOf(after.size() > maxParts));
        for (Part part : page) {
            xml.begin("Part");
            xml.element("PartNumber", part.partNumber());
            xml.element("Size", part.lengthBytes());
            part.checksum().ifPresent(checksum -> ChecksumXml.writeValue(xml, checksum));
            xml.end();
        }
        xml.end();
    }
}
