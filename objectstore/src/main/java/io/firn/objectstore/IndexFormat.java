package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * The values of the index, as bytes. They travel in journal records and checkpoints, so a change of form is a new
 * {@link StoreFormat#VERSION}. Numbers are varints unless said; texts and byte strings carry their length before them.
 *
 * <pre>
 *   bucket   id, owner, region, created (ms), versioning (1 byte), tags, settings
 *   version  flags (1 byte: 1 null, 2 delete marker, 4 has checksum, 8 has user metadata or tags), ordinal and nonce (8 bytes each),
 *            last modified (ms), length, part count, etag (1 byte: 0 text, 1 MD5 then 16 bytes), storage class (1 byte), owner,
 *            system headers, [user metadata, tags], [checksum], body (1 byte: 0 empty, 1 inline then an extent reference,
 *            2 blob then 8 bytes)
 *   blob     kind (1 byte: 1 frames, 2 segments), length, then frames: count and extent references;
 *            segments: depth, count and {blob, offset, length}
 *   upload   ordinal and nonce (8 bytes each), initiated (ms), storage class, owner, metadata, tags, algorithm + 1, type + 1 (1 byte each)
 *   part     etag, length, last modified (ms), checksum or 0, blob (8 bytes)
 *   parts    count, then {number, length, last modified, etag, checksum or 0}
 *   checksum algorithm + 1 (1 byte, 0 for none), type (1 byte), part count, digest (as long as the algorithm's)
 * </pre>
 */
@SuppressWarnings("EnumOrdinal") // an enum's number is its format: constants are only ever added at the end
final class IndexFormat {
    private static final int IS_NULL = 1;
    private static final int IS_DELETE_MARKER = 2;
    private static final int HAS_CHECKSUM = 4;
    private static final int HAS_USER = 8;
    private static final int MD5_BYTES = 16;

    private static final StorageClass[] STORAGE_CLASSES = StorageClass.values();
    private static final Versioning[] VERSIONINGS = Versioning.values();
    private static final ChecksumAlgorithm[] ALGORITHMS = ChecksumAlgorithm.values();
    private static final ChecksumType[] TYPES = ChecksumType.values();

    private IndexFormat() {}

    // Buckets

    static byte[] encode(Bucket bucket) {
        return new RecordWriter(128)
                .varint(bucket.id())
                .text(bucket.owner())
                .text(bucket.region())
                .varint(bucket.created().toEpochMilli())
                .u8(bucket.versioning().ordinal())
                .map(bucket.tags().byKey())
                .map(bucket.settings())
                .toBytes();
    }

    static Bucket bucket(String name, byte[] value) {
        return decoded("bucket", value, in -> bucket(name, in));
    }

    private static Bucket bucket(String name, RecordReader in) {
        return new Bucket(
                new BucketName(name),
                in.varint(),
                in.text(),
                in.text(),
                Instant.ofEpochMilli(in.varint()),
                oneOf(VERSIONINGS, in.u8()),
                tags(in),
                in.map());
    }

    // Versions

    static byte[] encode(StoredVersion version) {
        ObjectAttributes attributes = version.attributes();
        boolean hasUser =
                !attributes.metadata().user().isEmpty() || !attributes.tags().isEmpty();
        RecordWriter out = new RecordWriter(192);
        out.u8((version.isNull() ? IS_NULL : 0)
                | (version.isDeleteMarker() ? IS_DELETE_MARKER : 0)
                | (version.checksum().isPresent() ? HAS_CHECKSUM : 0)
                | (hasUser ? HAS_USER : 0));
        out.i64(version.ordinal());
        out.i64(version.nonce());
        out.varint(version.lastModified().toEpochMilli());
        out.varint(version.lengthBytes());
        out.varint(version.partCount());
        encode(out, version.etag());
        out.u8(attributes.storageClass().ordinal());
        out.text(attributes.owner());
        out.map(attributes.metadata().headers());
        if (hasUser) {
            out.map(attributes.metadata().user());
            out.map(attributes.tags().byKey());
        }
        version.checksum().ifPresent(checksum -> encode(out, Optional.of(checksum)));
        switch (version.body()) {
            case Body.Empty() -> out.u8(0);
            case Body.Inline(ExtentRef frame) -> {
                out.u8(1);
                encode(out, frame);
            }
            case Body.InBlob(long blobId) -> out.u8(2).i64(blobId);
        }
        return out.toBytes();
    }

    static StoredVersion version(byte[] value) {
        return decoded("version", value, IndexFormat::version);
    }

    private static StoredVersion version(RecordReader in) {
        int flags = in.u8();
        long ordinal = in.i64();
        long nonce = in.i64();
        Instant lastModified = Instant.ofEpochMilli(in.varint());
        long lengthBytes = in.varint();
        int partCount = in.small();
        ETag etag = etag(in);
        StorageClass storageClass = oneOf(STORAGE_CLASSES, in.u8());
        String owner = in.text();
        SortedMap<String, String> headers = in.map();
        ObjectMetadata metadata;
        Tags tags = Tags.NONE;
        if ((flags & HAS_USER) != 0) {
            metadata = new ObjectMetadata(headers, in.map());
            tags = tags(in);
        } else {
            metadata =
                    headers.isEmpty() ? ObjectMetadata.EMPTY : new ObjectMetadata(headers, ObjectMetadata.EMPTY.user());
        }
        Optional<Checksum> checksum = (flags & HAS_CHECKSUM) != 0 ? checksum(in) : Optional.empty();
        Body body = switch (in.u8()) {
            case 0 -> new Body.Empty();
            case 1 -> new Body.Inline(extentRef(in));
            case 2 -> new Body.InBlob(in.i64());
            default -> throw new StorageException.Corrupt("version " + ordinal + " has a body of unknown kind");
        };
        return new StoredVersion(
                ordinal,
                nonce,
                (flags & IS_NULL) != 0,
                (flags & IS_DELETE_MARKER) != 0,
                lengthBytes,
                etag,
                lastModified,
                new ObjectAttributes(metadata, tags, storageClass, owner),
                checksum,
                partCount,
                body);
    }

    // Blobs

    static byte[] encode(Blob blob) {
        return switch (blob) {
            case Blob.Frames(long lengthBytes, List<ExtentRef> frames) -> {
                RecordWriter out = new RecordWriter(32 + frames.size() * ExtentRef.ENCODED_BYTES);
                out.u8(1).varint(lengthBytes).varint(frames.size());
                frames.forEach(frame -> encode(out, frame));
                yield out.toBytes();
            }
            case Blob.Segments(long lengthBytes, int depth, List<Blob.Segment> segments) -> {
                RecordWriter out = new RecordWriter(32 + segments.size() * 24);
                out.u8(2).varint(lengthBytes).varint(depth).varint(segments.size());
                segments.forEach(segment ->
                        out.varint(segment.blobId()).varint(segment.offset()).varint(segment.length()));
                yield out.toBytes();
            }
        };
    }

    static Blob blob(byte[] value) {
        return decoded("blob", value, IndexFormat::blob);
    }

    private static Blob blob(RecordReader in) {
        int kind = in.u8();
        long lengthBytes = in.varint();
        return switch (kind) {
            case 1 -> {
                int count = in.count(ExtentRef.ENCODED_BYTES);
                List<ExtentRef> frames = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    frames.add(extentRef(in));
                }
                yield new Blob.Frames(lengthBytes, frames);
            }
            case 2 -> {
                int depth = in.small();
                int count = in.count(3);
                List<Blob.Segment> segments = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    segments.add(new Blob.Segment(in.varint(), in.varint(), in.varint()));
                }
                yield new Blob.Segments(lengthBytes, depth, segments);
            }
            default -> throw new StorageException.Corrupt("a blob of unknown kind " + kind);
        };
    }

    // Uploads and parts

    static byte[] encode(StoredUpload upload) {
        ObjectAttributes attributes = upload.attributes();
        return new RecordWriter(128)
                .i64(upload.uploadId().ordinal())
                .i64(upload.uploadId().nonce())
                .varint(upload.initiated().toEpochMilli())
                .u8(attributes.storageClass().ordinal())
                .text(attributes.owner())
                .map(attributes.metadata().headers())
                .map(attributes.metadata().user())
                .map(attributes.tags().byKey())
                .u8(upload.algorithm().map(a -> a.ordinal() + 1).orElse(0))
                .u8(upload.checksumType().map(t -> t.ordinal() + 1).orElse(0))
                .toBytes();
    }

    static StoredUpload upload(byte[] value) {
        return decoded("upload", value, IndexFormat::upload);
    }

    private static StoredUpload upload(RecordReader in) {
        UploadId uploadId = new UploadId(in.i64(), in.i64());
        Instant initiated = Instant.ofEpochMilli(in.varint());
        StorageClass storageClass = oneOf(STORAGE_CLASSES, in.u8());
        String owner = in.text();
        ObjectMetadata metadata = new ObjectMetadata(in.map(), in.map());
        Tags tags = tags(in);
        int algorithm = in.u8();
        int type = in.u8();
        return new StoredUpload(
                uploadId,
                new ObjectAttributes(metadata, tags, storageClass, owner),
                initiated,
                algorithm == 0 ? Optional.empty() : Optional.of(oneOf(ALGORITHMS, algorithm - 1)),
                type == 0 ? Optional.empty() : Optional.of(oneOf(TYPES, type - 1)));
    }

    static byte[] encode(StoredPart part) {
        RecordWriter out = new RecordWriter(96);
        encode(out, part.etag());
        out.varint(part.lengthBytes()).varint(part.lastModified().toEpochMilli());
        encode(out, part.checksum());
        return out.i64(part.blobId()).toBytes();
    }

    static StoredPart part(byte[] value) {
        return decoded("part", value, IndexFormat::part);
    }

    private static StoredPart part(RecordReader in) {
        return new StoredPart(etag(in), in.varint(), Instant.ofEpochMilli(in.varint()), checksum(in), in.i64());
    }

    static byte[] encodeParts(List<MultipartUpload.Part> parts) {
        RecordWriter out = new RecordWriter(16 + parts.size() * 64);
        out.varint(parts.size());
        for (MultipartUpload.Part part : parts) {
            out.varint(part.partNumber())
                    .varint(part.lengthBytes())
                    .varint(part.lastModified().toEpochMilli());
            encode(out, part.etag());
            encode(out, part.checksum());
        }
        return out.toBytes();
    }

    static List<MultipartUpload.Part> parts(byte[] value) {
        return decoded("parts table", value, IndexFormat::parts);
    }

    private static List<MultipartUpload.Part> parts(RecordReader in) {
        int count = in.count(5);
        List<MultipartUpload.Part> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int partNumber = in.small();
            long lengthBytes = in.varint();
            Instant lastModified = Instant.ofEpochMilli(in.varint());
            parts.add(new MultipartUpload.Part(partNumber, etag(in), lengthBytes, lastModified, checksum(in)));
        }
        return parts;
    }

    // Pieces

    /** What {@code decoder} makes of a value; a value that breaks the rules of what it should be is damage, not the caller's mistake. */
    private static <T> T decoded(String kind, byte[] value, Function<RecordReader, T> decoder) {
        try {
            return decoder.apply(new RecordReader(value));
        } catch (IllegalArgumentException broken) {
            throw new StorageException.Corrupt(
                    "an index value of " + value.length + " bytes is no " + kind + ": " + broken.getMessage());
        }
    }

    private static void encode(RecordWriter out, ExtentRef ref) {
        ByteBuffer bytes = ByteBuffer.allocate(ExtentRef.ENCODED_BYTES);
        ref.encode(bytes);
        out.raw(bytes.array());
    }

    private static ExtentRef extentRef(RecordReader in) {
        return ExtentRef.decode(ByteBuffer.wrap(in.raw(ExtentRef.ENCODED_BYTES)));
    }

    private static void encode(RecordWriter out, ETag etag) {
        String text = etag.text();
        if (text.length() == 2 * MD5_BYTES && text.indexOf('-') < 0) {
            out.u8(1).raw(HexFormat.of().parseHex(text));
        } else {
            out.u8(0).text(text);
        }
    }

    private static ETag etag(RecordReader in) {
        return in.u8() == 1 ? ETag.ofMd5(in.raw(MD5_BYTES)) : new ETag(in.text());
    }

    private static void encode(RecordWriter out, Optional<Checksum> checksum) {
        if (checksum.isEmpty()) {
            out.u8(0);
            return;
        }
        Checksum present = checksum.get();
        out.u8(present.algorithm().ordinal() + 1);
        out.u8(present.type().ordinal());
        out.varint(present.partCount());
        out.raw(present.digest());
    }

    private static Optional<Checksum> checksum(RecordReader in) {
        int algorithm = in.u8();
        if (algorithm == 0) {
            return Optional.empty();
        }
        ChecksumAlgorithm known = oneOf(ALGORITHMS, algorithm - 1);
        ChecksumType type = oneOf(TYPES, in.u8());
        int partCount = in.small();
        String base64 = Base64.getEncoder().encodeToString(in.raw(known.bytes()));
        return Optional.of(new Checksum(known, type, base64, partCount));
    }

    private static Tags tags(RecordReader in) {
        SortedMap<String, String> byKey = in.map();
        return byKey.isEmpty() ? Tags.NONE : new Tags(byKey);
    }

    private static <E extends Enum<E>> E oneOf(E[] values, int ordinal) {
        if (ordinal >= values.length) {
            throw new StorageException.Corrupt(
                    "no " + values.getClass().getComponentType().getSimpleName() + " has number " + ordinal);
        }
        return values[ordinal];
    }
}
