package io.firn.server.s3;

import io.firn.objectstore.Conditions;
import io.firn.objectstore.DeleteObject;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.VersionId;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code POST /bucket?delete}: up to 1,000 objects, each deleted or refused on its own. */
final class DeleteObjectsOperation implements Operation {
    private static final int MAX_OBJECTS = 1000;

    private final ObjectStore store;

    DeleteObjectsOperation(ObjectStore store) {
        this.store = store;
    }

    /** An object as named: its request, or why there can be none. */
    private record Named(
            String key, Optional<String> versionId, Optional<DeleteObject> request, S3ErrorCode otherwise) {}

    @Override
    public void handle(S3Request request) {
        XmlElement document = RequestDocument.read(request, "Delete");
        List<XmlElement> objects = document.children("Object");
        if (objects.isEmpty() || objects.size() > MAX_OBJECTS) {
            throw new S3Exception(S3ErrorCode.MALFORMED_XML);
        }
        boolean isQuiet = document.text("Quiet")
                .filter(text -> text.strip().equalsIgnoreCase("true"))
                .isPresent();
        List<Named> names = new ArrayList<>(objects.size());
        List<DeleteObject> deletes = new ArrayList<>(objects.size());
        for (XmlElement object : objects) {
            Named named = named(object, request);
            names.add(named);
            named.request().ifPresent(deletes::add);
        }
        List<Outcome<DeleteObject.Deleted>> outcomes = store.deleteAll(deletes);

        XmlWriter xml = XmlWriter.document("DeleteResult");
        int next = 0;
        for (Named named : names) {
            if (named.request().isEmpty()) {
                writeError(xml, named, new S3Exception(named.otherwise()));
                continue;
            }
            switch (outcomes.get(next++)) {
                case Outcome.Done<DeleteObject.Deleted> done -> {
                    if (!isQuiet) {
                        writeDeleted(xml, named, done.value());
                    }
                }
                case Outcome.Refused<DeleteObject.Deleted> refused ->
                    writeError(xml, named, Refusals.toError(refused.refusal(), request.bucket()));
            }
        }
        request.reply(xml);
    }

    private static Named named(XmlElement object, S3Request request) {
        String key = object.text("Key").orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
        Optional<String> versionId = object.text("VersionId").filter(text -> !text.isEmpty());
        if (key.isEmpty()) {
            throw new S3Exception(S3ErrorCode.USER_KEY_MUST_BE_SPECIFIED);
        }
        ObjectKey objectKey;
        try {
            objectKey = S3Address.objectKey(key);
        } catch (S3Exception tooLong) {
            return new Named(key, versionId, Optional.empty(), tooLong.code());
        }
        Optional<VersionId> version = versionId.flatMap(VersionId::parse);
        if (version.isEmpty() && versionId.isPresent()) {
            return new Named(key, versionId, Optional.empty(), S3ErrorCode.NO_SUCH_VERSION);
        }
        Optional<Instant> lastModified = object.text("LastModifiedTime")
                .map(text -> S3Time.parseEither(text).orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML)));
        Conditions conditions = new Conditions(
                object.text("ETag"),
                Optional.empty(),
                Optional.empty(),
                lastModified,
                ConditionHeaders.length(object.text("Size")));
        return new Named(
                key,
                versionId,
                Optional.of(new DeleteObject(request.bucketName(), objectKey, version, conditions)),
                S3ErrorCode.INTERNAL_ERROR);
    }

    private static void writeDeleted(XmlWriter xml, Named named, DeleteObject.Deleted deleted) {
        xml.begin("Deleted");
        xml.element("Key", named.key());
        named.versionId().ifPresent(id -> xml.element("VersionId", id));
        if (deleted.isDeleteMarker()) {
            xml.element("DeleteMarker", "true");
            deleted.versionId().ifPresent(id -> xml.element("DeleteMarkerVersionId", id.text()));
        }
        xml.end();
    }

    private static void writeError(XmlWriter xml, Named named, S3Exception error) {
        xml.begin("Error");
        xml.element("Key", named.key());
        named.versionId().ifPresent(id -> xml.element("VersionId", id));
        xml.element("Code", error.code().wireCode());
        xml.element("Message", error.text());
        xml.end();
    }
}
