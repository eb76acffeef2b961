package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Random changes to one bucket, made to a store and to the model: all that was acknowledged is in {@link #model}, and the change under
 * way, which may have happened or not, is in {@link #maybe}.
 */
final class StoreWorkload {
    static final BucketName BUCKET = new BucketName("bucket");
    private static final ObjectStoreOptions OPTIONS =
            ObjectStoreOptions.DEFAULT.withSmallFiles().withInlineBytes(2000).withReserveBytes(0);
    private static final String[] KEYS = {"a", "a/b", "a//", "b", "\u0000", "zz/é"};

    private StoreModel model = new StoreModel();
    private Optional<StoreModel> maybe = Optional.empty();
    private boolean hasBucket;
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-23T00:00:00Z"));

    ObjectStore open(List<Disk> zones, long seed) {
        return ObjectStore.openInMemory(zones, clock, Randomness.seeded(seed), OPTIONS);
    }

    StoreModel model() {
        return model;
    }

    void begin(ObjectStore store) {
        store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
        hasBucket = true;
    }

    /** Does one random thing. */
    void step(ObjectStore store, RandomGenerator random) {
        ObjectKey key = ObjectKey.of(KEYS[random.nextInt(KEYS.length)]);
        StoreModel after = model.copy();
        maybe = Optional.of(after);
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3, 4 -> put(store, key, StoreModel.pattern(random.nextInt(1500), random.nextLong()), after);
            case 5 -> put(store, key, StoreModel.pattern(2001 + random.nextInt(9000), random.nextLong()), after);
            case 6 -> {
                int length = (1 << 20) + random.nextInt(70_000);
                put(store, key, StoreModel.pattern(length, random.nextLong()), after);
            }
            case 7, 8 -> {
                after.delete(key);
                store.delete(new DeleteObject(BUCKET, key, Optional.empty(), Conditions.NONE))
                        .orElseThrow();
            }
            case 9 -> deleteVersion(store, key, random, after);
            case 10 -> copy(store, key, ObjectKey.of(KEYS[random.nextInt(KEYS.length)]), after);
            case 11 -> multipart(store, key, random, after);
            case 12 -> {
                Versioning versioning = random.nextBoolean() ? Versioning.ENABLED : Versioning.SUSPENDED;
                if (random.nextInt(4) == 0) {
                    after.setVersioning(versioning);
                    store.setVersioning(BUCKET, versioning).orElseThrow();
                }
            }
            case 13 -> store.image();
            default -> store.step();
        }
        model = after;
        maybe = Optional.empty();
    }

    private static void put(ObjectStore store, ObjectKey key, byte[] bytes, StoreModel after) {
        after.put(key, bytes);
        PutObject request = new PutObject(
                BUCKET, key, ObjectAttributes.DEFAULT, Expectations.length(bytes.length), Conditions.NONE);
        store.put(request, ObjectSource.of(bytes)).orElseThrow();
    }

    private static void deleteVersion(ObjectStore store, ObjectKey key, RandomGenerator random, StoreModel after) {
        List<ObjectVersion> versions = store
                .listVersions(new ListVersions(BUCKET, key.text(), "", Optional.empty(), Optional.empty(), 100))
                .orElseThrow()
                .versions()
                .stream()
                .filter(version -> version.key().equals(key))
                .toList();
        if (versions.isEmpty()) {
            return;
        }
        int index = random.nextInt(versions.size());
        after.deleteVersion(key, index);
        store.delete(new DeleteObject(
                        BUCKET, key, Optional.of(versions.get(index).versionId()), Conditions.NONE))
                .orElseThrow();
    }

    private void copy(ObjectStore store, ObjectKey from, ObjectKey to, StoreModel after) {
        if (!model.visible().contains(from) || from.equals(to)) {
            return;
        }
        try (ObjectReader reader = store.get(GetObject.of(BUCKET, from)).orElseThrow()) {
            after.put(to, ObjectStoreTest.bytes(reader));
        }
        store.copy(new CopyObject(
                        GetObject.of(BUCKET, from),
                        BUCKET,
                        to,
                        "me",
                        StorageClass.STANDARD,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Conditions.NONE))
                .orElseThrow();
    }

    private static void multipart(ObjectStore store, ObjectKey key, RandomGenerator random, StoreModel after) {
        MultipartUpload upload = store.createUpload(new MultipartUpload.Create(
                        BUCKET, key, ObjectAttributes.DEFAULT, Optional.empty(), Optional.empty()))
                .orElseThrow();
        byte[] bytes = StoreModel.pattern(random.nextInt(20_000), random.nextLong());
        int parts = 1 + random.nextInt(2);
        List<MultipartUpload.PartRef> refs = new ArrayList<>();
        for (int number = 1; number <= parts; number++) {
            MultipartUpload.Part part = store.uploadPart(
                            new MultipartUpload.UploadPart(BUCKET, key, upload.uploadId(), number, Expectations.NONE),
                            ObjectSource.of(bytes))
                    .orElseThrow();
            refs.add(new MultipartUpload.PartRef(number, part.etag(), Optional.empty()));
        }
        if (random.nextInt(3) == 0) {
            store.abortUpload(BUCKET, key, upload.uploadId()).orElseThrow();
            return;
        }
        after.put(key, bytes);
        store.completeUpload(new MultipartUpload.Complete(
                        BUCKET,
                        key,
                        upload.uploadId(),
                        refs.subList(0, 1),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Conditions.NONE))
                .orElseThrow();
    }

    /** What a store that was opened after a crash holds must be what was acknowledged, with or without the change under way. */
    void check(ObjectStore store) {
        if (store.bucket(BUCKET).isEmpty()) {
            assertFalse(hasBucket, "an acknowledged bucket is gone");
            return;
        }
        StoreModel found = StoreModel.of(store, BUCKET);
        boolean isAfter =
                maybe.isPresent() && found.toString().equals(maybe.get().toString());
        StoreModel expected = isAfter ? maybe.get() : model;
        assertEquals(expected.toString(), found.toString());
        List<ObjectKey> listed =
                store.list(new ListObjects(BUCKET, "", "", Optional.empty(), 1000)).orElseThrow().objects().stream()
                        .map(ObjectVersion::key)
                        .toList();
        assertEquals(expected.visible(), listed, "the listing agrees with reading");
        assertEquals(List.of(), store.verify().problems());
    }

    /** Goes on from what was found: the change under way is decided. */
    void adopt(ObjectStore store) {
        if (store.bucket(BUCKET).isEmpty()) {
            begin(store);
        }
        hasBucket = true;
        model = StoreModel.of(store, BUCKET);
        maybe = Optional.empty();
    }
}
