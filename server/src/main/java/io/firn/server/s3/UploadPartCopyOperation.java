package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.ByteRange;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.MultipartUpload;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Versioning;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.Optional;

/** {@code PUT /bucket/key?partNumber&uploadId} with {@code x-amz-copy-source}: the part is made of bytes the store already has. */
final class UploadPartCopyOperation implements Operation {
    private final ObjectStore store;
    private final Buckets buckets;

    UploadPartCopyOperation(ObjectStore store, Buckets buckets) {
        this.store = store;
        this.buckets = buckets;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseEncryption(request);
        int partNumber = Uploads.partNumber(request);
        CopySource source = CopySource.parse(request.header("x-amz-copy-source").orElse(""));
        Optional<ByteRange> range = request.header("x-amz-copy-source-range").map(RangeHeader::parseCopySource);
        Bucket sourceBucket = CopyObjectOperation.authoriseSource(request, source, buckets);
        MultipartUpload upload = Uploads.find(store, request);

        GetObject whole = CopyObjectOperation.toRead(request, source, sourceBucket);
        ObjectVersion version = CopyObjectOperation.sourceValueOf(store.head(whole), sourceBucket, source)
                .version();
        checkRange(range, version);
        // The version looked at is the version copied, whatever happens to its key meanwhile.
        GetObject read =
                sourceBucket.versioning() == Versioning.UNVERSIONED ? whole : whole.version(version.versionId());
        MultipartUpload.CopyPart copy = new MultipartUpload.CopyPart(
                request.bucketName(),
                request.key(),
                upload.uploadId(),
                partNumber,
                range.map(read::range).orElse(read));
        reply(
                request,
                CopyObjectOperation.sourceValueOf(store.copyPart(copy), sourceBucket, source),
                version,
                sourceBucket);
    }

    /** A range of a GET is cut to the object; a range of a copy must lie in it. */
    private static void checkRange(Optional<ByteRange> range, ObjectVersion version) {
        if (range.isPresent() && range.get().last().orElse(0) >= version.lengthBytes()) {
            throw new S3Exception(
                            S3ErrorCode.INVALID_RANGE,
                            "Range specified is not valid for source object of size: " + version.lengthBytes())
                    .with("ActualObjectSize", String.valueOf(version.lengthBytes()));
        }
    }

    private static void reply(S3Request request, MultipartUpload.Part part, ObjectVersion source, Bucket sourceBucket) {
        XmlWriter xml = XmlWriter.document("CopyPartResult");
        xml.element("LastModified", S3Time.iso(part.lastModified()));
        xml.element("ETag", ObjectHeaders.quoted(part.etag()));
        part.checksum().ifPresent(checksum -> ChecksumXml.writeValue(xml, checksum));
        HeaderList headers = request.replyHeaders();
        if (sourceBucket.versioning() != Versioning.UNVERSIONED) {
            headers.add("x-amz-copy-source-version-id", source.versionId().text());
        }
        request.reply(headers, xml);
    }
}
