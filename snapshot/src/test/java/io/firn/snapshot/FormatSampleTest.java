package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Crc32c;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.StorageClass;
import io.firn.testkit.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The objects of a bucket as a released format version left them, and what they have to show for ever. A sample is never changed: a new
 * version gets a new one, which {@link #main} prints. How the object store keeps its objects is no part of it.
 */
final class FormatSampleTest {
    private static final BucketName BUCKET = new BucketName("snapshots");
    private static final BucketName ORDERS = new BucketName("orders");
    private static final String VOLUME = "volume 00000000000000aa 3 7 root lineage since 3 5";
    private static final SnapshotStoreOptions OPTIONS =
            SnapshotStoreOptions.DEFAULT.withBucket(BUCKET.text()).withPackBytes(Chunk.BYTES);
    private static final int LINE_BYTES = 64;
    private static final int GAP_BYTES = 16;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final ObjectStore objects = ObjectStore.openInMemory(
            List.of(new SimDisk(1)), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));

    private SnapshotStore open() {
        return open(OPTIONS);
    }

    private SnapshotStore open(SnapshotStoreOptions options) {
        return SnapshotStore.open(objects, clock, Randomness.seeded(2), options);
    }

    /** Every kind of record, page and item, a compacted pack, and a set of dead ones; no chunk that does not compress, for its length. */
    private void fill(SnapshotStore store) {
        FirstTouches.open(objects, ORDERS).save("lineage", List.of(5, 3, 1000));
        SnapshotSpec spec = SnapshotSpec.of(200_000L * Chunk.BYTES).withLineage(VOLUME);
        TreeMap<String, String> tags = new TreeMap<>(java.util.Map.of("day", "monday", "host", "a"));
        SnapshotDraft one = store.begin(spec.withTags(tags)
                        .withDescription("first of all")
                        .withVolume("disk")
                        .withOwner("111122223333")
                        .withTimeout(Duration.ofMinutes(90))
                        .withClientToken("token"))
                .orElseThrow();
        for (int chunk : new int[] {0, 1, 1023, 1024, 199_999}) {
            one.put(chunk, chunk("first", chunk));
        }
        one.zero(10, 5);
        one.put(12, chunk("over zeros", 12));
        one.save();
        SnapshotId first = one.complete().orElseThrow().id();
        store.setSetting(first, "door", Optional.of("kept")).orElseThrow();
        store.lock(first, SnapshotLock.Request.compliance(30, Optional.of(5))).orElseThrow();
        clock.advance(Duration.ofSeconds(61));
        SnapshotDraft two =
                store.begin(spec.withParent(first).withOwner("111122223333")).orElseThrow();
        for (int chunk = 100; chunk < 140; chunk++) {
            two.put(chunk, chunk("second", chunk));
        }
        two.absent(0, 1);
        SnapshotId second = two.complete().orElseThrow().id();
        SnapshotDraft three =
                store.begin(spec.withParent(second).withOwner("111122223333")).orElseThrow();
        for (int chunk = 104; chunk < 140; chunk++) {
            three.put(chunk, chunk("third", chunk));
        }
        SnapshotId third = three.complete().orElseThrow().id();
        store.delete(second).orElseThrow();
        store.step(); // most of its pack goes: it is compacted
        SnapshotDraft four =
                store.begin(spec.withParent(third).withOwner("111122223333")).orElseThrow();
        four.put(105, chunk("fourth", 105));
        SnapshotId fourth = four.complete().orElseThrow().id();
        store.delete(third).orElseThrow();
        store.step(); // little of its pack goes: it is noted as dead
        store.copy(fourth, spec.withOwner("111122223333").withDescription("copy"))
                .orElseThrow();
        store.putRule(new RetentionRule("rule-1", "111122223333", "a rule", tags, 7))
                .orElseThrow();
        SnapshotId recycled = store.copy(first, spec.withOwner("111122223333").withTags(tags))
                .orElseThrow()
                .id();
        store.delete(recycled).orElseThrow();
        SnapshotId archived =
                store.copy(first, spec.withOwner("111122223333")).orElseThrow().id();
        store.archive(archived).orElseThrow();
        store.restoreFromArchive(archived, Optional.of(3)).orElseThrow();
        store.begin(spec).orElseThrow().fail("on purpose");
        SnapshotDraft pending =
                store.begin(spec.withParent(fourth).withOwner("111122223333")).orElseThrow();
        pending.put(7, chunk("pending", 7));
        pending.zero(2000, 3000);
        pending.save();
    }

    /** What version 2 has beside: links in packs, leaves and a draft, records of them, something dead that is linked to, and runs. */
    private void fillWithLinks(SnapshotStore store) {
        SnapshotSpec spec = SnapshotSpec.of(200_000L * Chunk.BYTES).withOwner("111122223333");
        SnapshotDraft one = store.begin(spec).orElseThrow();
        for (int chunk = 0; chunk < 6; chunk++) {
            one.put(chunk, linkable(chunk));
        }
        SnapshotId first = one.complete().orElseThrow().id();
        store.step();
        SnapshotDraft two = store.begin(spec).orElseThrow();
        two.put(1022, linkable(0));
        two.put(1023, chunk("small", 1023));
        two.put(1024, linkable(1));
        SnapshotId second = two.complete().orElseThrow().id();
        store.delete(first).orElseThrow();
        store.step();
        SnapshotDraft three = store.begin(spec.withParent(second)).orElseThrow();
        three.put(5000, linkable(1));
        three.put(5001, linkable(7));
        three.complete().orElseThrow();
        store.step();
        SnapshotDraft pending = store.begin(spec.withParent(second)).orElseThrow();
        pending.put(7, linkable(7));
        pending.put(8, linkable(8));
        pending.save();
    }

    /** Enough that does not compress to be linked to. */
    private static ByteBuffer linkable(int seed) {
        byte[] few = new byte[4200];
        Randomness.seeded(seed).nextBytes(few);
        return ByteBuffer.allocate(Chunk.BYTES).put(0, few);
    }

    private static ByteBuffer chunk(String text, int index) {
        ByteBuffer bytes = ByteBuffer.allocate(Chunk.BYTES);
        return bytes.put(100, (text + " " + index).getBytes(StandardCharsets.US_ASCII));
    }

    private static List<String> shown(SnapshotStore store, FirstTouches orders) {
        List<String> lines = new ArrayList<>();
        for (SnapshotInfo info : store.infos()) {
            lines.add(info.toString());
            store.snapshot(info.id()).ifPresent(snapshot -> {
                lines.add(info.id() + " holds "
                        + snapshot.writtenChunks(0, 100_000).runs());
                lines.add(info.id() + " reads " + content(snapshot) + " costs " + snapshot.usage());
            });
        }
        for (SnapshotDraft draft : store.drafts()) {
            lines.add(draft.id() + " put " + draft.putChunks() + " over "
                    + draft.parentChunks(0, 100_000).runs() + " 7 " + draft.isPut(7) + " next "
                    + draft.nextNotPut(2000));
        }
        store.rules().forEach(rule -> lines.add(rule.toString()));
        lines.add("order " + orders.load("lineage"));
        return lines;
    }

    private static String content(Snapshot snapshot) {
        Crc32c crc = new Crc32c();
        for (ChunkRun run : snapshot.writtenChunks(0, 100_000).runs()) {
            for (int chunk = run.first(); chunk < run.end(); chunk++) {
                ByteBuffer bytes = ByteBuffer.allocate(Chunk.BYTES);
                snapshot.readChunk(chunk, bytes);
                crc.update(bytes.array(), 0, Chunk.BYTES);
            }
        }
        return HexFormat.of().toHexDigits(crc.value());
    }

    /** Puts the objects of a sample into the buckets; returns what they have to show. */
    private List<String> load(String resource) throws IOException {
        List<String> lines;
        try (InputStream in = Objects.requireNonNull(FormatSampleTest.class.getResourceAsStream(resource))) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
        List<String> shown = new ArrayList<>();
        String[] head = new String[0];
        byte[] bytes = new byte[0];
        for (String line : lines) {
            if (line.startsWith("object ")) {
                put(head, bytes);
                head = line.split(" ", -1);
                bytes = new byte[Integer.parseInt(head[5])];
            } else if (line.startsWith("shows ")) {
                shown.add(line.substring(6));
            } else {
                int colon = line.indexOf(':');
                byte[] piece = HexFormat.of().parseHex(line.substring(colon + 2));
                System.arraycopy(piece, 0, bytes, HexFormat.fromHexDigits(line, 0, colon), piece.length);
            }
        }
        put(head, bytes);
        return shown;
    }

    private void put(String[] head, byte[] bytes) {
        if (head.length > 0) {
            PackForm form = new PackForm(Integer.parseInt(head[3]), StorageClass.valueOf(head[4]), false);
            PlainBucket.of(objects, new BucketName(head[1])).put(head[2], PackBytes.of(bytes), form);
        }
    }

    /** All that can be read is as its checksums say. */
    private static void assertSound(SnapshotStore store) {
        for (SnapshotInfo info : store.infos()) {
            if (store.snapshot(info.id()).isPresent()) {
                assertEquals(
                        List.of(),
                        store.verify(info.id(), VerifyDepth.FULL).orElseThrow().problems());
            }
        }
    }

    @Test
    void readsVersion1() throws IOException {
        List<String> expected = load("snapshots-v1.txt");
        assertTrue(expected.size() > 10);
        try (SnapshotStore store = open()) {
            assertEquals(expected, shown(store, FirstTouches.open(objects, ORDERS)));
            assertSound(store);
            // It is lived in, not only looked at.
            store.drafts().getFirst().complete().orElseThrow();
            store.step();
            SpaceCheck.check(store);
            clock.advance(Duration.ofDays(400));
            for (SnapshotInfo info : store.infos()) {
                store.deleteRule("rule-1");
                store.delete(info.id()).orElseThrow();
            }
            store.step();
            assertEquals(List.of(), store.engine().packs().all());
        }
    }

    /** By a store that makes no links any more. */
    @Test
    void readsVersion2() throws IOException {
        List<String> expected = load("snapshots-v2.txt");
        assertTrue(expected.size() > 5);
        try (SnapshotStore store = open()) {
            assertEquals(expected, shown(store, FirstTouches.open(objects, ORDERS)));
            assertSound(store);
            store.drafts().getFirst().complete().orElseThrow();
            store.step();
            SpaceCheck.check(store);
            for (SnapshotInfo info : store.infos()) {
                store.delete(info.id()).orElseThrow();
            }
            store.step();
            assertEquals(List.of(), store.engine().packs().all());
            assertEquals(List.of(), PlainBucket.of(objects, BUCKET).list("links/"));
        }
    }

    @Test
    void makesWhatTheSampleOfVersion2Shows() throws IOException {
        SnapshotStore store = open(OPTIONS.withDeduplication());
        fillWithLinks(store);
        store.close();
        FormatSampleTest sample = new FormatSampleTest();
        assertEquals(
                sample.load("snapshots-v2.txt"),
                shown(open(OPTIONS.withDeduplication()), FirstTouches.open(objects, ORDERS)));
        assertEquals(sample.objects(), objects());
    }

    @Test
    void refusesANewerVersionByName() throws IOException {
        load("snapshots-v1.txt");
        SnapshotBucket bucket = PlainBucket.of(objects, BUCKET);
        String key = bucket.list("rules/").getFirst();
        byte[] newer = bucket.get(key).orElseThrow().bytes();
        ByteBuffer.wrap(newer).putInt(8, 2);
        ByteBuffer.wrap(newer).putInt(newer.length - 4, Crc32c.of(newer, 0, newer.length - 4));
        bucket.put(key, newer);
        StorageException.Fenced refused = assertThrows(StorageException.Fenced.class, this::open);
        assertTrue(String.valueOf(refused.getMessage()).contains("newer Firn"), refused.getMessage());
    }

    /** While version 1 is the version we write, we write what the sample shows. */
    @Test
    void makesWhatTheSampleShows() throws IOException {
        SnapshotStore store = open();
        fill(store);
        store.close();
        FormatSampleTest sample = new FormatSampleTest();
        assertEquals(sample.load("snapshots-v1.txt"), shown(open(), FirstTouches.open(objects, ORDERS)));
        assertEquals(sample.objects(), objects());
    }

    /** All objects, as lines of a sample. */
    private List<String> objects() {
        List<String> lines = new ArrayList<>();
        for (BucketName name : List.of(BUCKET, ORDERS)) {
            SnapshotBucket bucket = PlainBucket.of(objects, name);
            for (String key : bucket.list("")) {
                SnapshotBucket.Stored stored = bucket.get(key).orElseThrow();
                lines.add("object " + name.text() + " " + key + " "
                        + stored.form().generation() + " " + stored.form().storageClass() + " "
                        + stored.bytes().length);
                addHex(lines, stored.bytes());
            }
        }
        return lines;
    }

    /** Prints a sample of the present version, {@code without-links} or {@code with-links}. */
    static void main(String[] arguments) {
        FormatSampleTest sample = new FormatSampleTest();
        boolean hasLinks = arguments[0].equals("with-links");
        SnapshotStoreOptions options = hasLinks ? OPTIONS.withDeduplication() : OPTIONS;
        SnapshotStore store = sample.open(options);
        if (hasLinks) {
            sample.fillWithLinks(store);
        } else {
            sample.fill(store);
        }
        store.close();
        sample.objects().forEach(System.out::println);
        shown(sample.open(options), FirstTouches.open(sample.objects, ORDERS))
                .forEach(line -> System.out.println("shows " + line));
    }

    private static void addHex(List<String> lines, byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (bytes[at] == 0) {
                at++;
                continue;
            }
            int end = at + 1;
            for (int next = end; next < bytes.length && next < end + GAP_BYTES && next < at + LINE_BYTES; next++) {
                end = bytes[next] == 0 ? end : next + 1;
            }
            lines.add(Integer.toHexString(at) + ": " + HexFormat.of().formatHex(bytes, at, end));
            at = end;
        }
    }
}
