package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.MasterKey;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class SnapshotDeduplicationTest {
    private static final int CHUNKS = 24;
    private static final SnapshotSpec SPEC = SnapshotSpec.of(100L * Chunk.BYTES);
    private static final SnapshotStoreOptions OFF = SnapshotStoreOptions.DEFAULT
            .withPackBytes(8 * Chunk.BYTES)
            .withMasterKey(new MasterKey(new byte[MasterKey.BYTES]));
    private static final SnapshotStoreOptions ON = OFF.withDeduplication();
    private static final List<List<Integer>> ORDERS = List.of(
            List.of(0, 1, 2), List.of(0, 2, 1), List.of(1, 0, 2), List.of(1, 2, 0), List.of(2, 0, 1), List.of(2, 1, 0));

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final ObjectStore objects = ObjectStore.openInMemory(
            List.of(new SimDisk(1)), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
    private final SnapshotBucket bucket = PlainBucket.of(objects, ON.bucket());
    private long openings;
    private SnapshotStore store = open(ON);

    private SnapshotStore open(SnapshotStoreOptions options) {
        return SnapshotStore.open(objects, clock, Randomness.seeded(++openings), options);
    }

    private void reopen(SnapshotStoreOptions options) {
        store.close();
        store = open(options);
    }

    private static ByteBuffer chunk(int value) {
        return ByteBuffer.wrap(SnapshotStoreModelTest.bytes(value));
    }

    /** Chunks from 0 on, with the contents {@code value} and after. */
    private SnapshotDraft draft(SnapshotSpec spec, int value, int count) {
        SnapshotDraft draft = store.begin(spec).orElseThrow();
        for (int index = 0; index < count; index++) {
            draft.put(index, chunk(value + index));
        }
        return draft;
    }

    private SnapshotId whole(SnapshotSpec spec, int value, int count) {
        return draft(spec, value, count).complete().orElseThrow().id();
    }

    private void assertShows(SnapshotId id, int value, int count) {
        for (int index = 0; index < count; index++) {
            ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
            store.snapshot(id).orElseThrow().readChunk(index, read);
            assertArrayEquals(SnapshotStoreModelTest.bytes(value + index), read.array(), "chunk " + index);
        }
        assertEquals(List.of(), store.verify(id, VerifyDepth.FULL).orElseThrow().problems());
    }

    private void assertNothingIsLeft() {
        for (String kind : List.of("packs/", "dead/", "links/", "trees/", "hashes/")) {
            assertEquals(List.of(), bucket.list(kind));
        }
    }

    private long linkItems() {
        return store.engine().packs().all().stream()
                .flatMap(pack -> store.engine().packs().index(pack).orElseThrow().items().stream())
                .filter(item -> item.kind() == PackFormat.Kind.LINK)
                .count();
    }

    @Test
    void storesEqualContentOnce() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        store.step();
        long before = store.figures().packBytes();
        SnapshotId second = whole(SPEC, 1, CHUNKS);
        SnapshotFigures figures = store.figures();
        assertTrue(figures.packBytes() - before < 10_000, "written again: " + (figures.packBytes() - before));
        assertEquals(CHUNKS, figures.chunksLinked());
        assertEquals(CHUNKS, figures.chunksPut());
        assertEquals(store.snapshot(first).orElseThrow().usage().storedBytes(), figures.savedBytes());
        SnapshotUsage usage = store.snapshot(second).orElseThrow().usage();
        assertEquals(CHUNKS * PackFormat.LINK_BYTES, usage.exclusiveBytes());
        assertEquals((long) CHUNKS * Chunk.BYTES, usage.fullBytes());
        store.step();
        assertShows(first, 1, CHUNKS);
        assertShows(second, 1, CHUNKS);
        assertEquals(
                CHUNKS,
                store.snapshot(second)
                        .orElseThrow()
                        .changedChunks(store.snapshot(first).orElseThrow(), 0, 1000)
                        .chunks(),
                "another lineage is another item, whatever it holds");
    }

    @Test
    void tenantsNeverShare() {
        whole(SPEC.withOwner("anne"), 1, CHUNKS);
        whole(SPEC.withOwner("bob"), 1, CHUNKS);
        whole(SPEC.withOwner("anne").encrypted(), 1, CHUNKS);
        assertEquals(0, store.figures().chunksLinked());
        whole(SPEC.withOwner("bob"), 1, CHUNKS);
        assertEquals(CHUNKS, store.figures().chunksLinked());
        Tenant anne =
                store.engine().deduplication().tenantOf(SPEC.withOwner("anne")).orElseThrow();
        Tenant bob =
                store.engine().deduplication().tenantOf(SPEC.withOwner("bob")).orElseThrow();
        byte[] bytes = SnapshotStoreModelTest.bytes(1);
        assertEquals(anne.hash(bytes), anne.hash(bytes));
        assertFalse(anne.hash(bytes).equals(bob.hash(bytes)));
    }

    @Test
    void whatIsLinkedGoesWithTheLastLink() {
        for (List<Integer> order : ORDERS) {
            List<SnapshotId> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ids.add(whole(SPEC, 1 + 4 * i, CHUNKS));
                store.step();
            }
            assertTrue(linkItems() > CHUNKS);
            List<SnapshotId> left = new ArrayList<>(ids);
            for (int which : order) {
                store.delete(ids.get(which)).orElseThrow();
                left.remove(ids.get(which));
                store.step();
                SpaceCheck.check(store);
                for (SnapshotId id : left) {
                    assertShows(id, 1 + 4 * ids.indexOf(id), CHUNKS);
                }
            }
            assertNothingIsLeft();
        }
    }

    @Test
    void findsWhatOnlyLinksHold() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotId second = whole(SPEC, 1, 3);
        store.delete(first).orElseThrow();
        store.step();
        assertTrue(store.figures().packsCompacted() > 0);
        reopen(ON);
        SnapshotId third = whole(SPEC, 1, 5);
        assertEquals(3, store.figures().chunksLinked());
        store.delete(second).orElseThrow();
        store.step();
        SpaceCheck.check(store);
        assertShows(third, 1, 5);
        store.delete(third).orElseThrow();
        store.step();
        assertNothingIsLeft();
    }

    @Test
    void keepsWhatADraftIsGoingToLinkTo() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotDraft completed = draft(SPEC, 1, CHUNKS);
        SnapshotDraft failed = draft(SPEC, 1, CHUNKS);
        assertEquals(2 * CHUNKS, store.figures().chunksLinked());
        store.delete(first).orElseThrow();
        store.step();
        assertEquals(List.of(), bucket.list("links/"), "nothing is written yet");
        SnapshotId second = completed.complete().orElseThrow().id();
        store.step();
        assertShows(second, 1, CHUNKS);
        store.delete(second).orElseThrow();
        store.step();
        assertTrue(store.engine().packs().all().size() > 0, "another draft needs it still");
        failed.fail("on purpose").orElseThrow();
        store.step();
        assertEquals(List.of(), store.engine().packs().all());
        store.delete(failed.id()).orElseThrow();
        store.step();
        assertNothingIsLeft();
    }

    @Test
    void keepsWhatASavedDraftLinksToOverARestart() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotDraft draft = draft(SPEC, 1, CHUNKS);
        draft.save();
        draft.put(CHUNKS, chunk(1)); // linked to and not saved
        reopen(ON);
        store.delete(first).orElseThrow();
        store.step();
        SnapshotDraft found = store.draft(draft.id()).orElseThrow();
        assertFalse(found.isPut(CHUNKS));
        assertEquals(CHUNKS, found.putChunks());
        SnapshotId second = found.complete().orElseThrow().id();
        store.step();
        SpaceCheck.check(store);
        assertShows(second, 1, CHUNKS);
        store.delete(second).orElseThrow();
        store.step();
        assertNothingIsLeft();
    }

    @Test
    void linksWithinADraftOnceItsPackIsDurable() {
        SnapshotDraft draft = store.begin(SPEC).orElseThrow();
        for (int index = 0; index < 3 * CHUNKS; index++) {
            draft.put(index, chunk(1 + index % CHUNKS));
        }
        draft.put(0, chunk(77)); // what it held is linked to, and nobody else's any more
        SnapshotId id = draft.complete().orElseThrow().id();
        assertTrue(
                store.figures().chunksLinked() >= CHUNKS,
                "linked " + store.figures().chunksLinked());
        store.step();
        SpaceCheck.check(store);
        for (int index = 1; index < 3 * CHUNKS; index++) {
            ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
            store.snapshot(id).orElseThrow().readChunk(index, read);
            assertArrayEquals(SnapshotStoreModelTest.bytes(1 + index % CHUNKS), read.array());
        }
        store.delete(id).orElseThrow();
        store.step();
        assertNothingIsLeft();
    }

    @Test
    void overwritesLinks() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotDraft draft = draft(SPEC, 1, CHUNKS);
        draft.save();
        for (int index = 0; index < CHUNKS; index++) {
            draft.put(index, chunk(500 + index));
        }
        SnapshotId second = draft.complete().orElseThrow().id();
        store.delete(first).orElseThrow();
        store.step();
        SpaceCheck.check(store);
        assertEquals(List.of(), bucket.list("links/"), "dead links protect nothing");
        assertShows(second, 500, CHUNKS);
    }

    @Test
    void livesOnWhenItIsTurnedOff() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotId second = whole(SPEC, 1, CHUNKS);
        store.step();
        reopen(OFF);
        SnapshotId third = whole(SPEC, 1, CHUNKS);
        assertEquals(0, store.figures().chunksLinked());
        store.delete(first).orElseThrow();
        store.step();
        SpaceCheck.check(store);
        assertShows(second, 1, CHUNKS);
        assertShows(third, 1, CHUNKS);
        store.delete(second).orElseThrow();
        store.delete(third).orElseThrow();
        store.step();
        assertEquals(List.of(), store.engine().packs().all());
        reopen(ON);
        store.step();
        assertNothingIsLeft();
    }

    @Test
    void theArchiveStandsAlone() {
        SnapshotId first = whole(SPEC, 1, CHUNKS);
        SnapshotId second = whole(SPEC, 1, CHUNKS);
        store.archive(second).orElseThrow();
        store.step();
        assertEquals(0, linkItems());
        store.delete(first).orElseThrow();
        store.step();
        store.restoreFromArchive(second, Optional.empty()).orElseThrow();
        assertShows(second, 1, CHUNKS);
        whole(SPEC, 1, CHUNKS);
        assertEquals(CHUNKS, store.figures().chunksLinked(), "nothing links into the archive");
    }

    @Test
    void zerosAndWhatIsSmallAreNotLinked() {
        for (int time = 0; time < 2; time++) {
            SnapshotDraft draft = store.begin(SPEC).orElseThrow();
            draft.put(0, ByteBuffer.allocate(Chunk.BYTES));
            draft.put(1, ByteBuffer.allocate(Chunk.BYTES).put(7, (byte) 1));
            draft.complete().orElseThrow();
            store.step();
        }
        assertEquals(0, store.figures().chunksLinked());
        assertEquals(List.of(), bucket.list("hashes/"));
    }

    @Test
    void mergesRuns() {
        int drafts = 80;
        for (int i = 0; i < drafts; i++) {
            whole(SPEC, 1000 + i, 1);
            store.step();
        }
        int runs = bucket.list("hashes/").size();
        assertTrue(runs <= 12, "runs: " + runs);
        reopen(ON);
        SnapshotId all = whole(SPEC, 1000, drafts);
        assertEquals(drafts, store.figures().chunksLinked());
        assertShows(all, 1000, drafts);
    }

    @Test
    void savesOfASingleChunkEachAreFoundToo() {
        SnapshotDraft draft = store.begin(SPEC).orElseThrow();
        for (int index = 0; index < CHUNKS; index++) {
            draft.put(index, chunk(1 + index));
            draft.save();
        }
        SnapshotId first = draft.complete().orElseThrow().id();
        store.step();
        SnapshotDraft again = store.begin(SPEC).orElseThrow();
        for (int index = 0; index < CHUNKS; index++) {
            again.put(index, chunk(1 + index));
            again.save();
        }
        SnapshotId second = again.complete().orElseThrow().id();
        assertEquals(CHUNKS, store.figures().chunksLinked());
        store.step();
        SpaceCheck.check(store);
        store.delete(first).orElseThrow();
        store.step();
        SpaceCheck.check(store);
        assertShows(second, 1, CHUNKS);
    }

    /** Drafts of few contents come and go at once, while what they link to dies and packs are rewritten under them. */
    @Test
    void linksBesideACompactorThatRuns() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        Queue<SnapshotId> left = new ConcurrentLinkedQueue<>();
        for (int number = 0; number < 3; number++) {
            RandomGenerator random = Randomness.seeded(number);
            threads.add(Threads.start("putter-" + number, () -> {
                try {
                    for (int round = 0; round < 40; round++) {
                        int value = 1 + random.nextInt(30);
                        SnapshotId id = whole(SPEC, value, 12);
                        assertShows(id, value, 12);
                        if (random.nextInt(4) > 0) {
                            store.delete(id).orElseThrow();
                        } else {
                            left.add(id);
                        }
                        if (left.size() > 3) {
                            store.delete(left.remove()).orElseThrow();
                        }
                    }
                } catch (RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        while (threads.stream().anyMatch(Thread::isAlive)) {
            store.step();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        assertTrue(store.figures().chunksLinked() > 100, store.figures().toString());
        assertTrue(store.figures().packsCompacted() > 0, store.figures().toString());
        store.step();
        SpaceCheck.check(store);
        left.forEach(id -> assertEquals(
                List.of(), store.verify(id, VerifyDepth.FULL).orElseThrow().problems()));
        left.forEach(id -> store.delete(id).orElseThrow());
        store.step();
        assertNothingIsLeft();
    }

    /** Hash, CRC32C and place say that B is where A is. */
    @Test
    void aFalseHitMakesNoLink() {
        SnapshotId first = whole(SPEC, 1, 1);
        store.step();
        byte[] other = SnapshotStoreModelTest.bytes(2);
        Tenant tenant = store.engine().deduplication().tenantOf(SPEC).orElseThrow();
        String key = bucket.list("hashes/").getFirst();
        byte[] run = bucket.get(key).orElseThrow().bytes();
        HashEntry of = HashRunFormat.entry(run, HashRunFormat.HEADER_BYTES);
        int crc = io.firn.io.Crc32c.of(other);
        HashEntry forged = new HashEntry(tenant.hash(other), of.place(), crc);
        bucket.put(key, HashRunFormat.encode(List.of(forged).iterator(), 1));
        reopen(ON);
        SnapshotId second = whole(SPEC, 2, 1);
        assertEquals(0, store.figures().chunksLinked());
        assertShows(first, 1, 1);
        assertShows(second, 2, 1);
    }

    /** One bit turned in a run, a link record, the secret or a pack with links: detected, or without harm. */
    @Test
    void damageCostsDeduplicationOrIsDetected() {
        RandomGenerator random = Randomness.seeded(4);
        List<String> kinds = List.of("hashes/", "hashes-secret", "links/", "packs/");
        for (int i = 0; i < 120; i++) {
            String kind = kinds.get(i % kinds.size());
            SnapshotDeduplicationTest run = new SnapshotDeduplicationTest();
            SnapshotId first = run.whole(SPEC, 1, CHUNKS);
            run.store.step();
            SnapshotId second = run.whole(SPEC, 1, CHUNKS);
            run.store.step();
            List<String> keys = run.bucket.list(kind);
            String key = keys.get(random.nextInt(keys.size()));
            byte[] rotten = run.bucket.get(key).orElseThrow().bytes();
            int tail = Math.min(rotten.length, 600);
            int at = rotten.length - 1 - random.nextInt(i % 8 < 4 ? tail : rotten.length);
            rotten[at] ^= (byte) (1 << random.nextInt(8));
            run.bucket.put(key, rotten);
            run.reopen(ON);
            if (kind.equals("packs/")) {
                run.assertNeverWrong(first);
                run.assertNeverWrong(second);
                continue;
            }
            SnapshotId third = run.whole(SPEC, 1, CHUNKS);
            run.store.delete(first).orElseThrow();
            run.store.step();
            run.assertShows(second, 1, CHUNKS);
            run.assertShows(third, 1, CHUNKS);
            run.store.delete(second).orElseThrow();
            run.store.step();
            run.assertShows(third, 1, CHUNKS);
            run.store.delete(third).orElseThrow();
            run.store.step();
            run.assertNothingIsLeft();
        }
    }

    private void assertNeverWrong(SnapshotId id) {
        for (int index = 0; index < CHUNKS; index++) {
            ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
            boolean isRead = false;
            try {
                store.snapshot(id).orElseThrow().readChunk(index, read);
                isRead = true;
            } catch (StorageException.Corrupt | StorageException.Fenced detected) {
                assertFalse(store.verify(id, VerifyDepth.FULL).orElseThrow().isSound());
            }
            if (isRead) {
                assertArrayEquals(SnapshotStoreModelTest.bytes(1 + index), read.array());
            }
        }
    }
}
