package io.firn.objectstore;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.io.Task;
import io.firn.io.Threads;
import io.firn.objectstore.MultipartUpload.Complete;
import io.firn.objectstore.MultipartUpload.CopyPart;
import io.firn.objectstore.MultipartUpload.Create;
import io.firn.objectstore.MultipartUpload.Part;
import io.firn.objectstore.MultipartUpload.UploadPart;
import io.firn.objectstore.Refusal.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A durable store of objects in buckets, embedded: no server, no network.
 *
 * <pre>{@code
 * try (ObjectStore store = ObjectStore.open(Path.of("data"))) {
 *     store.createBucket(new BucketName("photos"), "me", "", Tags.NONE).orElseThrow();
 *     store.put(PutObject.of("photos", "cat.jpg"), ObjectSource.of(bytes)).orElseThrow();
 * }
 * }</pre>
 *
 * <p><b>Durability.</b> When a method that changes something returns {@link Outcome.Done}, the change is on stable storage in every zone
 * in use, and every read, listing and condition from then on sees it. When it returns {@link Outcome.Refused}, or throws, nothing
 * changed; after an exception from the disk the change may still turn out to have happened, whole.
 *
 * <p><b>Threads.</b> Safe for use by many threads, virtual or not; concurrent changes share one sync. Changes of one key happen one after
 * the other. An interrupt does not cut short a wait for durability.
 *
 * <p><b>Errors.</b> {@link StorageException} by remedy; a full disk refuses puts with {@code OutOfSpace} while reads and
 * deletes go on.
 */
public final class ObjectStore implements AutoCloseable {
    /** The most buckets of one owner. */
    public static final int MAX_BUCKETS = 10_000;

    private static final long INDEX_CACHE_BYTES = 48L << 20;
    private static final Duration IDLE = Duration.ofMillis(200);

    /** How long at least, and half of how long at most, bytes that were verified may be sent without being verified again. */
    private static final Duration VERIFIED_FOR = Duration.ofMinutes(1);

    private final Engine engine;
    private final ObjectOperations objects;
    private final Uploads uploads;
    private final Listings listings;
    private final Checkpointer checkpointer;
    private final Reclaimer reclaimer;
    private final Mender mender;
    private final DamageLog damage;
    private final Journal journal;
    private final List<Threads.Loop> background = new ArrayList<>();
    private Optional<ExecutorService> parallel = Optional.empty();
    private volatile boolean isClosed;

    private ObjectStore(
            Engine engine, Journal journal, Recovery.Recovered recovered, Executor parallel, DamageLog damage) {
        this.damage = damage;
        this.engine = engine;
        Payloads payloads = new Payloads(engine.zones(), engine.space(), engine.options(), parallel);
        Versions versions = new Versions(engine.index());
        Blobs blobs = new Blobs(engine.index());
        this.objects = new ObjectOperations(engine, payloads, versions, blobs);
        this.uploads = new Uploads(engine, payloads, objects, blobs);
        this.listings = new Listings(engine);
        this.checkpointer = new Checkpointer(engine, journal, recovered.checkpoint());
        this.reclaimer = new Reclaimer(engine, blobs, new Evacuator(engine, payloads, versions, blobs));
        this.mender = new Mender(engine);
        this.journal = journal;
        engine.log().whenZonesChange(checkpointer::stateZones);
    }

    /** Opens or makes a store with one zone in {@code folder}, on the system's clock, with its background work on threads of its own. */
    public static ObjectStore open(Path folder) {
        return open(folder, List.of(folder.resolve("zone")), new SystemClock(), ObjectStoreOptions.DEFAULT);
    }

    /**
     * Opens or makes a store whose index is in {@code folder} and whose zones are in other folders, one or three of them: on different
     * disks, so that any one may be lost. The zones are named in the same order every time.
     */
    public static ObjectStore open(Path folder, List<Path> zones, Clock clock, ObjectStoreOptions options) {
        List<Disk> disks = new ArrayList<>();
        for (Path zone : zones) {
            disks.add(FileChannelDisk.open(zone));
        }
        FileChannelDisk.open(folder).createDirectory("index");
        ExecutorService parallel = Threads.virtualPerTask("firn-store-");
        ObjectStore store = open(
                disks,
                () -> RocksIndex.open(folder.resolve("index"), INDEX_CACHE_BYTES),
                clock,
                Randomness.secure(),
                options,
                parallel);
        store.parallel = Optional.of(parallel);
        store.startBackground();
        return store;
    }

    /**
     * Opens or makes a store that is held in memory by {@code disk} and has no threads: background work is done by {@link #step}. For
     * tests and simulation; {@code random} need not be secure.
     */
    public static ObjectStore openInMemory(
            List<Disk> zones, Clock clock, RandomGenerator random, ObjectStoreOptions options) {
        return open(zones, MemoryIndex::new, clock, random, options, Runnable::run);
    }

    static ObjectStore open(
            List<Disk> disks,
            OrderedIndex.Opener indexOpener,
            Clock clock,
            RandomGenerator random,
            ObjectStoreOptions options,
            Executor parallel) {
        if (disks.size() != 1 && disks.size() != 3) {
            throw new IllegalArgumentException("a store has one zone or three, not " + disks.size());
        }
        DamageLog damage = new DamageLog();
        List<Zone> all = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            all.add(new Zone(String.valueOf((char) ('a' + i)), disks.get(i)));
        }
        Zones zones = new Zones(all, parallel, damage);
        OrderedIndex index = indexOpener.open();
        try {
            Recovery.Recovered recovered = new Recovery(all, index).recover(random);
            AtomicLong ordinals = new AtomicLong(recovered.highestOrdinal());
            Journal journal = new Journal(zones, recovered.store(), random, options);
            recovered.segments().forEach(segment -> journal.adopt(segment, 0));
            CommitLog log = new CommitLog(
                    journal,
                    new IndexApplier(index, recovered.store()),
                    zones,
                    ordinals,
                    options.isSynced(),
                    recovered.lastSeq());
            ExtentSpace space = new ExtentSpace(zones, ordinals, options.extentBytes());
            Engine engine = new Engine(
                    zones,
                    index,
                    log,
                    space,
                    new Reserve(zones, log, space, options.reserveBytes()),
                    ordinals,
                    clock,
                    random,
                    options,
                    new KeyLocks(),
                    new ReaderEpochs(),
                    new AccessEvents(),
                    Engine.loadBuckets(index));
            ObjectStore store = new ObjectStore(engine, journal, recovered, parallel, damage);
            store.finishOpening();
            return store;
        } catch (RuntimeException e) {
            index.close();
            throw e;
        }
    }

    private void finishOpening() {
        checkpointer.checkpoint();
        reclaimer.dropOrphans();
    }

    private void startBackground() {
        background.add(Threads.loop("firn-checkpoint", checkpointer, IDLE));
        background.add(Threads.loop(
                "firn-spare",
                budget -> {
                    journal.prepareSpare();
                    return 0;
                },
                IDLE));
        background.add(Threads.loop("firn-reclaim", reclaimer, IDLE));
        background.add(Threads.loop("firn-accesses", engine.accesses(), IDLE));
        background.add(Threads.loop(
                "firn-verified",
                budget -> {
                    engine.zones().ageVerified();
                    return 0;
                },
                VERIFIED_FOR));
    }

    /** Does the background work that is due, on this thread: for stores opened without threads of their own. Returns the units done. */
    public long step() {
        return checkpointer.step(Long.MAX_VALUE)
                + reclaimer.step(Long.MAX_VALUE)
                + engine.accesses().step(Long.MAX_VALUE);
    }

    /** From now on {@code listener} is told of reads. */
    public void listen(AccessListener listener) {
        engine.accesses().listen(listener);
    }

    private void requireOpen() {
        if (isClosed) {
            throw new StorageException.Closed("the store is closed");
        }
    }

    // Buckets

    /** Makes a bucket, in which versioning is not enabled. */
    public Outcome<Bucket> createBucket(BucketName name, String owner, String region, Tags tags) {
        requireOpen();
        Optional<String> broken = tags.brokenRule(Tags.MAX_BUCKET_TAGS);
        if (broken.isPresent()) {
            return Outcome.refused(Reason.INVALID_TAG, broken.get());
        }
        try (KeyLocks.Held _ = engine.locks().bucket(name)) {
            Optional<Bucket> existing = engine.bucket(name);
            if (existing.isPresent()) {
                return existing.get().owner().equals(owner)
                        ? Outcome.refused(
                                Reason.BUCKET_ALREADY_OWNED,
                                "Your previous request to create the named bucket succeeded and you already own it.")
                        : Outcome.refused(
                                Reason.BUCKET_ALREADY_EXISTS,
                                "The requested bucket name is not available. The bucket namespace is shared by all users "
                                        + "of the system. Please select a different name and try again.");
            }
            long owned = engine.buckets().values().stream()
                    .filter(bucket -> bucket.owner().equals(owner))
                    .count();
            if (owned >= MAX_BUCKETS) {
                return Outcome.refused(
                        Reason.TOO_MANY_BUCKETS, "You have attempted to create more buckets than allowed");
            }
            return Outcome.done(save(new Bucket(
                    name,
                    engine.nextOrdinal(),
                    owner,
                    region,
                    engine.clock().now().truncatedTo(ChronoUnit.MILLIS),
                    Versioning.UNVERSIONED,
                    tags,
                    Collections.emptySortedMap())));
        }
    }

    private Bucket save(Bucket bucket) {
        Mutation mutation = new Mutation();
        mutation.batch().put(IndexKeys.bucket(bucket.name()), IndexFormat.encode(bucket));
        engine.log().commit(mutation);
        engine.buckets().put(bucket.name(), bucket);
        return bucket;
    }

    /** The bucket of this name; no disk is touched. */
    public Optional<Bucket> bucket(BucketName name) {
        return engine.bucket(name);
    }

    /** Buckets in the order of their names, after {@code startAfter}, with this prefix, of this owner (all when empty); no disk is touched. */
    public List<Bucket> buckets(Optional<String> owner, String prefix, Optional<String> startAfter, int max) {
        List<Bucket> page = new ArrayList<>();
        for (Bucket bucket : engine.buckets().values()) {
            String name = bucket.name().text();
            boolean isListed = name.startsWith(prefix)
                    && (owner.isEmpty() || owner.get().equals(bucket.owner()))
                    && (startAfter.isEmpty() || name.compareTo(startAfter.get()) > 0);
            if (isListed && page.size() < max) {
                page.add(bucket);
            }
        }
        return page;
    }

    /** Deletes a bucket that holds no version and no delete marker; uploads in progress in it are aborted. */
    public Outcome<Bucket> deleteBucket(BucketName name) {
        requireOpen();
        try (KeyLocks.Held _ = engine.locks().bucket(name)) {
            Optional<Bucket> found = engine.bucket(name);
            if (found.isEmpty()) {
                return Engine.noSuchBucket();
            }
            Bucket bucket = found.get();
            byte[] all = IndexKeys.of(IndexKeys.OBJECT, bucket.id());
            try (OrderedIndex.Cursor cursor = engine.index().cursor(all)) {
                if (cursor.isValid() && IndexKeys.startsWith(cursor.key(), all)) {
                    return Outcome.refused(Reason.BUCKET_NOT_EMPTY, "The bucket you tried to delete is not empty");
                }
            }
            abortAll(bucket);
            Mutation mutation = new Mutation();
            mutation.batch().delete(IndexKeys.bucket(name));
            engine.log().commit(mutation);
            engine.buckets().remove(name);
            return Outcome.done(bucket);
        }
    }

    private void abortAll(Bucket bucket) {
        byte[] all = IndexKeys.of(IndexKeys.UPLOAD, bucket.id());
        try (OrderedIndex.Cursor cursor = engine.index().cursor(all)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                Mutation mutation = new Mutation();
                uploads.drop(
                        mutation.batch(),
                        bucket,
                        IndexKeys.objectKey(cursor.key()),
                        IndexFormat.upload(cursor.value()).uploadId());
                engine.log().commit(mutation);
            }
        }
        Mutation completed = new Mutation();
        byte[] records = IndexKeys.of(IndexKeys.COMPLETED, bucket.id());
        try (OrderedIndex.Cursor cursor = engine.index().cursor(records)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), records); cursor.next()) {
                completed.batch().delete(cursor.key());
            }
        }
        if (!completed.batch().isEmpty()) {
            engine.log().commit(completed);
        }
    }

    /** Enables or suspends versioning; {@link Versioning#UNVERSIONED} cannot be gone back to. */
    public Outcome<Bucket> setVersioning(BucketName name, Versioning versioning) {
        if (versioning == Versioning.UNVERSIONED) {
            return Outcome.refused(Reason.INVALID_REQUEST, "versioning can be suspended, not undone");
        }
        return change(name, bucket -> bucket.withVersioning(versioning));
    }

    /** Replaces the bucket's tags; {@link Tags#NONE} removes them. */
    public Outcome<Bucket> setBucketTags(BucketName name, Tags tags) {
        Optional<String> broken = tags.brokenRule(Tags.MAX_BUCKET_TAGS);
        if (broken.isPresent()) {
            return Outcome.refused(Reason.INVALID_TAG, broken.get());
        }
        return change(name, bucket -> bucket.withTags(tags));
    }

    /** Keeps a text of a door's with the bucket, or removes it: see {@link Bucket#settings}. */
    public Outcome<Bucket> setBucketSetting(BucketName name, String setting, Optional<String> value) {
        return change(name, bucket -> bucket.withSetting(setting, value));
    }

    private Outcome<Bucket> change(BucketName name, UnaryOperator<Bucket> change) {
        requireOpen();
        try (KeyLocks.Held _ = engine.locks().bucket(name)) {
            return engine.bucket(name)
                    .map(bucket -> Outcome.done(save(change.apply(bucket))))
                    .orElseGet(Engine::noSuchBucket);
        }
    }

    // Objects

    /** Stores an object; on return it is durable and every read sees it. The source is read to its end at the most once. */
    public Outcome<ObjectVersion> put(PutObject request, ObjectSource source) {
        requireOpen();
        return objects.put(request, source);
    }

    /** Opens an object for reading; the caller closes the reader. */
    public Outcome<ObjectReader> get(GetObject request) {
        requireOpen();
        return objects.get(request);
    }

    /** What {@link #get} would answer, without the bytes. */
    public Outcome<Head> head(GetObject request) {
        requireOpen();
        return objects.head(request);
    }

    /** A version and which of its bytes a read would give. */
    public record Head(ObjectVersion version, ByteRange.Span span) {}

    public Outcome<DeleteObject.Deleted> delete(DeleteObject request) {
        requireOpen();
        return objects.delete(request);
    }

    /** Deletes several, sharing one sync where they name different keys of one bucket; the answers are in the order of the requests. */
    public List<Outcome<DeleteObject.Deleted>> deleteAll(List<DeleteObject> requests) {
        requireOpen();
        return objects.deleteAll(requests);
    }

    /** Copies an object by reference; bytes are moved only when they are few, or read when a new checksum is asked for. */
    public Outcome<CopyObject.Copied> copy(CopyObject request) {
        requireOpen();
        return objects.copy(request);
    }

    /** Replaces the tags of one version, the current one unless named. */
    public Outcome<ObjectVersion> setTags(BucketName bucket, ObjectKey key, Optional<VersionId> versionId, Tags tags) {
        requireOpen();
        return objects.setTags(bucket, key, versionId, tags);
    }

    /** Replaces or removes one system header of one version, the current one unless named: see {@link ObjectMetadata#headers}. */
    public Outcome<ObjectVersion> setHeader(
            BucketName bucket, ObjectKey key, Optional<VersionId> versionId, String header, Optional<String> value) {
        requireOpen();
        return objects.setHeader(bucket, key, versionId, header, value);
    }

    /** The parts an object was completed from; none for an object that was put whole. */
    public Outcome<List<Part>> parts(BucketName bucket, ObjectKey key, Optional<VersionId> versionId) {
        requireOpen();
        return objects.parts(bucket, key, versionId);
    }

    // Multipart uploads

    public Outcome<MultipartUpload> createUpload(Create request) {
        requireOpen();
        return uploads.create(request);
    }

    public Outcome<MultipartUpload> upload(BucketName bucket, ObjectKey key, UploadId uploadId) {
        requireOpen();
        return uploads.get(bucket, key, uploadId);
    }

    /** Stores a part, replacing one of the same number; durable on return. */
    public Outcome<Part> uploadPart(UploadPart request, ObjectSource source) {
        requireOpen();
        return uploads.uploadPart(request, source);
    }

    /** Makes a part of bytes the store has already, by reference. */
    public Outcome<Part> copyPart(CopyPart request) {
        requireOpen();
        return uploads.copyPart(request);
    }

    /** Makes the object of its parts; asking again for an upload that was completed gives the same answer. */
    public Outcome<ObjectVersion> completeUpload(Complete request) {
        requireOpen();
        return uploads.complete(request);
    }

    public Outcome<MultipartUpload> abortUpload(BucketName bucket, ObjectKey key, UploadId uploadId) {
        requireOpen();
        return uploads.abort(bucket, key, uploadId);
    }

    /** The parts an upload has, by number, after {@code partNumberMarker}. */
    public Outcome<List<Part>> uploadedParts(
            BucketName bucket, ObjectKey key, UploadId uploadId, int partNumberMarker, int max) {
        requireOpen();
        return uploads.uploadedParts(bucket, key, uploadId, partNumberMarker, max);
    }

    // Listings

    public Outcome<ListObjects.Page> list(ListObjects request) {
        requireOpen();
        return listings.list(request);
    }

    public Outcome<ListVersions.Page> listVersions(ListVersions request) {
        requireOpen();
        return listings.listVersions(request);
    }

    public Outcome<ListUploads.Page> listUploads(ListUploads request) {
        requireOpen();
        return listings.listUploads(request);
    }

    // Care

    /**
     * Checks everything: every frame in every zone, every reference, every counter; while the store is in use, against one frozen view
     * of it. Reads all bytes.
     */
    public VerifyReport verify() {
        requireOpen();
        return new Verifier(engine).verify();
    }

    /** Reads and verifies everything once and writes damaged frames again from another zone; returns how many were. */
    public long scrub() {
        requireOpen();
        return mender.pass();
    }

    /** The scrub as a task, for whoever schedules it; its budget is payload bytes. */
    public Task scrubber() {
        return mender;
    }

    /**
     * Gives a zone that was out of use everything the others have, while the store is in use, and takes it back into use. A zone in use is
     * scrubbed. Returns the frames that were written.
     */
    public long repair(String zoneName) {
        requireOpen();
        Zone zone = engine.zones().all().stream()
                .filter(each -> each.name().equals(zoneName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no zone " + zoneName));
        if (zone.isReadable()) {
            return mender.pass();
        }
        engine.log().whileQuiet(() -> {
            int number = engine.zones().all().indexOf(zone);
            Recovery.begin(
                    zone.disk(),
                    new StoreFormat.ZoneLabel(
                            journal.store(), number, engine.zones().all().size()));
            Journal.forget(zone);
            zone.beginRepair();
            journal.startSegment(engine.log().lastSeq() + 1);
            return zone;
        });
        long mended = mender.pass();
        checkpointer.checkpoint();
        checkpointer.image();
        if (!zone.isHealthy() || mender.lost() > 0) {
            throw new StorageException.Unavailable("zone " + zoneName + " could not be repaired: "
                    + zone.failure().orElse(mender.lost() + " frames are whole in no zone"));
        }
        zone.repaired();
        checkpointer.stateZones();
        return mended;
    }

    /** Writes a checkpoint and an image of the index now, so that older journal segments can go. */
    void image() {
        checkpointer.checkpoint();
        checkpointer.image();
    }

    public StoreFigures figures() {
        List<StoreFigures.ZoneFigures> zones = new ArrayList<>();
        for (Zone zone : engine.zones().all()) {
            zones.add(new StoreFigures.ZoneFigures(
                    zone.name(),
                    zone.isReadable(),
                    zone.failure().orElse(""),
                    zone.disk().usableBytes(),
                    zone.extents().extents().length));
        }
        return new StoreFigures(
                engine.log().records(),
                engine.log().batches(),
                engine.log().journalBytes(),
                engine.epochs().active(),
                engine.index().nativeBytes(),
                damage.frames(),
                mender.mended(),
                mender.scrubbedBytes(),
                engine.accesses().dropped(),
                zones);
    }

    /** Stops background work, makes a checkpoint so that the next open is quick, and closes all files. Nothing acknowledged is lost either way. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        background.forEach(Threads.Loop::close);
        try {
            checkpointer.checkpoint();
        } finally {
            engine.log().close();
            engine.index().close();
            engine.zones().close();
            parallel.ifPresent(ExecutorService::close);
        }
    }
}
