package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.Refusal.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ObjectStoreTest {
    private static final BucketName BUCKET = new BucketName("photos");

    private final MemoryDisk disk = new MemoryDisk();
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-23T00:00:00Z"));
    private ObjectStore store = open();

    private ObjectStore open() {
        return ObjectStore.openInMemory(
                List.of(disk), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
    }

    private void reopen() {
        store.close();
        store = open();
    }

    private void makeBucket() {
        store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
    }

    private ObjectVersion put(String key, byte[] bytes) {
        return store.put(PutObject.of("photos", key), ObjectSource.of(bytes)).orElseThrow();
    }

    private byte[] get(GetObject request) {
        try (ObjectReader reader = store.get(request).orElseThrow()) {
            return bytes(reader);
        }
    }

    static byte[] bytes(ObjectReader reader) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(10_000);
        while (reader.read(chunk) >= 0) {
            out.write(chunk.array(), 0, chunk.position());
            chunk.clear();
        }
        return out.toByteArray();
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        Randomness.seeded(length).nextBytes(bytes);
        return bytes;
    }

    private static <T> Reason reason(Outcome<T> outcome) {
        return assertInstanceOf(Outcome.Refused.class, outcome).refusal().reason();
    }

    @Test
    void readsBackWhatWasPutAlsoAfterReopening() {
        makeBucket();
        int[] lengths = {0, 1, 1000, 32 << 10, (32 << 10) + 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 12345};
        for (int length : lengths) {
            put("k" + length, pattern(length));
        }
        for (int round = 0; round < 2; round++) {
            for (int length : lengths) {
                assertArrayEquals(pattern(length), get(GetObject.of("photos", "k" + length)), "length " + length);
            }
            reopen();
        }
    }

    @Test
    void givesTheEtagAndChecksumThatS3Gives() {
        makeBucket();
        ObjectVersion version = put("hello", "hello".getBytes(StandardCharsets.UTF_8));
        assertEquals("5d41402abc4b2a76b9719d911017c592", version.etag().text());
        assertEquals(
                ChecksumAlgorithm.CRC64NVME, version.checksum().orElseThrow().algorithm());
        assertEquals(VersionId.NULL, version.versionId());
    }

    @Test
    void readsRanges() {
        makeBucket();
        byte[] all = pattern((2 << 20) + 777);
        put("big", all);
        int[][] ranges = {{0, 0}, {5, 99}, {(1 << 20) - 3, (1 << 20) + 3}, {(2 << 20) + 700, (2 << 20) + 776}};
        for (int[] range : ranges) {
            assertArrayEquals(
                    Arrays.copyOfRange(all, range[0], range[1] + 1),
                    get(GetObject.of("photos", "big").range(ByteRange.of(range[0], range[1]))));
        }
        assertEquals(
                Reason.INVALID_RANGE,
                reason(store.get(GetObject.of("photos", "big").range(ByteRange.from(all.length)))));
    }

    @Test
    void keepsVersionsAndDeleteMarkers() {
        makeBucket();
        put("k", "zero".getBytes(StandardCharsets.UTF_8));
        store.setVersioning(BUCKET, Versioning.ENABLED).orElseThrow();
        ObjectVersion one = put("k", "one".getBytes(StandardCharsets.UTF_8));
        ObjectVersion two = put("k", "two".getBytes(StandardCharsets.UTF_8));
        DeleteObject.Deleted deleted =
                store.delete(DeleteObject.of("photos", "k")).orElseThrow();
        assertTrue(deleted.isDeleteMarker());
        assertEquals(Reason.NO_SUCH_KEY, reason(store.get(GetObject.of("photos", "k"))));
        assertEquals("one", text(GetObject.of("photos", "k").version(one.versionId())));
        assertEquals("zero", text(GetObject.of("photos", "k").version(VersionId.NULL)));
        ListVersions.Page page = store.listVersions(
                        new ListVersions(BUCKET, "", "", Optional.empty(), Optional.empty(), 100))
                .orElseThrow();
        assertEquals(
                List.of(deleted.versionId().orElseThrow(), two.versionId(), one.versionId(), VersionId.NULL),
                page.versions().stream().map(ObjectVersion::versionId).toList());
        store.delete(new DeleteObject(BUCKET, ObjectKey.of("k"), deleted.versionId(), Conditions.NONE))
                .orElseThrow();
        assertEquals("two", text(GetObject.of("photos", "k")));
        assertEquals(Reason.BUCKET_NOT_EMPTY, reason(store.deleteBucket(BUCKET)));
    }

    private String text(GetObject request) {
        return new String(get(request), StandardCharsets.UTF_8);
    }

    @Test
    void listsByBytesWithPrefixDelimiterAndPages() {
        makeBucket();
        List<String> keys =
                List.of("a", "a/b", "a/c/d", "a//", "b", "foo+1/bar", "foo/bar", "é", "\u0000x", "z\uD83D\uDE00");
        keys.forEach(key -> put(key, new byte[] {1}));
        List<String> sorted =
                keys.stream().map(ObjectKey::of).sorted().map(ObjectKey::text).toList();
        assertEquals(sorted, listed("", "", 1000));
        assertEquals(sorted, listed("", "", 1));
        assertEquals(
                List.of("\u0000x", "a", "b", "z\uD83D\uDE00", "é", "|a/", "|foo+1/", "|foo/"), listed("", "/", 1000));
        assertEquals(listed("", "/", 1000), listed("", "/", 1));
        assertEquals(List.of("a/b", "|a//", "|a/c/"), listed("a/", "/", 2));
    }

    /** All pages: objects, then common prefixes marked by a bar. */
    private List<String> listed(String prefix, String delimiter, int maxKeys) {
        List<String> objects = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            ListObjects.Page page = store.list(new ListObjects(BUCKET, prefix, delimiter, next, maxKeys))
                    .orElseThrow();
            page.objects().forEach(version -> objects.add(version.key().text()));
            page.commonPrefixes().forEach(common -> prefixes.add("|" + common));
            next = page.next();
        } while (next.isPresent());
        objects.addAll(prefixes);
        return objects;
    }

    @Test
    void refusesWhatTheConditionsForbid() {
        makeBucket();
        PutObject request = PutObject.of("photos", "k");
        ObjectVersion first = store.put(request.with(Conditions.ifAbsent()), ObjectSource.of(new byte[1]))
                .orElseThrow();
        assertEquals(
                Reason.PRECONDITION_FAILED,
                reason(store.put(request.with(Conditions.ifAbsent()), ObjectSource.of(new byte[2]))));
        store.put(request.with(Conditions.ifMatch(first.etag())), ObjectSource.of(new byte[3]))
                .orElseThrow();
        assertEquals(
                Reason.PRECONDITION_FAILED,
                reason(store.put(request.with(Conditions.ifMatch(first.etag())), ObjectSource.of(new byte[4]))));
        assertEquals(
                Reason.NO_SUCH_KEY,
                reason(store.put(
                        PutObject.of("photos", "none").with(Conditions.ifMatch(first.etag())),
                        ObjectSource.of(new byte[4]))));
    }

    @Test
    void leavesNothingBehindWhenTheBodyIsNotWhatWasClaimed() {
        makeBucket();
        for (int length : new int[] {10, 2 << 20}) {
            Expectations wrong = new Expectations(
                    OptionalLong.of(length),
                    Optional.of("AAAAAAAAAAAAAAAAAAAAAA=="),
                    Optional.empty(),
                    Optional.empty(),
                    true);
            assertEquals(
                    Reason.BAD_DIGEST,
                    reason(store.put(PutObject.of("photos", "k").with(wrong), ObjectSource.of(pattern(length)))));
            assertEquals(
                    Reason.BAD_DIGEST,
                    reason(store.put(
                            PutObject.of("photos", "k").with(wrong.withoutMd5()), ObjectSource.of(pattern(length)))));
            assertEquals(
                    Reason.INCOMPLETE_BODY,
                    reason(store.put(
                            PutObject.of("photos", "k").with(Expectations.length(length + 1)),
                            ObjectSource.of(pattern(length)))));
            assertEquals(Reason.NO_SUCH_KEY, reason(store.get(GetObject.of("photos", "k"))));
        }
    }

    @Test
    void makesTheEtagOfTheChecksumWhereNobodyWantsTheMd5() {
        makeBucket();
        for (int length : new int[] {10, 2 << 20}) {
            ObjectVersion made = store.put(
                            PutObject.of("photos", "k")
                                    .with(Expectations.length(length).withoutMd5()),
                            ObjectSource.of(pattern(length)))
                    .orElseThrow();
            byte[] crc = made.checksum().orElseThrow().digest();
            assertEquals(HexFormat.of().formatHex(crc), made.etag().text());
            ObjectReader found = store.get(GetObject.of("photos", "k")).orElseThrow();
            assertEquals(made.etag(), found.version().etag());
            found.close();
        }
    }

    @Test
    void assemblesPartsAndCopiesByReference() {
        makeBucket();
        MultipartUpload upload = store.createUpload(new MultipartUpload.Create(
                        BUCKET, ObjectKey.of("big"), ObjectAttributes.DEFAULT, Optional.empty(), Optional.empty()))
                .orElseThrow();
        byte[] first = pattern(5 << 20);
        byte[] last = pattern(100);
        List<MultipartUpload.PartRef> refs = new ArrayList<>();
        byte[][] bodies = {last, first};
        int[] numbers = {7, 2};
        for (int i = 0; i < 2; i++) {
            MultipartUpload.Part part = store.uploadPart(
                            new MultipartUpload.UploadPart(
                                    BUCKET, ObjectKey.of("big"), upload.uploadId(), numbers[i], Expectations.NONE),
                            ObjectSource.of(bodies[i]))
                    .orElseThrow();
            refs.addFirst(new MultipartUpload.PartRef(numbers[i], part.etag(), Optional.empty()));
        }
        MultipartUpload.Complete complete = new MultipartUpload.Complete(
                BUCKET,
                ObjectKey.of("big"),
                upload.uploadId(),
                refs,
                Optional.empty(),
                OptionalLong.empty(),
                Conditions.NONE);
        ObjectVersion version = store.completeUpload(complete).orElseThrow();
        assertTrue(version.etag().text().endsWith("-2"));
        assertEquals(version, store.completeUpload(complete).orElseThrow());
        byte[] whole = Arrays.copyOf(first, first.length + last.length);
        System.arraycopy(last, 0, whole, first.length, last.length);
        Digester crc = Digester.of(ChecksumAlgorithm.CRC64NVME);
        crc.update(whole, 0, whole.length);
        assertEquals(crc.checksum(), version.checksum().orElseThrow());
        store.copy(new CopyObject(
                        GetObject.of("photos", "big"),
                        BUCKET,
                        ObjectKey.of("copy"),
                        "me",
                        StorageClass.STANDARD,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Conditions.NONE))
                .orElseThrow();
        store.delete(DeleteObject.of("photos", "big")).orElseThrow();
        IntStream.range(0, 5).forEach(i -> store.step());
        reopen();
        assertArrayEquals(whole, get(GetObject.of("photos", "copy")));
        assertArrayEquals(last, get(GetObject.of("photos", "copy").part(2)));
        store.delete(DeleteObject.of("photos", "copy")).orElseThrow();
        IntStream.range(0, 9).forEach(i -> store.step());
        reopen();
        assertEquals(List.of(), disk.list(Zone.EXTENTS), "all space is given back");
    }

    @Test
    void opensOnRealFilesWithThreeZones(@TempDir Path folder) {
        List<Path> zones = List.of(folder.resolve("a"), folder.resolve("b"), folder.resolve("c"));
        for (int round = 0; round < 2; round++) {
            try (ObjectStore real =
                    ObjectStore.open(folder.resolve("data"), zones, clock, ObjectStoreOptions.DEFAULT)) {
                if (round == 0) {
                    real.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
                    real.put(PutObject.of("photos", "k"), ObjectSource.of(pattern(5000)))
                            .orElseThrow();
                }
                try (ObjectReader reader = real.get(GetObject.of("photos", "k")).orElseThrow()) {
                    assertArrayEquals(pattern(5000), bytes(reader));
                }
            }
        }
    }
}
