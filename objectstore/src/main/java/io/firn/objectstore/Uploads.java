package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.objectstore.MultipartUpload.Complete;
import io.firn.objectstore.MultipartUpload.CopyPart;
import io.firn.objectstore.MultipartUpload.Create;
import io.firn.objectstore.MultipartUpload.Part;
import io.firn.objectstore.MultipartUpload.PartRef;
import io.firn.objectstore.MultipartUpload.UploadPart;
import io.firn.objectstore.Refusal.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Multipart uploads. A part is a blob; completing an upload makes one blob of the parts' blobs, so no byte is moved and the work is
 * proportional to the number of parts.
 */
final class Uploads {
    private static final int PIECES_REFERRED_DIRECTLY = 16;
    private static final long BYTES_DIGESTED_ON_COPY = 64L << 20;

    private final Engine engine;
    private final Payloads payloads;
    private final ObjectOperations objects;
    private final Blobs blobs;

    Uploads(Engine engine, Payloads payloads, ObjectOperations objects, Blobs blobs) {
        this.engine = engine;
        this.payloads = payloads;
        this.objects = objects;
        this.blobs = blobs;
    }

    Outcome<MultipartUpload> create(Create request) {
        Optional<Refusal> broken = ObjectOperations.brokenLimit(request.attributes());
        if (broken.isPresent()) {
            return new Outcome.Refused<>(broken.get());
        }
        if (request.algorithm().isEmpty() && request.checksumType().isPresent()) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }
        if (request.algorithm().isPresent()
                && request.checksumType().isPresent()
                && !request.algorithm()
                        .get()
                        .allowsInMultipart(request.checksumType().get())) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "The " + request.checksumType().get() + " checksum type cannot be used with the "
                            + request.algorithm().get().wireName().toLowerCase(Locale.ROOT)
                            + " checksum algorithm.");
        }
        try (KeyLocks.Held _ = engine.locks().key(request.bucket(), request.key())) {
            Optional<Bucket> bucket = engine.bucket(request.bucket());
            if (bucket.isEmpty()) {
                return Engine.noSuchBucket();
            }
            StoredUpload upload = new StoredUpload(
                    new UploadId(engine.nextOrdinal(), engine.random().nextLong()),
                    request.attributes(),
                    objects.now(),
                    request.algorithm(),
                    request.checksumType().or(() -> request.algorithm().map(ChecksumAlgorithm::defaultMultipartType)));
            Mutation mutation = new Mutation();
            mutation.batch().put(entry(bucket.get(), request.key(), upload.uploadId()), IndexFormat.encode(upload));
            engine.log().commit(mutation);
            return Outcome.done(upload.describe(request.bucket(), request.key()));
        }
    }

    private static byte[] entry(Bucket bucket, ObjectKey key, UploadId uploadId) {
        return IndexKeys.upload(IndexKeys.UPLOAD, bucket.id(), key, uploadId.ordinal());
    }

    private Optional<StoredUpload> find(Bucket bucket, ObjectKey key, UploadId uploadId) {
        byte[] value = engine.index().get(entry(bucket, key, uploadId));
        return value == null
                ? Optional.empty()
                : Optional.of(IndexFormat.upload(value))
                        .filter(upload -> upload.uploadId().equals(uploadId));
    }

    /** An upload in progress, with its bucket. */
    private record InProgress(Bucket bucket, StoredUpload upload) {}

    private Outcome<InProgress> found(BucketName name, ObjectKey key, UploadId uploadId) {
        Optional<Bucket> bucket = engine.bucket(name);
        if (bucket.isEmpty()) {
            return Engine.noSuchBucket();
        }
        Optional<StoredUpload> upload = find(bucket.get(), key, uploadId);
        if (upload.isEmpty()) {
            return noSuchUpload();
        }
        return Outcome.done(new InProgress(bucket.get(), upload.get()));
    }

    private static <T> Outcome<T> noSuchUpload() {
        return Outcome.refused(
                Reason.NO_SUCH_UPLOAD,
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
                        + "completed.");
    }

    Outcome<MultipartUpload> get(BucketName name, ObjectKey key, UploadId uploadId) {
        return switch (found(name, key, uploadId)) {
            case Outcome.Refused<InProgress>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<InProgress>(InProgress found) ->
                Outcome.done(found.upload().describe(name, key));
        };
    }

    // Parts

    Outcome<Part> uploadPart(UploadPart request, ObjectSource source) {
        return switch (found(request.bucket(), request.key(), request.uploadId())) {
            case Outcome.Refused<InProgress>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<InProgress>(InProgress found) -> uploadPart(request, source, found.upload());
        };
    }

    private Outcome<Part> uploadPart(UploadPart request, ObjectSource source, StoredUpload upload) {
        if (!isPartNumber(request.partNumber())) {
            return wrongPartNumber();
        }
        engine.requireSpace();
        ChecksumAlgorithm stored = upload.algorithm().orElse(ChecksumAlgorithm.CRC64NVME);
        Optional<ChecksumAlgorithm> sent = request.expectations()
                .checksum()
                .map(Checksum::algorithm)
                .or(() -> request.expectations().algorithm());
        if (upload.algorithm().isPresent() && sent.isPresent() && sent.get() != stored) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "Checksum Type mismatch occurred, expected checksum Type: "
                            + stored.wireName().toLowerCase(Locale.ROOT) + ", actual checksum Type: "
                            + sent.get().wireName().toLowerCase(Locale.ROOT));
        }
        long blobId = engine.nextOrdinal();
        return switch (payloads.receive(source, request.expectations(), blobId, stored, false)) {
            case Outcome.Refused<Received>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<Received>(Received received) -> {
                try {
                    StoredPart part = new StoredPart(
                            received.etag(),
                            received.lengthBytes(),
                            objects.now(),
                            Optional.of(received.checksum(stored)),
                            blobId);
                    yield addPart(
                            request.bucket(),
                            request.key(),
                            request.uploadId(),
                            request.partNumber(),
                            part,
                            batch -> Blobs.add(batch, blobId, received.lengthBytes(), received.frames()));
                } finally {
                    payloads.release(received.frames());
                }
            }
        };
    }

    private static boolean isPartNumber(int partNumber) {
        return partNumber >= 1 && partNumber <= MultipartUpload.MAX_PARTS;
    }

    private static <T> Outcome<T> wrongPartNumber() {
        return Outcome.refused(
                Reason.INVALID_REQUEST,
                "Part number must be an integer between 1 and " + MultipartUpload.MAX_PARTS + ", inclusive");
    }

    /** Says what a mutation does beside adding a part. */
    @FunctionalInterface
    private interface PartBlob {
        void addTo(IndexBatch batch);
    }

    private Outcome<Part> addPart(
            BucketName name, ObjectKey key, UploadId uploadId, int partNumber, StoredPart part, PartBlob blob) {
        try (KeyLocks.Held _ = engine.locks().key(name, key)) {
            Optional<Bucket> bucket = engine.bucket(name);
            if (bucket.isEmpty()) {
                return Engine.noSuchBucket();
            }
            if (find(bucket.get(), key, uploadId).isEmpty()) {
                return noSuchUpload();
            }
            Mutation mutation = new Mutation();
            byte[] entry = IndexKeys.part(uploadId, partNumber);
            byte[] replaced = engine.index().get(entry);
            if (replaced != null) {
                Blobs.refer(mutation.batch(), IndexFormat.part(replaced).blobId(), -1);
            }
            blob.addTo(mutation.batch());
            mutation.batch().put(entry, IndexFormat.encode(part));
            engine.log().commit(mutation);
            return Outcome.done(part.describe(partNumber));
        }
    }

    Outcome<Part> copyPart(CopyPart request) {
        if (!isPartNumber(request.partNumber())) {
            return wrongPartNumber();
        }
        return switch (found(request.bucket(), request.key(), request.uploadId())) {
            case Outcome.Refused<InProgress>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<InProgress>(InProgress found) -> {
                long epoch = engine.epochs().enter();
                try {
                    yield switch (objects.readable(request.source())) {
                        case Outcome.Refused<ObjectOperations.Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
                        case Outcome.Done<ObjectOperations.Found>(ObjectOperations.Found source) ->
                            copyPart(request, found.upload(), source, epoch);
                    };
                } finally {
                    engine.epochs().leave(epoch);
                }
            }
        };
    }

    private Outcome<Part> copyPart(CopyPart request, StoredUpload upload, ObjectOperations.Found source, long epoch) {
        ByteRange.Span span = source.span();
        if (request.source().range().isPresent()
                && !isInside(request.source().range().get(), source.version())) {
            return Outcome.refused(
                    Reason.INVALID_RANGE,
                    "Range specified is not valid for source object of size: "
                            + source.version().lengthBytes());
        }
        if (span.length() > engine.options().maxPutBytes()) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "The specified copy source is larger than the maximum allowable size for a copy source: "
                            + engine.options().maxPutBytes());
        }
        PartDigests digests = digestsOf(source, upload, epoch);
        long blobId = engine.nextOrdinal();
        return switch (source.stored().body()) {
            case Body.Empty ignored ->
                addCopied(request, blobId, span, digests, batch -> Blobs.add(batch, blobId, 0, List.of()));
            case Body.Inline ignored -> {
                ByteBuffer bytes = objects.bytesOf(source, epoch);
                List<EncodedFrame> frames = payloads.writeBlob(blobId, bytes);
                try {
                    yield addCopied(
                            request, blobId, span, digests, batch -> Blobs.add(batch, blobId, span.length(), frames));
                } finally {
                    payloads.release(frames);
                }
            }
            case Body.InBlob(long sourceBlobId) -> copyReference(request, sourceBlobId, blobId, source, digests);
        };
    }

    private static boolean isInside(ByteRange range, ObjectVersion source) {
        return range.first().isPresent()
                && range.last().isPresent()
                && range.last().getAsLong() < source.lengthBytes();
    }

    private Outcome<Part> copyReference(
            CopyPart request, long sourceBlobId, long blobId, ObjectOperations.Found source, PartDigests digests) {
        ByteRange.Span span = source.span();
        if (span.length() == source.version().lengthBytes()) {
            return addCopied(request, sourceBlobId, span, digests, batch -> Blobs.refer(batch, sourceBlobId, 1));
        }
        List<Blob.Segment> segments = List.of(new Blob.Segment(sourceBlobId, span.offset(), span.length()));
        int depth = 2;
        if (blobs.get(sourceBlobId) instanceof Blob.Segments inner) {
            List<Blob.Segment> clipped = Blobs.clip(inner, span.offset(), span.offset() + span.length());
            boolean isDirect = clipped.size() <= PIECES_REFERRED_DIRECTLY || inner.depth() >= Blob.MAX_DEPTH;
            segments = isDirect ? clipped : segments;
            depth = isDirect ? inner.depth() : inner.depth() + 1;
        }
        Blob.Segments blob = new Blob.Segments(span.length(), depth, segments);
        return addCopied(request, blobId, span, digests, batch -> {
            Blobs.add(batch, blobId, blob);
            blob.segments().forEach(segment -> Blobs.refer(batch, segment.blobId(), 1));
        });
    }

    private Outcome<Part> addCopied(
            CopyPart request, long blobId, ByteRange.Span span, PartDigests digests, PartBlob blob) {
        StoredPart part = new StoredPart(digests.etag(), span.length(), objects.now(), digests.checksum(), blobId);
        return addPart(request.bucket(), request.key(), request.uploadId(), request.partNumber(), part, blob);
    }

    private record PartDigests(ETag etag, Optional<Checksum> checksum) {}

    /**
     * What is known of the bytes of a copied part. A whole source gives its own digests; a range is read to compute them unless it is
     * long: then the part has no checksum, and an ETag that is unique but not the MD5.
     */
    private PartDigests digestsOf(ObjectOperations.Found source, StoredUpload upload, long epoch) {
        ChecksumAlgorithm wanted = upload.algorithm().orElse(ChecksumAlgorithm.CRC64NVME);
        ObjectVersion version = source.version();
        boolean isWhole = source.span().length() == version.lengthBytes();
        Optional<Checksum> known = version.checksum()
                .filter(checksum ->
                        isWhole && checksum.algorithm() == wanted && checksum.type() == ChecksumType.FULL_OBJECT);
        if (isWhole && version.partCount() == 0 && known.isPresent()) {
            return new PartDigests(version.etag(), known);
        }
        if (source.span().length() <= BYTES_DIGESTED_ON_COPY) {
            Digests digests = new Digests(EnumSet.of(wanted, ChecksumAlgorithm.MD5));
            objects.read(source, epoch, digests::update);
            Digests.Results results = digests.finish();
            return new PartDigests(results.etag(), results.of(wanted));
        }
        Digester md5 = Digester.of(ChecksumAlgorithm.MD5);
        md5.update(ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(source.stored().ordinal())
                .putLong(source.stored().nonce())
                .putLong(source.span().offset())
                .putLong(source.span().length())
                .flip());
        return new PartDigests(ETag.ofMd5(md5.digest()), known);
    }

    Outcome<List<Part>> uploadedParts(
            BucketName name, ObjectKey key, UploadId uploadId, int partNumberMarker, int max) {
        return switch (found(name, key, uploadId)) {
            case Outcome.Refused<InProgress>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<InProgress> ignored -> {
                List<Part> parts = new ArrayList<>();
                forEachPart(uploadId, Math.max(0, partNumberMarker) + 1, (number, part) -> {
                    parts.add(part.describe(number));
                    return parts.size() < max;
                });
                yield Outcome.done(max == 0 ? List.of() : parts);
            }
        };
    }

    /** Visits a part and tells whether to go on. */
    @FunctionalInterface
    private interface PartVisitor {
        boolean visit(int number, StoredPart part);
    }

    private void forEachPart(UploadId uploadId, int fromNumber, PartVisitor visitor) {
        byte[] all = IndexKeys.of(IndexKeys.PART, uploadId.ordinal());
        try (OrderedIndex.Cursor cursor = engine.index().cursor(IndexKeys.part(uploadId, fromNumber))) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                if (!visitor.visit(IndexKeys.partNumber(cursor.key()), IndexFormat.part(cursor.value()))) {
                    return;
                }
            }
        }
    }

    // Completion

    Outcome<ObjectVersion> complete(Complete request) {
        Optional<Bucket> early = engine.bucket(request.bucket());
        if (early.isEmpty()) {
            return Engine.noSuchBucket();
        }
        Optional<StoredUpload> upload = find(early.get(), request.key(), request.uploadId());
        if (upload.isEmpty()) {
            return completedBefore(early.get(), request);
        }
        return objects.add(request.bucket(), request.key(), request.conditions(), (bucket, ordinal, mutation) -> {
            if (find(bucket, request.key(), request.uploadId()).isEmpty()) {
                return noSuchUpload();
            }
            TreeMap<Integer, StoredPart> parts = new TreeMap<>();
            forEachPart(request.uploadId(), 1, (number, part) -> {
                parts.put(number, part);
                return true;
            });
            return prepare(request, upload.get(), parts, bucket, ordinal, mutation);
        });
    }

    /** A completion that is sent again gets the same answer as long as what it made is there. */
    private Outcome<ObjectVersion> completedBefore(Bucket bucket, Complete request) {
        byte[] value = engine.index()
                .get(IndexKeys.upload(
                        IndexKeys.COMPLETED,
                        bucket.id(),
                        request.key(),
                        request.uploadId().ordinal()));
        if (value == null) {
            return noSuchUpload();
        }
        RecordReader in = new RecordReader(value);
        VersionId made = new VersionId(in.i64(), in.i64(), false);
        if (in.i64() != request.uploadId().nonce()) {
            return noSuchUpload();
        }
        return objects.madeBefore(bucket, request.key(), made)
                .<Outcome<ObjectVersion>>map(Outcome::done)
                .orElseGet(Uploads::noSuchUpload);
    }

    private Outcome<StoredVersion> prepare(
            Complete request,
            StoredUpload upload,
            Map<Integer, StoredPart> uploaded,
            Bucket bucket,
            long ordinal,
            Mutation mutation) {
        Optional<Refusal> refusal = refusal(request, uploaded);
        if (refusal.isPresent()) {
            return new Outcome.Refused<>(refusal.get());
        }
        List<Part> parts = new ArrayList<>();
        List<Blob.Segment> segments = new ArrayList<>();
        long length = 0;
        int depth = 1;
        for (PartRef ref : request.parts()) {
            StoredPart part = Objects.requireNonNull(uploaded.get(ref.partNumber()), "checked before");
            parts.add(part.describe(ref.partNumber()));
            segments.add(new Blob.Segment(part.blobId(), 0, part.lengthBytes()));
            length += part.lengthBytes();
            depth = Math.max(depth, blobs.get(part.blobId()).depth());
        }
        Optional<Checksum> checksum = combined(upload, parts);
        if (request.objectChecksum().isPresent()
                && checksum.isPresent()
                && !sameValue(request.objectChecksum().get(), checksum.get())) {
            return Outcome.refused(
                    Reason.BAD_CHECKSUM,
                    "The " + checksum.get().algorithm().wireName()
                            + " you specified did not match the calculated checksum.");
        }
        IndexBatch batch = mutation.batch();
        Body body;
        if (length == 0) {
            body = new Body.Empty();
            segments.forEach(segment -> Blobs.refer(batch, segment.blobId(), -1));
        } else {
            // The parts' references pass to the new blob.
            long blobId = engine.nextOrdinal();
            Blobs.add(batch, blobId, new Blob.Segments(length, depth + 1, segments));
            batch.put(IndexKeys.of(IndexKeys.PARTS, blobId), IndexFormat.encodeParts(parts));
            body = new Body.InBlob(blobId);
        }
        request.parts().forEach(ref -> uploaded.remove(ref.partNumber()));
        uploaded.values().forEach(unused -> Blobs.refer(batch, unused.blobId(), -1));
        removeUpload(batch, bucket, request.key(), request.uploadId());
        StoredVersion version = objects.fresh(
                bucket,
                ordinal,
                length,
                etag(parts),
                upload.initiated(),
                upload.attributes(),
                checksum,
                parts.size(),
                body);
        batch.put(
                IndexKeys.upload(
                        IndexKeys.COMPLETED,
                        bucket.id(),
                        request.key(),
                        request.uploadId().ordinal()),
                new RecordWriter(24)
                        .i64(version.ordinal())
                        .i64(version.nonce())
                        .i64(request.uploadId().nonce())
                        .toBytes());
        return Outcome.done(version);
    }

    private static boolean sameValue(Checksum claimed, Checksum computed) {
        // Clients send a composite with or without its number of parts.
        return claimed.algorithm() == computed.algorithm()
                && claimed.base64().equals(computed.base64())
                && (claimed.partCount() == 0 || claimed.partCount() == computed.partCount());
    }

    private Optional<Refusal> refusal(Complete request, Map<Integer, StoredPart> uploaded) {
        if (request.parts().isEmpty()) {
            return Optional.of(Refusal.of(Reason.INVALID_REQUEST, "You must specify at least one part"));
        }
        int before = 0;
        long length = 0;
        boolean isTooSmall = false;
        for (int i = 0; i < request.parts().size(); i++) {
            PartRef ref = request.parts().get(i);
            if (ref.partNumber() <= before) {
                return Optional.of(Refusal.of(
                        Reason.INVALID_PART_ORDER,
                        "The list of parts was not in ascending order. Parts must be ordered by part number."));
            }
            before = ref.partNumber();
            StoredPart part = uploaded.get(ref.partNumber());
            if (part == null || !matches(ref, part)) {
                return Optional.of(Refusal.of(
                        Reason.INVALID_PART,
                        "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
                                + "the specified entity tag may not match the part's entity tag."));
            }
            boolean isLast = i + 1 == request.parts().size();
            isTooSmall |= !isLast && part.lengthBytes() < MultipartUpload.MIN_PART_BYTES;
            length += part.lengthBytes();
        }
        // Last: what is wrong with the list itself is said whatever the parts' sizes are.
        if (isTooSmall) {
            return Optional.of(
                    Refusal.of(Reason.PART_TOO_SMALL, "Your proposed upload is smaller than the minimum allowed size"));
        }
        if (length > engine.options().maxObjectBytes()) {
            return Optional.of(Refusal.of(
                    Reason.ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed object size."));
        }
        OptionalLong declared = request.objectLengthBytes();
        if (declared.isPresent() && declared.getAsLong() != length) {
            return Optional.of(Refusal.of(
                    Reason.INVALID_REQUEST,
                    "The provided 'x-amz-mp-object-size' header value " + declared.getAsLong()
                            + " does not match what was computed: " + length));
        }
        return Optional.empty();
    }

    private static boolean matches(PartRef ref, StoredPart part) {
        boolean isChecksumSame = ref.checksum().isEmpty()
                || part.checksum().isEmpty()
                || ref.checksum().get().algorithm() != part.checksum().get().algorithm()
                || ref.checksum().get().equals(part.checksum().get());
        return Conditions.matches(ref.etag().text(), part.etag()) && isChecksumSame;
    }

    private static Optional<Checksum> combined(StoredUpload upload, List<Part> parts) {
        ChecksumAlgorithm algorithm = upload.algorithm().orElse(ChecksumAlgorithm.CRC64NVME);
        ChecksumType type = upload.checksumType().orElse(algorithm.defaultMultipartType());
        boolean isKnown = parts.stream()
                .allMatch(part ->
                        part.checksum().isPresent() && part.checksum().get().algorithm() == algorithm);
        if (!isKnown) {
            return Optional.empty();
        }
        ChecksumCombiner combiner = new ChecksumCombiner(algorithm, type);
        parts.forEach(part -> combiner.add(part.checksum().orElseThrow(), part.lengthBytes()));
        return Optional.of(combiner.combined());
    }

    private static ETag etag(List<Part> parts) {
        Digester md5 = Digester.of(ChecksumAlgorithm.MD5);
        for (Part part : parts) {
            // A copied part of a multipart object has an ETag that is no MD5: its digits count alone.
            String digits = part.etag().text();
            byte[] bytes = HexFormat.of().parseHex(digits.substring(0, Math.min(32, digits.length())));
            md5.update(bytes, 0, bytes.length);
        }
        return ETag.ofParts(md5.digest(), parts.size());
    }

    private void removeUpload(IndexBatch batch, Bucket bucket, ObjectKey key, UploadId uploadId) {
        batch.delete(entry(bucket, key, uploadId));
        forEachPart(uploadId, 1, (number, part) -> {
            batch.delete(IndexKeys.part(uploadId, number));
            return true;
        });
    }

    Outcome<MultipartUpload> abort(BucketName name, ObjectKey key, UploadId uploadId) {
        try (KeyLocks.Held _ = engine.locks().key(name, key)) {
            return switch (found(name, key, uploadId)) {
                case Outcome.Refused<InProgress>(Refusal refusal) -> new Outcome.Refused<>(refusal);
                case Outcome.Done<InProgress>(InProgress found) -> {
                    Mutation mutation = new Mutation();
                    drop(mutation.batch(), found.bucket(), key, uploadId);
                    engine.log().commit(mutation);
                    yield Outcome.done(found.upload().describe(name, key));
                }
            };
        }
    }

    /** Removes an upload with all its parts. */
    void drop(IndexBatch batch, Bucket bucket, ObjectKey key, UploadId uploadId) {
        forEachPart(uploadId, 1, (number, part) -> {
            Blobs.refer(batch, part.blobId(), -1);
            return true;
        });
        removeUpload(batch, bucket, key, uploadId);
    }
}
