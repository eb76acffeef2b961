package io.firn.objectstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** An upload in parts that is not completed yet. */
public record MultipartUpload(
        BucketName bucket,
        ObjectKey key,
        UploadId uploadId,
        ObjectAttributes attributes,
        Instant initiated,
        Optional<ChecksumAlgorithm> algorithm,
        Optional<ChecksumType> checksumType) {

    /** The most parts of an upload; they are numbered from 1. */
    public static final int MAX_PARTS = 10_000;

    /** The least bytes of every part but the last. */
    public static final long MIN_PART_BYTES = 5L << 20;

    /** What an upload is begun with. */
    public record Create(
            BucketName bucket,
            ObjectKey key,
            ObjectAttributes attributes,
            Optional<ChecksumAlgorithm> algorithm,
            Optional<ChecksumType> checksumType) {}

    /** Which part the bytes that follow are. */
    public record UploadPart(
            BucketName bucket, ObjectKey key, UploadId uploadId, int partNumber, Expectations expectations) {}

    /** Which part is to be made of which bytes of an object: its bytes are referenced, not moved. */
    public record CopyPart(BucketName bucket, ObjectKey key, UploadId uploadId, int partNumber, GetObject source) {}

    /** A part that the upload has. */
    public record Part(
            int partNumber, ETag etag, long lengthBytes, Instant lastModified, Optional<Checksum> checksum) {}

    /** A part that the completion names. */
    public record PartRef(int partNumber, ETag etag, Optional<Checksum> checksum) {}

    /**
     * A completion.
     *
     * @param parts in ascending order of part number
     * @param objectChecksum what the sender claims of the whole object
     */
    public record Complete(
            BucketName bucket,
            ObjectKey key,
            UploadId uploadId,
            List<PartRef> parts,
            Optional<Checksum> objectChecksum,
            OptionalLong objectLengthBytes,
            Conditions conditions) {}
}
