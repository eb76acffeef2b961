package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.CopyObject;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectAttributes;
import io.firn.objectstore.ObjectMetadata;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.Refusal;
import io.firn.objectstore.Tags;
import io.firn.objectstore.Versioning;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code PUT /bucket/key} with {@code x-amz-copy-source}. */
final class CopyObjectOperation implements Operation {
    private final ObjectStore store;
    private final Buckets buckets;

    CopyObjectOperation(ObjectStore store, Buckets buckets) {
        this.store = store;
        this.buckets = buckets;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseInWrite(request);
        CopySource source = CopySource.parse(request.header("x-amz-copy-source").orElse(""));
        Bucket sourceBucket = authoriseSource(request, source, buckets);
        GetObject read = toRead(request, source, sourceBucket);
        Optional<Tags> tags = isReplaced(request, "x-amz-tagging-directive")
                ? Optional.of(ObjectHeaders.tags(request))
                : Optional.empty();
        CopyObject copy = new CopyObject(
                read,
                request.bucketName(),
                request.key(),
                request.caller().id(),
                ObjectHeaders.storageClass(request),
                replacement(request, read),
                tags,
                request.header("x-amz-checksum-algorithm").map(CopyObjectOperation::algorithm),
                ConditionHeaders.ofWrite(request));
        CopyObject.Copied copied = sourceValueOf(store.copy(copy), sourceBucket, source);
        reply(request, copied, sourceBucket);
    }

    /** The metadata of the copy where it is not the source's: replaced, or kept but for the access control list, which is never copied. */
    private Optional<ObjectMetadata> replacement(S3Request request, GetObject source) {
        if (isReplaced(request, "x-amz-metadata-directive")) {
            return Optional.of(ObjectHeaders.metadata(request));
        }
        return switch (store.head(source)) {
            case Outcome.Done<ObjectStore.Head> done -> {
                ObjectAttributes attributes = done.value().version().attributes();
                CannedAcl acl = request.cannedAcl().orElse(CannedAcl.PRIVATE);
                yield CannedAcl.of(attributes) == acl
                        ? Optional.empty()
                        : Optional.of(attributes.metadata().withHeader(CannedAcl.HEADER, acl.toKeep()));
            }
            case Outcome.Refused<ObjectStore.Head> refused -> Optional.empty();
        };
    }

    /** The bucket of a copy's source, which the caller must be allowed to read. */
    static Bucket authoriseSource(S3Request request, CopySource source, Buckets buckets) {
        return buckets.authorise(
                request.caller(),
                source.bucket(),
                Permission.READ_OBJECT,
                Optional.of(new Buckets.Target(source.key(), source.versionId())),
                request.header("x-amz-source-expected-bucket-owner"));
    }

    /** What a copy reads, under the conditions on its source. */
    static GetObject toRead(S3Request request, CopySource source, Bucket sourceBucket) {
        return new GetObject(
                sourceBucket.name(),
                source.key(),
                source.versionId(),
                Optional.empty(),
                OptionalInt.empty(),
                ConditionHeaders.ofCopySource(request));
    }

    /** The value of a copy, or the error: a source that has not changed is a failed precondition here, not a 304. */
    static <T> T sourceValueOf(Outcome<T> outcome, Bucket sourceBucket, CopySource source) {
        return outcome.orElseThrow(refusal -> {
            if (refusal.reason() == Refusal.Reason.NOT_MODIFIED) {
                return new S3Exception(S3ErrorCode.PRECONDITION_FAILED);
            }
            if (refusal.reason() == Refusal.Reason.IS_DELETE_MARKER) {
                return new S3Exception(
                        S3ErrorCode.INVALID_REQUEST,
                        "The source of a copy request may not specifically refer to a delete marker by version id.");
            }
            S3Exception error = Refusals.toError(refusal, sourceBucket);
            if (refusal.reason() == Refusal.Reason.NO_SUCH_KEY) {
                error.with("Key", source.key().text());
            }
            return error;
        });
    }

    private static boolean isReplaced(S3Request request, String directive) {
        String value = request.header(directive).orElse("COPY");
        return switch (value) {
            case "COPY" -> false;
            case "REPLACE" -> true;
            default ->
                throw S3Exception.invalidArgument(
                        directive.equals("x-amz-metadata-directive")
                                ? "Unknown metadata directive."
                                : "Unknown tagging directive.",
                        directive,
                        value);
        };
    }

    private static ChecksumAlgorithm algorithm(String name) {
        return ChecksumAlgorithm.parse(name)
                .orElseThrow(() -> new S3Exception(
                        S3ErrorCode.INVALID_REQUEST,
                        "Checksum algorithm provided is unsupported. Please try again with any of the valid types:"
                                + " [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"));
    }

    private static void reply(S3Request request, CopyObject.Copied copied, Bucket sourceBucket) {
        ObjectVersion copy = copied.copy();
        XmlWriter xml = XmlWriter.document("CopyObjectResult");
        xml.element("LastModified", S3Time.iso(copy.lastModified()));
        xml.element("ETag", ObjectHeaders.quoted(copy.etag()));
        copy.checksum().ifPresent(checksum -> ChecksumXml.write(xml, checksum));
        HeaderList headers = request.replyHeaders();
        if (sourceBucket.versioning() != Versioning.UNVERSIONED) {
            headers.add(
                    "x-amz-copy-source-version-id", copied.source().versionId().text());
        }
        ObjectHeaders.addNewVersionId(headers, copy, request.bucket());
        request.reply(headers, xml);
    }
}
