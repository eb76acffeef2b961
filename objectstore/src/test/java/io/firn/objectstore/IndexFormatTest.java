package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.io.StorageException;
import io.firn.testkit.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is encoded is decoded equal; what was never encoded is a value or {@code Corrupt}; and the bytes of version 1 stay what they are. */
final class IndexFormatTest {
    private static final String GOLDEN = "index-format-1.txt";

    /** One kind of value: how it is written and read. */
    private record Codec<T>(String name, Function<T, byte[]> encode, Function<byte[], T> decode) {
        void roundTrip(T value) {
            assertEquals(value, decode.apply(encode.apply(value)), name);
        }

        /** Anything but a value or {@code Corrupt} goes up and fails the test. */
        void read(byte[] bytes) {
            try {
                Objects.requireNonNull(decode.apply(bytes));
            } catch (StorageException.Corrupt expected) {
                Objects.requireNonNull(expected.getMessage());
            }
        }
    }

    private static final Codec<Bucket> BUCKET =
            new Codec<>("bucket", IndexFormat::encode, value -> IndexFormat.bucket("bucket", value));
    private static final Codec<StoredVersion> VERSION =
            new Codec<>("version", IndexFormat::encode, IndexFormat::version);
    private static final Codec<Blob> BLOB = new Codec<>("blob", IndexFormat::encode, IndexFormat::blob);
    private static final Codec<StoredUpload> UPLOAD = new Codec<>("upload", IndexFormat::encode, IndexFormat::upload);
    private static final Codec<StoredPart> PART = new Codec<>("part", IndexFormat::encode, IndexFormat::part);
    private static final Codec<List<MultipartUpload.Part>> PARTS =
            new Codec<>("parts", IndexFormat::encodeParts, IndexFormat::parts);
    private static final List<Codec<?>> ALL = List.of(BUCKET, VERSION, BLOB, UPLOAD, PART, PARTS);

    // Random values

    private static long number(RandomGenerator random) {
        return random.nextLong() >>> 1 >>> random.nextInt(63);
    }

    private static Instant time(RandomGenerator random) {
        return Instant.ofEpochMilli(random.nextLong(253_402_300_800_000L));
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(3) == 0 ? 0 : random.nextInt(200);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(random.nextInt(10) == 0 ? 0x1F600 + random.nextInt(50) : random.nextInt(0x3000));
        }
        return text.toString();
    }

    private static SortedMap<String, String> map(RandomGenerator random) {
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            map.put(text(random), text(random));
        }
        return map;
    }

    private static <E> E one(RandomGenerator random, E[] values) {
        return values[random.nextInt(values.length)];
    }

    private static ETag etag(RandomGenerator random) {
        byte[] md5 = new byte[16];
        random.nextBytes(md5);
        return random.nextBoolean() ? ETag.ofMd5(md5) : ETag.ofParts(md5, 1 + random.nextInt(10_000));
    }

    private static Optional<Checksum> checksum(RandomGenerator random) {
        if (random.nextInt(4) == 0) {
            return Optional.empty();
        }
        ChecksumAlgorithm algorithm = one(random, ChecksumAlgorithm.values());
        byte[] digest = new byte[algorithm.bytes()];
        random.nextBytes(digest);
        Checksum whole = Checksum.fullObject(algorithm, digest);
        return Optional.of(
                random.nextBoolean()
                        ? whole
                        : new Checksum(algorithm, ChecksumType.COMPOSITE, whole.base64(), 1 + random.nextInt(10_000)));
    }

    private static ObjectAttributes attributes(RandomGenerator random) {
        return new ObjectAttributes(
                new ObjectMetadata(map(random), map(random)),
                new Tags(map(random)),
                one(random, StorageClass.values()),
                text(random));
    }

    private static ExtentRef frame(RandomGenerator random) {
        return new ExtentRef(
                number(random),
                Frame.FIRST_OFFSET + Frame.ALIGNMENT * (number(random) >>> 16),
                1 + random.nextInt(Frame.PAYLOAD_BYTES_MAX),
                random.nextInt());
    }

    private static Body body(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Body.Empty();
            case 1 -> new Body.Inline(frame(random));
            default -> new Body.InBlob(random.nextLong());
        };
    }

    private static Bucket bucket(RandomGenerator random) {
        return new Bucket(
                new BucketName("bucket"),
                number(random),
                text(random),
                text(random),
                time(random),
                one(random, Versioning.values()),
                new Tags(map(random)),
                map(random));
    }

    private static StoredVersion version(RandomGenerator random) {
        return new StoredVersion(
                random.nextLong(),
                random.nextLong(),
                random.nextBoolean(),
                random.nextBoolean(),
                number(random),
                etag(random),
                time(random),
                attributes(random),
                checksum(random),
                random.nextInt(10_001),
                body(random));
    }

    private static Blob blob(RandomGenerator random) {
        int count = random.nextInt(5);
        if (random.nextBoolean()) {
            List<ExtentRef> frames = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                frames.add(frame(random));
            }
            return new Blob.Frames(number(random), frames);
        }
        List<Blob.Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            segments.add(new Blob.Segment(number(random), number(random), number(random)));
        }
        return new Blob.Segments(number(random), 1 + random.nextInt(Blob.MAX_DEPTH), segments);
    }

    private static StoredUpload upload(RandomGenerator random) {
        return new StoredUpload(
                new UploadId(random.nextLong(), random.nextLong()),
                attributes(random),
                time(random),
                random.nextBoolean() ? Optional.empty() : Optional.of(one(random, ChecksumAlgorithm.values())),
                random.nextBoolean() ? Optional.empty() : Optional.of(one(random, ChecksumType.values())));
    }

    private static StoredPart part(RandomGenerator random) {
        return new StoredPart(etag(random), number(random), time(random), checksum(random), random.nextLong());
    }

    private static List<MultipartUpload.Part> parts(RandomGenerator random) {
        List<MultipartUpload.Part> parts = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            parts.add(part(random).describe(1 + random.nextInt(10_000)));
        }
        return parts;
    }

    @Test
    void whatIsEncodedIsDecodedEqual() {
        Seeds.forEach(2000, (seed, random) -> {
            BUCKET.roundTrip(bucket(random));
            VERSION.roundTrip(version(random));
            BLOB.roundTrip(blob(random));
            UPLOAD.roundTrip(upload(random));
            PART.roundTrip(part(random));
            PARTS.roundTrip(parts(random));
        });
    }

    // What was never encoded

    @Test
    void randomBytesAreAValueOrCorrupt() {
        Seeds.forEach(5000, (seed, random) -> {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                // A kind that exists, so that more than the first byte is looked at.
                bytes[0] = (byte) random.nextInt(3);
            }
            ALL.forEach(codec -> codec.read(bytes));
        });
    }

    @Test
    void mutationsOfValuesAreAValueOrCorrupt() {
        Seeds.forEach(800, (seed, random) -> {
            mutate(BUCKET, bucket(random), random);
            mutate(VERSION, version(random), random);
            mutate(BLOB, blob(random), random);
            mutate(UPLOAD, upload(random), random);
            mutate(PART, part(random), random);
            mutate(PARTS, parts(random), random);
        });
    }

    private static <T> void mutate(Codec<T> codec, T value, RandomGenerator random) {
        byte[] bytes = codec.encode().apply(value);
        byte[] changed = bytes.clone();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            changed[random.nextInt(changed.length)] = random.nextInt(3) == 0 ? (byte) -1 : (byte) random.nextInt(256);
        }
        codec.read(changed);
        codec.read(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
    }

    @Test
    void anEnormousCountTakesNoMemory() {
        for (String hex : List.of(
                "01" + "00" + "FFFFFFFF07", // frames
                "01" + "00" + "FFFFFFFF0F", // -1 as an int
                "02" + "00" + "01" + "FFFFFFFF07", // segments
                "02" + "00" + "01" + "FFFFFFFFFFFFFFFFFF01")) {
            assertThrows(
                    StorageException.Corrupt.class,
                    () -> IndexFormat.blob(HexFormat.of().parseHex(hex)),
                    hex);
        }
        byte[] parts = HexFormat.of().parseHex("FFFFFFFF07");
        assertThrows(StorageException.Corrupt.class, () -> IndexFormat.parts(parts));
    }

    // The sample

    private static Map<String, byte[]> samples() {
        Map<String, byte[]> samples = new LinkedHashMap<>();
        Instant time = Instant.parse("2026-11-24T00:00:00.123Z");
        TreeMap<String, String> map = new TreeMap<>(Map.of("name", "välue", "z", ""));
        for (Versioning versioning : Versioning.values()) {
            Bucket bucket = new Bucket(
                    new BucketName("bucket"), 300, "owner", "eu-north-1", time, versioning, new Tags(map), map);
            samples.put("bucket-" + versioning, IndexFormat.encode(bucket));
        }
        ETag md5 = new ETag("5d41402abc4b2a76b9719d911017c592");
        ETag ofParts = new ETag("5d41402abc4b2a76b9719d911017c592-12");
        ExtentRef frame = new ExtentRef(7, 4096, 5000, 0x12345678);
        for (StorageClass storageClass : StorageClass.values()) {
            StoredVersion version = new StoredVersion(
                    1,
                    2,
                    false,
                    false,
                    5000,
                    md5,
                    time,
                    new ObjectAttributes(new ObjectMetadata(map, map), new Tags(map), storageClass, "owner"),
                    Optional.empty(),
                    0,
                    new Body.Inline(frame));
            samples.put("version-" + storageClass, IndexFormat.encode(version));
        }
        StoredVersion marker = new StoredVersion(
                1,
                0,
                true,
                true,
                0,
                new ETag(""),
                time,
                ObjectAttributes.DEFAULT,
                Optional.empty(),
                0,
                new Body.Empty());
        samples.put("version-marker", IndexFormat.encode(marker));
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            byte[] digest = new byte[algorithm.bytes()];
            Arrays.fill(digest, (byte) 0xA5);
            Checksum whole = Checksum.fullObject(algorithm, digest);
            Checksum composite = new Checksum(algorithm, ChecksumType.COMPOSITE, whole.base64(), 12);
            StoredPart part = new StoredPart(md5, 5 << 20, time, Optional.of(whole), 99);
            samples.put("part-" + algorithm, IndexFormat.encode(part));
            StoredVersion version = new StoredVersion(
                    1,
                    2,
                    false,
                    false,
                    60L << 20,
                    ofParts,
                    time,
                    ObjectAttributes.DEFAULT,
                    Optional.of(composite),
                    12,
                    new Body.InBlob(-2));
            samples.put("version-" + algorithm, IndexFormat.encode(version));
        }
        for (ChecksumType type : ChecksumType.values()) {
            StoredUpload upload = new StoredUpload(
                    new UploadId(3, -4),
                    ObjectAttributes.DEFAULT,
                    time,
                    Optional.of(ChecksumAlgorithm.CRC32C),
                    Optional.of(type));
            samples.put("upload-" + type, IndexFormat.encode(upload));
        }
        samples.put("blob-frames", IndexFormat.encode(new Blob.Frames(5000, List.of(frame))));
        samples.put(
                "blob-segments",
                IndexFormat.encode(new Blob.Segments(1L << 40, 2, List.of(new Blob.Segment(300, 70_000, 1L << 40)))));
        samples.put(
                "parts",
                IndexFormat.encodeParts(
                        List.of(new StoredPart(ofParts, 300, time, Optional.empty(), 1).describe(10_000))));
        return samples;
    }

    /** The resource is what version 1 wrote. If this fails the form has changed: raise {@link StoreFormat#VERSION} and read both. */
    @Test
    void versionOneIsWrittenAndReadAsEver() throws IOException {
        StringBuilder written = new StringBuilder();
        samples()
                .forEach((name, bytes) -> written.append(name)
                        .append(' ')
                        .append(HexFormat.of().formatHex(bytes))
                        .append('\n'));
        String golden;
        try (InputStream in = Objects.requireNonNull(IndexFormatTest.class.getResourceAsStream(GOLDEN))) {
            golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertEquals(golden, written.toString());
        for (String line : golden.lines().toList()) {
            String name = line.substring(0, line.indexOf(' '));
            byte[] bytes = HexFormat.of().parseHex(line.substring(line.indexOf(' ') + 1));
            Codec<?> codec = ALL.stream()
                    .filter(each -> (name + "-").startsWith(each.name() + "-"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(HexFormat.of().formatHex(bytes), again(codec, bytes), name);
        }
    }

    private static <T> String again(Codec<T> codec, byte[] bytes) {
        return HexFormat.of().formatHex(codec.encode().apply(codec.decode().apply(bytes)));
    }
}
