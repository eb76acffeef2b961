package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.objectstore.DeleteObject.Deleted;
import io.firn.objectstore.Refusal.Reason;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Puts, reads, copies and deletes of whole objects. */
final class ObjectOperations {
    static final ETag NO_ETAG = new ETag("");

    private final Engine engine;
    private final Payloads payloads;
    private final Versions versions;
    private final Blobs blobs;

    ObjectOperations(Engine engine, Payloads payloads, Versions versions, Blobs blobs) {
        this.engine = engine;
        this.payloads = payloads;
        this.versions = versions;
        this.blobs = blobs;
    }

    // Put

    Outcome<ObjectVersion> put(PutObject request, ObjectSource source) {
        Optional<Refusal> early = refusal(request);
        if (early.isPresent()) {
            return new Outcome.Refused<>(early.get());
        }
        engine.requireSpace();
        ChecksumAlgorithm stored = request.expectations()
                .checksum()
                .map(Checksum::algorithm)
                .or(() -> request.expectations().algorithm())
                .orElse(ChecksumAlgorithm.CRC64NVME);
        long ordinal = engine.nextOrdinal();
        return switch (payloads.receive(source, request.expectations(), ordinal, stored, true)) {
            case Outcome.Refused<Received>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<Received>(Received received) -> {
                try {
                    yield commit(request, received, received.checksum(stored));
                } finally {
                    payloads.release(received.frames());
                }
            }
        };
    }

    /** What can be refused before a byte of the body is read: the same again under the lock decides. */
    private Optional<Refusal> refusal(PutObject request) {
        Optional<Bucket> bucket = engine.bucket(request.bucket());
        if (bucket.isEmpty()) {
            return Optional.of(Refusal.of(Reason.NO_SUCH_BUCKET, "The specified bucket does not exist"));
        }
        Optional<Refusal> broken = brokenLimit(request.attributes());
        if (broken.isPresent() || request.conditions().isNone()) {
            return broken;
        }
        return request.conditions().onWrite(visible(bucket.get(), request.key()));
    }

    static Optional<Refusal> brokenLimit(ObjectAttributes attributes) {
        if (attributes.metadata().userBytes() > ObjectMetadata.MAX_USER_BYTES) {
            return Optional.of(Refusal.of(
                    Reason.METADATA_TOO_LARGE, "Your metadata headers exceed the maximum allowed metadata size"));
        }
        return attributes.tags().brokenRule(Tags.MAX_OBJECT_TAGS).map(rule -> Refusal.of(Reason.INVALID_TAG, rule));
    }

    /** The current version unless it is a delete marker. */
    private Optional<ObjectVersion> visible(Bucket bucket, ObjectKey key) {
        return visible(versions.current(bucket.id(), key), key);
    }

    private static Optional<ObjectVersion> visible(Optional<StoredVersion> current, ObjectKey key) {
        return current.filter(version -> !version.isDeleteMarker()).map(version -> version.describe(key, true));
    }

    private Outcome<ObjectVersion> commit(PutObject request, Received received, Checksum checksum) {
        return add(request.bucket(), request.key(), request.conditions(), (bucket, ordinal, mutation) -> {
            Body body;
            if (received.lengthBytes() == 0) {
                body = new Body.Empty();
            } else if (received.small().isPresent()) {
                body = placeSmall(
                        mutation,
                        bucket,
                        ordinal,
                        request.key(),
                        received.small().get());
            } else {
                Blobs.add(mutation.batch(), received.blobId(), received.lengthBytes(), received.frames());
                body = new Body.InBlob(received.blobId());
            }
            return Outcome.done(fresh(
                    bucket,
                    ordinal,
                    received.lengthBytes(),
                    received.etag(),
                    now(),
                    request.attributes(),
                    Optional.of(checksum),
                    0,
                    body));
        });
    }

    private Body placeSmall(Mutation mutation, Bucket bucket, long ordinal, ObjectKey key, ByteBuffer bytes) {
        EncodedFrame frame = payloads.placeSmall(bucket.id(), ordinal, key, bytes);
        mutation.frames().add(frame);
        Blobs.addLive(mutation.batch(), frame.ref(), 1);
        return new Body.Inline(frame.ref());
    }

    /** Describes the version that is to be added, and what else its mutation does; or refuses, and then nothing happens. */
    @FunctionalInterface
    interface Addition {
        Outcome<StoredVersion> prepare(Bucket bucket, long ordinal, Mutation mutation);
    }

    /** Adds a version under the key's lock, when the conditions hold. */
    Outcome<ObjectVersion> add(BucketName name, ObjectKey key, Conditions conditions, Addition addition) {
        try (KeyLocks.Held _ = engine.locks().key(name, key)) {
            Optional<Bucket> found = engine.bucket(name);
            if (found.isEmpty()) {
                return Engine.noSuchBucket();
            }
            Bucket bucket = found.get();
            Optional<StoredVersion> current = versions.current(bucket.id(), key);
            Optional<Refusal> refusal = conditions.onWrite(visible(current, key));
            if (refusal.isPresent()) {
                return new Outcome.Refused<>(refusal.get());
            }
            Mutation mutation = new Mutation();
            try {
                return switch (addition.prepare(bucket, engine.nextOrdinal(), mutation)) {
                    case Outcome.Refused<StoredVersion>(Refusal why) -> new Outcome.Refused<>(why);
                    case Outcome.Done<StoredVersion>(StoredVersion fresh) -> {
                        versions.add(mutation.batch(), bucket, key, current, fresh);
                        engine.log().commit(mutation);
                        yield Outcome.done(fresh.describe(key, true));
                    }
                };
            } finally {
                payloads.release(mutation.frames());
            }
        }
    }

    StoredVersion fresh(
            Bucket bucket,
            long ordinal,
            long lengthBytes,
            ETag etag,
            Instant lastModified,
            ObjectAttributes attributes,
            Optional<Checksum> checksum,
            int partCount,
            Body body) {
        boolean isNull = bucket.versioning() != Versioning.ENABLED;
        return new StoredVersion(
                ordinal,
                isNull ? 0 : engine.random().nextLong(),
                isNull,
                false,
                lengthBytes,
                etag,
                lastModified,
                attributes,
                checksum,
                partCount,
                body);
    }

    Instant now() {
        return engine.clock().now().truncatedTo(ChronoUnit.MILLIS);
    }

    // Get

    /** A version that may be read, and which of its bytes. */
    record Found(Bucket bucket, StoredVersion stored, ObjectVersion version, ByteRange.Span span) {}

    /** Looks up what {@code request} asks for; the caller is inside a reader epoch. */
    Outcome<Found> readable(GetObject request) {
        Optional<Bucket> bucket = engine.bucket(request.bucket());
        if (bucket.isEmpty()) {
            return Engine.noSuchBucket();
        }
        Optional<StoredVersion> current = versions.current(bucket.get().id(), request.key());
        Optional<StoredVersion> found = request.versionId().isEmpty()
                ? current
                : versions.find(
                        bucket.get().id(), request.key(), request.versionId().get());
        if (found.isEmpty()) {
            return request.versionId().isEmpty()
                    ? Outcome.refused(Reason.NO_SUCH_KEY, "The specified key does not exist.")
                    : Outcome.refused(Reason.NO_SUCH_VERSION, "The specified version does not exist.");
        }
        StoredVersion stored = found.get();
        boolean isLatest = current.isPresent() && current.get().ordinal() == stored.ordinal();
        ObjectVersion version = stored.describe(request.key(), isLatest);
        if (version.isDeleteMarker()) {
            return new Outcome.Refused<>(
                    request.versionId().isEmpty()
                            ? Refusal.of(Reason.NO_SUCH_KEY, "The specified key does not exist.", version)
                            : Refusal.of(
                                    Reason.IS_DELETE_MARKER,
                                    "The specified method is not allowed against this resource.",
                                    version));
        }
        return switch (request.conditions().onRead(version)) {
            case PRECONDITION_FAILED ->
                new Outcome.Refused<>(Refusal.of(
                        Reason.PRECONDITION_FAILED,
                        "At least one of the pre-conditions you specified did not hold",
                        version));
            case NOT_MODIFIED ->
                new Outcome.Refused<>(Refusal.of(Reason.NOT_MODIFIED, "The object has not changed", version));
            case PASS -> ranged(request, bucket.get(), stored, version);
        };
    }

    private Outcome<Found> ranged(GetObject request, Bucket bucket, StoredVersion stored, ObjectVersion version) {
        long length = version.lengthBytes();
        if (request.partNumber().isPresent()) {
            return part(request.partNumber().getAsInt(), stored)
                    .<Outcome<Found>>map(span -> Outcome.done(new Found(bucket, stored, version, span)))
                    .orElseGet(() -> new Outcome.Refused<>(
                            Refusal.of(Reason.NO_SUCH_PART, "The requested partnumber is not satisfiable", version)));
        }
        if (request.range().isEmpty()) {
            return Outcome.done(new Found(bucket, stored, version, new ByteRange.Span(0, length)));
        }
        return request.range()
                .get()
                .within(length)
                .<Outcome<Found>>map(span -> Outcome.done(new Found(bucket, stored, version, span)))
                .orElseGet(() -> new Outcome.Refused<>(
                        Refusal.of(Reason.INVALID_RANGE, "The requested range is not satisfiable", version)));
    }

    /** Where a part lies; an object that was put whole has one part. */
    private Optional<ByteRange.Span> part(int partNumber, StoredVersion stored) {
        if (stored.partCount() == 0) {
            return partNumber == 1 ? Optional.of(new ByteRange.Span(0, stored.lengthBytes())) : Optional.empty();
        }
        long offset = 0;
        List<MultipartUpload.Part> parts = partsOf(stored);
        for (int i = 0; i < parts.size(); i++) {
            long length = parts.get(i).lengthBytes();
            // S3 counts the parts of the object, whatever numbers they were uploaded under.
            if (i + 1 == partNumber) {
                return Optional.of(new ByteRange.Span(offset, length));
            }
            offset += length;
        }
        return Optional.empty();
    }

    private List<MultipartUpload.Part> partsOf(StoredVersion stored) {
        if (stored.partCount() == 0 || !(stored.body() instanceof Body.InBlob(long blobId))) {
            return List.of();
        }
        byte[] table = engine.index().get(IndexKeys.of(IndexKeys.PARTS, blobId));
        return table == null ? List.of() : IndexFormat.parts(table);
    }

    Outcome<ObjectReader> get(GetObject request) {
        long epoch = engine.epochs().enter();
        boolean isHandedOver = false;
        try {
            return switch (readable(request)) {
                case Outcome.Refused<Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
                case Outcome.Done<Found>(Found found) -> {
                    publish(found);
                    isHandedOver = true;
                    yield Outcome.done(reader(found, epoch));
                }
            };
        } finally {
            if (!isHandedOver) {
                engine.epochs().leave(epoch);
            }
        }
    }

    private void publish(Found found) {
        if (engine.accesses().isHeard()) {
            engine.accesses()
                    .publish(
                            found.bucket().id(),
                            found.stored().ordinal(),
                            engine.clock().now().toEpochMilli(),
                            found.span().length());
        }
    }

    VersionReader reader(Found readable, long epoch) {
        return new VersionReader(
                engine,
                blobs,
                epoch,
                readable.bucket().name(),
                readable.version(),
                readable.stored().body(),
                readable.span());
    }

    Outcome<ObjectStore.Head> head(GetObject request) {
        return switch (readable(request)) {
            case Outcome.Refused<Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<Found>(Found readable) ->
                Outcome.done(new ObjectStore.Head(readable.version(), readable.span()));
        };
    }

    Outcome<List<MultipartUpload.Part>> parts(BucketName bucket, ObjectKey key, Optional<VersionId> versionId) {
        GetObject request = GetObject.of(bucket, key);
        return switch (readable(versionId.map(request::version).orElse(request))) {
            case Outcome.Refused<Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<Found>(Found readable) -> Outcome.done(partsOf(readable.stored()));
        };
    }

    // Copy

    Outcome<CopyObject.Copied> copy(CopyObject request) {
        long epoch = engine.epochs().enter();
        try {
            return switch (readable(request.source())) {
                case Outcome.Refused<Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
                case Outcome.Done<Found>(Found source) -> copy(request, source, epoch);
            };
        } finally {
            engine.epochs().leave(epoch);
        }
    }

    private Outcome<CopyObject.Copied> copy(CopyObject request, Found source, long epoch) {
        ObjectVersion original = source.version();
        if (original.lengthBytes() > engine.options().maxPutBytes()) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "The specified copy source is larger than the maximum allowable size for a copy source: "
                            + engine.options().maxPutBytes());
        }
        boolean isOntoItself = source.bucket().name().equals(request.bucket())
                && original.key().equals(request.key())
                && request.source().versionId().isEmpty();
        if (isOntoItself
                && request.replacement().isEmpty()
                && request.storageClass() == original.attributes().storageClass()) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "This copy request is illegal because it is trying to copy an object to itself without changing"
                            + " the object's metadata, storage class, website redirect location or encryption"
                            + " attributes.");
        }
        ObjectAttributes attributes = new ObjectAttributes(
                request.replacement().orElse(original.attributes().metadata()),
                request.replacementTags().orElse(original.attributes().tags()),
                request.storageClass(),
                request.owner());
        Optional<Refusal> broken = brokenLimit(attributes);
        if (broken.isPresent()) {
            return new Outcome.Refused<>(broken.get());
        }
        Optional<Checksum> checksum = copiedChecksum(request, source, epoch);
        StoredVersion stored = source.stored();
        Outcome<ObjectVersion> added =
                add(request.bucket(), request.key(), request.conditions(), (bucket, ordinal, mutation) -> {
                    Body body = switch (stored.body()) {
                        case Body.Empty empty -> empty;
                        case Body.Inline ignored ->
                            placeSmall(mutation, bucket, ordinal, request.key(), bytesOf(source, epoch));
                        case Body.InBlob(long blobId) -> {
                            Blobs.refer(mutation.batch(), blobId, 1);
                            yield new Body.InBlob(blobId);
                        }
                    };
                    return Outcome.done(fresh(
                            bucket,
                            ordinal,
                            original.lengthBytes(),
                            original.etag(),
                            now(),
                            attributes,
                            checksum,
                            original.partCount(),
                            body));
                });
        return switch (added) {
            case Outcome.Refused<ObjectVersion>(Refusal refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<ObjectVersion>(ObjectVersion version) ->
                Outcome.done(new CopyObject.Copied(original, version));
        };
    }

    private Optional<Checksum> copiedChecksum(CopyObject request, Found source, long epoch) {
        Optional<Checksum> kept = source.version().checksum();
        Optional<ChecksumAlgorithm> wanted = request.algorithm();
        boolean isKept = wanted.isEmpty()
                || (kept.isPresent()
                        && kept.get().algorithm() == wanted.get()
                        && kept.get().type() == ChecksumType.FULL_OBJECT);
        if (isKept) {
            return kept;
        }
        Digester digester = Digester.of(wanted.orElseThrow());
        read(source, epoch, digester::update);
        return Optional.of(digester.checksum());
    }

    ByteBuffer bytesOf(Found source, long epoch) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(source.span().length()));
        read(source, epoch, bytes::put);
        return bytes.flip();
    }

    void read(Found source, long epoch, Consumer<ByteBuffer> consumer) {
        // The epoch is the caller's to leave, so this reader is not closed.
        VersionReader reader = reader(source, epoch);
        ByteBuffer chunk = ByteBuffer.allocate(
                (int) Math.min(Blob.FRAME_BYTES, Math.max(1, source.span().length())));
        while (reader.read(chunk) >= 0) {
            consumer.accept(chunk.flip());
            chunk.clear();
        }
    }

    // Delete

    Outcome<Deleted> delete(DeleteObject request) {
        return deleteAll(List.of(request)).getFirst();
    }

    List<Outcome<Deleted>> deleteAll(List<DeleteObject> requests) {
        List<Outcome<Deleted>> outcomes = new ArrayList<>();
        int from = 0;
        while (from < requests.size()) {
            int to = runOfDistinctKeys(requests, from);
            outcomes.addAll(deleteDistinct(requests.subList(from, to)));
            from = to;
        }
        return outcomes;
    }

    /** A key named twice is deleted in two mutations, so that the second sees the first. */
    private static int runOfDistinctKeys(List<DeleteObject> requests, int from) {
        Set<ObjectKey> seen = new HashSet<>();
        BucketName bucket = requests.get(from).bucket();
        int to = from;
        while (to < requests.size()
                && requests.get(to).bucket().equals(bucket)
                && seen.add(requests.get(to).key())) {
            to++;
        }
        return to;
    }

    private List<Outcome<Deleted>> deleteDistinct(List<DeleteObject> requests) {
        BucketName name = requests.getFirst().bucket();
        List<ObjectKey> keys = requests.stream().map(DeleteObject::key).toList();
        try (KeyLocks.Held _ = engine.locks().keys(name, keys)) {
            Mutation mutation = new Mutation();
            List<Outcome<Deleted>> outcomes = new ArrayList<>(requests.size());
            for (DeleteObject request : requests) {
                outcomes.add(delete(request, mutation.batch()));
            }
            if (!mutation.batch().isEmpty()) {
                engine.log().commit(mutation);
            }
            return outcomes;
        }
    }

    private Outcome<Deleted> delete(DeleteObject request, IndexBatch batch) {
        Optional<Bucket> found = engine.bucket(request.bucket());
        if (found.isEmpty()) {
            return Engine.noSuchBucket();
        }
        Bucket bucket = found.get();
        Optional<StoredVersion> current = versions.current(bucket.id(), request.key());
        if (request.versionId().isPresent()) {
            return deleteVersion(request, request.versionId().get(), bucket, current, batch);
        }
        Optional<Refusal> refusal =
                request.conditions().onDelete(current.map(version -> version.describe(request.key(), true)));
        if (refusal.isPresent()) {
            return new Outcome.Refused<>(refusal.get());
        }
        if (current.isEmpty() && !request.conditions().isNone()) {
            // Who deletes what has a certain tag, time or length wants no marker where there was nothing.
            return Outcome.done(new Deleted(Optional.empty(), false));
        }
        if (bucket.versioning() == Versioning.UNVERSIONED) {
            current.ifPresent(version -> versions.remove(batch, bucket, request.key(), version, true));
            return Outcome.done(new Deleted(Optional.empty(), false));
        }
        StoredVersion marker = new StoredVersion(
                engine.nextOrdinal(),
                engine.random().nextLong(),
                bucket.versioning() == Versioning.SUSPENDED,
                true,
                0,
                NO_ETAG,
                now(),
                ObjectAttributes.DEFAULT.withOwner(bucket.owner()),
                Optional.empty(),
                0,
                new Body.Empty());
        versions.add(batch, bucket, request.key(), current, marker);
        return Outcome.done(new Deleted(Optional.of(marker.versionId()), true));
    }

    private Outcome<Deleted> deleteVersion(
            DeleteObject request, VersionId id, Bucket bucket, Optional<StoredVersion> current, IndexBatch batch) {
        Optional<StoredVersion> target = versions.find(bucket.id(), request.key(), id);
        Optional<Refusal> refusal =
                request.conditions().onDelete(target.map(version -> version.describe(request.key(), false)));
        if (refusal.isPresent()) {
            return new Outcome.Refused<>(refusal.get());
        }
        if (target.isEmpty()) {
            return Outcome.done(new Deleted(Optional.of(id), false));
        }
        boolean isCurrent =
                current.isPresent() && current.get().ordinal() == target.get().ordinal();
        versions.remove(batch, bucket, request.key(), target.get(), isCurrent);
        return Outcome.done(new Deleted(Optional.of(id), target.get().isDeleteMarker()));
    }

    /** The version that completing the upload {@code uploadId} made, when it is still there. */
    Optional<ObjectVersion> madeBefore(Bucket bucket, ObjectKey key, VersionId made) {
        Optional<StoredVersion> current = versions.current(bucket.id(), key);
        if (current.isPresent() && current.get().ordinal() == made.ordinal()) {
            return Optional.of(current.get().describe(key, true));
        }
        return versions.find(bucket.id(), key, made).map(version -> version.describe(key, false));
    }

    // Tags

    Outcome<ObjectVersion> setTags(BucketName name, ObjectKey key, Optional<VersionId> versionId, Tags tags) {
        Optional<String> broken = tags.brokenRule(Tags.MAX_OBJECT_TAGS);
        if (broken.isPresent()) {
            return Outcome.refused(Reason.INVALID_TAG, broken.get());
        }
        return changeAttributes(name, key, versionId, attributes -> attributes.withTags(tags));
    }

    Outcome<ObjectVersion> setHeader(
            BucketName name, ObjectKey key, Optional<VersionId> versionId, String header, Optional<String> value) {
        return changeAttributes(
                name,
                key,
                versionId,
                attributes -> attributes.withMetadata(attributes.metadata().withHeader(header, value)));
    }

    private Outcome<ObjectVersion> changeAttributes(
            BucketName name, ObjectKey key, Optional<VersionId> versionId, UnaryOperator<ObjectAttributes> change) {
        try (KeyLocks.Held _ = engine.locks().key(name, key)) {
            GetObject request = GetObject.of(name, key);
            return switch (readable(versionId.map(request::version).orElse(request))) {
                case Outcome.Refused<Found>(Refusal refusal) -> new Outcome.Refused<>(refusal);
                case Outcome.Done<Found>(Found readable) -> {
                    StoredVersion changed = readable.stored()
                            .withAttributes(change.apply(readable.stored().attributes()));
                    boolean isLatest = readable.version().isLatest();
                    Mutation mutation = new Mutation();
                    versions.rewrite(mutation.batch(), readable.bucket().id(), key, changed, isLatest);
                    engine.log().commit(mutation);
                    yield Outcome.done(changed.describe(key, isLatest));
                }
            };
        }
    }
}
