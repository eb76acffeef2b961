package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.Refusal.Reason;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At each of S3's limits: the last that fits is taken, the first that does not is refused, and a refusal leaves nothing behind. */
final class ObjectLimitsTest {
    private static final BucketName BUCKET = new BucketName("limits");
    private static final ObjectKey KEY = ObjectKey.of("k");
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;
    private static final int UNIT_BYTES = 64 << 20;

    private final SimDisk disk = new SimDisk(1);
    private ObjectStore store = open(ObjectStoreOptions.DEFAULT.withReserveBytes(0));

    private ObjectStore open(ObjectStoreOptions options) {
        ObjectStore opened = ObjectStore.openInMemory(
                List.of(disk), new VirtualClock(Instant.parse("2026-11-24T00:00:00Z")), Randomness.seeded(1), options);
        if (opened.bucket(BUCKET).isEmpty()) {
            opened.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
        }
        return opened;
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static <T> Reason reason(Outcome<T> outcome) {
        return assertInstanceOf(Outcome.Refused.class, outcome).refusal().reason();
    }

    private Outcome<ObjectVersion> put(String key, byte[] bytes) {
        return store.put(PutObject.of("limits", key), ObjectSource.of(bytes));
    }

    private byte[] get(String key, ByteRange range) {
        try (ObjectReader reader =
                store.get(GetObject.of("limits", key).range(range)).orElseThrow()) {
            return ObjectStoreTest.bytes(reader);
        }
    }

    private UploadId begin(String key) {
        return store.createUpload(new MultipartUpload.Create(
                        BUCKET, ObjectKey.of(key), ObjectAttributes.DEFAULT, Optional.empty(), Optional.empty()))
                .orElseThrow()
                .uploadId();
    }

    private MultipartUpload.PartRef copyPart(String key, UploadId upload, int number, GetObject source) {
        MultipartUpload.Part part = store.copyPart(
                        new MultipartUpload.CopyPart(BUCKET, ObjectKey.of(key), upload, number, source))
                .orElseThrow();
        return new MultipartUpload.PartRef(number, part.etag(), Optional.empty());
    }

    private Outcome<ObjectVersion> complete(String key, UploadId upload, List<MultipartUpload.PartRef> parts) {
        return store.completeUpload(new MultipartUpload.Complete(
                BUCKET, ObjectKey.of(key), upload, parts, Optional.empty(), OptionalLong.empty(), Conditions.NONE));
    }

    private ObjectVersion assemble(String key, String source, int copies) {
        UploadId upload = begin(key);
        List<MultipartUpload.PartRef> parts = new ArrayList<>();
        for (int number = 1; number <= copies; number++) {
            parts.add(copyPart(key, upload, number, GetObject.of("limits", source)));
        }
        return complete(key, upload, parts).orElseThrow();
    }

    private void assertNothingLeft() {
        assertEquals(
                List.of(),
                store.list(new ListObjects(BUCKET, "", "", Optional.empty(), 10))
                        .orElseThrow()
                        .objects());
        for (int i = 0; i < 5; i++) {
            store.step();
        }
        assertEquals(List.of(), store.verify().problems());
        store.close();
        store = open(ObjectStoreOptions.DEFAULT.withReserveBytes(0));
        assertEquals(List.of(), disk.list(Zone.EXTENTS), "all space is given back");
    }

    @Test
    void anObjectOfFiveTebibytesIsAssembledByReferenceAndNotOneByteMore() {
        byte[] unit = StoreModel.pattern(UNIT_BYTES, 1);
        put("unit", unit).orElseThrow();
        assertEquals(5L << 30, assemble("five-gib", "unit", 80).lengthBytes());
        ObjectVersion whole = assemble("five-tib", "five-gib", 1024);
        assertEquals(5 * TIB, whole.lengthBytes());
        assertEquals(1024, whole.partCount());
        assertTrue(disk.usableBytes() > (1L << 50) - (1L << 30), "the bytes are there once");

        byte[] head = Arrays.copyOf(unit, 3_000_000);
        byte[] tail = Arrays.copyOfRange(unit, UNIT_BYTES - 3_000_000, UNIT_BYTES);
        assertArrayEquals(head, get("five-tib", ByteRange.of(0, 2_999_999)));
        assertArrayEquals(tail, get("five-tib", ByteRange.suffix(3_000_000)));
        assertArrayEquals(tail, get("five-tib", ByteRange.from(5 * TIB - 3_000_000)));
        long seam = 77 * (5L << 30);
        byte[] over = Arrays.copyOf(tail, 6_000_000);
        System.arraycopy(head, 0, over, 3_000_000, 3_000_000);
        assertArrayEquals(over, get("five-tib", ByteRange.of(seam - 3_000_000, seam + 2_999_999)));
        assertEquals(
                Reason.INVALID_RANGE,
                reason(store.get(GetObject.of("limits", "five-tib").range(ByteRange.from(5 * TIB)))));

        UploadId upload = begin("too-large");
        List<MultipartUpload.PartRef> parts = new ArrayList<>();
        for (int number = 1; number <= 1024; number++) {
            parts.add(copyPart("too-large", upload, number, GetObject.of("limits", "five-gib")));
        }
        parts.add(copyPart(
                "too-large", upload, 1025, GetObject.of("limits", "unit").range(ByteRange.of(0, 0))));
        assertEquals(Reason.ENTITY_TOO_LARGE, reason(complete("too-large", upload, parts)));
        assertEquals(Reason.NO_SUCH_KEY, reason(store.get(GetObject.of("limits", "too-large"))));
        assertEquals(
                1025,
                store.uploadedParts(BUCKET, ObjectKey.of("too-large"), upload, 0, 10_000)
                        .orElseThrow()
                        .size(),
                "the parts are still there");
        store.abortUpload(BUCKET, ObjectKey.of("too-large"), upload).orElseThrow();

        for (String key : List.of("unit", "five-gib")) {
            store.delete(DeleteObject.of("limits", key)).orElseThrow();
        }
        store.step();
        assertArrayEquals(head, get("five-tib", ByteRange.of(0, 2_999_999)));
        store.delete(DeleteObject.of("limits", "five-tib")).orElseThrow();
        assertNothingLeft();
    }

    @Test
    void aPartCopyOfMoreThanFiveGibibytesIsRefused() {
        put("unit", new byte[8 << 20]).orElseThrow();
        assemble("gib", "unit", 128);
        UploadId big = begin("six");
        List<MultipartUpload.PartRef> parts = new ArrayList<>();
        for (int number = 1; number <= 5; number++) {
            parts.add(copyPart("six", big, number, GetObject.of("limits", "gib")));
        }
        parts.add(copyPart("six", big, 6, GetObject.of("limits", "unit").range(ByteRange.of(0, 0))));
        complete("six", big, parts).orElseThrow();
        UploadId upload = begin("k");
        assertEquals(
                Reason.INVALID_REQUEST,
                reason(store.copyPart(
                        new MultipartUpload.CopyPart(BUCKET, KEY, upload, 1, GetObject.of("limits", "six")))));
        assertEquals(List.of(), store.uploadedParts(BUCKET, KEY, upload, 0, 10).orElseThrow());
        assertEquals(List.of(), store.verify().problems());
    }

    @Test
    void metadataOfTwoKibibytesIsTakenAndOneByteMoreRefused() {
        ObjectAttributes most = withMetadata("x".repeat(2044));
        ObjectAttributes tooMuch = withMetadata("x".repeat(2045));
        PutObject request = PutObject.of("limits", "k");
        byte[] large = new byte[2 << 20];
        assertEquals(Reason.METADATA_TOO_LARGE, reason(store.put(request.with(tooMuch), ObjectSource.of(large))));
        assertEquals(
                Reason.METADATA_TOO_LARGE,
                reason(store.createUpload(
                        new MultipartUpload.Create(BUCKET, KEY, tooMuch, Optional.empty(), Optional.empty()))));
        store.put(request.with(most), ObjectSource.of(large)).orElseThrow();
        assertEquals(
                Reason.METADATA_TOO_LARGE,
                reason(store.copy(new CopyObject(
                        GetObject.of(BUCKET, KEY),
                        BUCKET,
                        ObjectKey.of("copy"),
                        "me",
                        StorageClass.STANDARD,
                        Optional.of(tooMuch.metadata()),
                        Optional.empty(),
                        Optional.empty(),
                        Conditions.NONE))));
        store.delete(DeleteObject.of("limits", "k")).orElseThrow();
        assertNothingLeft();
    }

    private static ObjectAttributes withMetadata(String value) {
        SortedMap<String, String> user = new TreeMap<>();
        user.put("name", value);
        return ObjectAttributes.DEFAULT.withMetadata(new ObjectMetadata(new TreeMap<>(), user));
    }

    @Test
    void tenTagsAreTakenAndElevenRefused() {
        PutObject request = PutObject.of("limits", "k");
        assertEquals(
                Reason.INVALID_TAG,
                reason(store.put(
                        request.with(ObjectAttributes.DEFAULT.withTags(tags(11))), ObjectSource.of(new byte[1]))));
        store.put(request.with(ObjectAttributes.DEFAULT.withTags(tags(10))), ObjectSource.of(new byte[1]))
                .orElseThrow();
        assertEquals(Reason.INVALID_TAG, reason(store.setTags(BUCKET, KEY, Optional.empty(), tags(11))));
        assertEquals(
                tags(10),
                store.head(GetObject.of(BUCKET, KEY))
                        .orElseThrow()
                        .version()
                        .attributes()
                        .tags());
        store.delete(DeleteObject.of("limits", "k")).orElseThrow();
        assertNothingLeft();
    }

    private static Tags tags(int count) {
        SortedMap<String, String> byKey = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            byKey.put("tag" + i, "v");
        }
        return new Tags(byKey);
    }

    @Test
    void aKeyHasAtMostOneKibibyte() {
        for (String longest : List.of("k".repeat(1024), "é".repeat(512), "\uD83D\uDE00".repeat(256))) {
            put(longest, new byte[] {7}).orElseThrow();
            assertArrayEquals(new byte[] {7}, get(longest, ByteRange.of(0, 0)));
            assertThrows(IllegalArgumentException.class, () -> ObjectKey.of(longest + "k"));
            store.delete(DeleteObject.of("limits", longest)).orElseThrow();
        }
        assertNothingLeft();
    }

    @Test
    void aBodyOverTheMostOfOnePutIsRefusedWhetherDeclaredOrNot() {
        ObjectStoreOptions d = ObjectStoreOptions.DEFAULT;
        for (int most : new int[] {1000, 3_000_000}) {
            store.close();
            store = open(new ObjectStoreOptions(
                    d.maxObjectBytes(),
                    most,
                    d.inlineBytes(),
                    d.extentBytes(),
                    d.journalSegmentBytes(),
                    d.checkpointBytes(),
                    0,
                    true));
            UploadId upload = begin("k");
            for (Expectations claim : List.of(Expectations.NONE, Expectations.length(most + 1))) {
                PutObject request = PutObject.of("limits", "k").with(claim);
                assertEquals(Reason.ENTITY_TOO_LARGE, reason(store.put(request, ObjectSource.of(new byte[most + 1]))));
                assertEquals(
                        Reason.ENTITY_TOO_LARGE,
                        reason(store.uploadPart(
                                new MultipartUpload.UploadPart(BUCKET, KEY, upload, 1, claim),
                                ObjectSource.of(new byte[most + 1]))));
            }
            store.abortUpload(BUCKET, KEY, upload).orElseThrow();
            put("k", new byte[most]).orElseThrow();
            store.delete(DeleteObject.of("limits", "k")).orElseThrow();
            assertNothingLeft();
        }
    }

    @Test
    void partNumbersGoFromOneToTenThousand() {
        put("source", new byte[(int) (2 * MIB)]).orElseThrow();
        UploadId upload = begin("k");
        for (int number : new int[] {0, -1, 10_001, Integer.MAX_VALUE}) {
            assertEquals(Reason.INVALID_REQUEST, reason(uploadPart(upload, number)));
            assertEquals(
                    Reason.INVALID_REQUEST,
                    reason(store.copyPart(new MultipartUpload.CopyPart(
                            BUCKET, KEY, upload, number, GetObject.of("limits", "source")))));
        }
        uploadPart(upload, 1).orElseThrow();
        uploadPart(upload, 10_000).orElseThrow();
        assertEquals(
                List.of(1, 10_000),
                store.uploadedParts(BUCKET, KEY, upload, 0, 10).orElseThrow().stream()
                        .map(MultipartUpload.Part::partNumber)
                        .toList());
        assertEquals(
                Reason.INVALID_PART,
                reason(complete(
                        "k", upload, List.of(new MultipartUpload.PartRef(10_001, new ETag("x"), Optional.empty())))));
        store.abortUpload(BUCKET, KEY, upload).orElseThrow();
        store.delete(DeleteObject.of("limits", "source")).orElseThrow();
        assertNothingLeft();
    }

    /** A source that must not be read when the part number is wrong. */
    private Outcome<MultipartUpload.Part> uploadPart(UploadId upload, int number) {
        boolean isRight = number >= 1 && number <= MultipartUpload.MAX_PARTS;
        ObjectSource source = isRight
                ? ObjectSource.of(new byte[5000])
                : (ByteBuffer _) -> {
                    throw new AssertionError("the body was read");
                };
        return store.uploadPart(new MultipartUpload.UploadPart(BUCKET, KEY, upload, number, Expectations.NONE), source);
    }

    @Test
    void aPartInTheMiddleHasAtLeastFiveMebibytes() {
        UploadId upload = begin("k");
        List<MultipartUpload.PartRef> parts = new ArrayList<>();
        for (int number = 1; number <= 2; number++) {
            MultipartUpload.Part part = uploadPart(upload, number).orElseThrow();
            parts.add(new MultipartUpload.PartRef(number, part.etag(), Optional.empty()));
        }
        assertEquals(Reason.PART_TOO_SMALL, reason(complete("k", upload, parts)));
        assertEquals(Reason.INVALID_PART_ORDER, reason(complete("k", upload, parts.reversed())));
        assertEquals(
                2, store.uploadedParts(BUCKET, KEY, upload, 0, 9).orElseThrow().size());
        store.abortUpload(BUCKET, KEY, upload).orElseThrow();
        assertNothingLeft();
    }
}
