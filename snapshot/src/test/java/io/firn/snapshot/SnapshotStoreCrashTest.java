package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A power failure at every sync of the disk under the object store, through create, save, complete, delete, reclaim, compaction and
 * archive. The simulated disk and not a seam above it, so that what the object store promises is part of what is tested.
 */
final class SnapshotStoreCrashTest {
    private static final VirtualClock CLOCK = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private static final int CHUNKS = 12;

    /** What was acknowledged: values by chunk of each whole snapshot, what was saved in drafts, and what may have gone. */
    private static final class History {
        final Map<SnapshotId, TreeMap<Integer, Integer>> whole = new TreeMap<>();
        final Map<SnapshotId, TreeMap<Integer, Integer>> saved = new TreeMap<>();
        final Set<SnapshotId> maybeGone = new HashSet<>();
        final Set<SnapshotId> archiving = new HashSet<>();
    }

    @Test
    void everySyncOfALife() {
        long syncs = CrashPoints.everySync(5, 2, History::new, SnapshotStoreCrashTest::live, (found, history) -> {
            ObjectStore objects = objects(found);
            check(open(objects, 99), history);
        });
        assertTrue(syncs > 40, "the life has syncs: " + syncs);
    }

    /** The same of a store that deduplicates: contents are in several lineages, and what holds them goes first. */
    @Test
    void everySyncOfALifeWithLinks() {
        long syncs =
                CrashPoints.everySync(7, 2, History::new, SnapshotStoreCrashTest::liveWithLinks, (found, history) -> {
                    ObjectStore objects = objects(found);
                    check(openLinking(objects, 99), history);
                    SnapshotBucket bucket = PlainBucket.of(objects, SnapshotStoreOptions.DEFAULT.bucket());
                    for (String kind : List.of("dead/", "links/", "trees/", "hashes/")) {
                        assertEquals(List.of(), bucket.list(kind), "everything deleted leaves nothing");
                    }
                });
        assertTrue(syncs > 100, "the life has syncs: " + syncs);
    }

    private static SnapshotStore openLinking(ObjectStore objects, long seed) {
        SnapshotStoreOptions options =
                SnapshotStoreOptions.DEFAULT.withPackBytes(2 * Chunk.BYTES).withDeduplication();
        return SnapshotStore.open(objects, CLOCK, Randomness.seeded(seed), options);
    }

    private static void liveWithLinks(SimDisk disk, History history) {
        SnapshotStore store = openLinking(objects(disk), 2);
        SnapshotId first = draft(store, history, Optional.empty(), 1, 12);
        store.step();
        SnapshotId second = draft(store, history, Optional.empty(), 1, 10);
        SnapshotDraft failed =
                store.begin(SnapshotSpec.of((long) CHUNKS * Chunk.BYTES)).orElseThrow();
        failed.put(3, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(1)));
        failed.save();
        SnapshotId third = draft(store, history, Optional.of(second), 4, 3);
        delete(store, history, first);
        store.step();
        failed.fail("given up").orElseThrow();
        store.step();
        SnapshotId fourth = draft(store, history, Optional.empty(), 6, 6);
        assertTrue(store.figures().chunksLinked() >= 10 + 1 + 3 + 3, "links: " + store.figures());
        delete(store, history, second);
        store.step();
        delete(store, history, fourth);
        store.step();
        delete(store, history, third);
        store.delete(failed.id()).orElseThrow();
        store.step();
    }

    /** Values of the block as it was put: acknowledged ones, and at last perhaps one that was not. */
    private static final class BlockHistory {
        Optional<SnapshotId> id = Optional.empty();
        int acknowledged;
        int tried;
        boolean isCompleting;
    }

    @Test
    void blocksAreWholeAtEverySync() {
        long syncs =
                CrashPoints.everySync(6, 4, BlockHistory::new, SnapshotStoreCrashTest::putBlocks, (found, history) -> {
                    SnapshotStore store = open(objects(found), 99);
                    if (history.id.isEmpty()) {
                        return;
                    }
                    SnapshotId id = history.id.get();
                    if (store.snapshot(id).isEmpty()) {
                        SnapshotDraft draft = store.draft(id).orElseThrow();
                        assertTrue(
                                draft.nextPutBlock(0).isPresent() || history.acknowledged == 0,
                                "an acknowledged block is lost");
                        ByteBuffer read = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
                        draft.readBlock(0, read);
                        checkBlock(history, read.array());
                        draft.complete().orElseThrow();
                    } else {
                        assertTrue(history.isCompleting);
                    }
                    ByteBuffer read = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
                    store.snapshot(id).orElseThrow().readBlock(0, read);
                    checkBlock(history, read.array());
                });
        assertTrue(syncs > 10, "the puts have syncs: " + syncs);
    }

    private static void putBlocks(SimDisk disk, BlockHistory history) {
        SnapshotStore store = open(objects(disk), 2);
        SnapshotDraft draft =
                store.begin(SnapshotSpec.of((long) CHUNKS * Chunk.BYTES)).orElseThrow();
        history.id = Optional.of(draft.id());
        for (int value = 1; value <= 6; value++) {
            history.tried = value;
            // Three others before, so that packs end at all places of the block.
            for (int chunk = 8; chunk < 8 + value % 4; chunk++) {
                draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(value)));
            }
            draft.putBlock(0, ByteBuffer.wrap(block(value)));
            draft.save();
            history.acknowledged = value;
        }
        history.isCompleting = true;
        draft.complete().orElseThrow();
    }

    /** All chunks of a block bear its value; every second is zeros for an even one. */
    private static byte[] block(int value) {
        byte[] block = new byte[Chunk.BLOCK_BYTES];
        for (int chunk = 0; value > 0 && chunk < Chunk.PER_BLOCK; chunk++) {
            if (value % 2 == 1 || chunk % 2 == 1) {
                System.arraycopy(SnapshotStoreModelTest.bytes(value), 0, block, chunk * Chunk.BYTES, Chunk.BYTES);
            }
        }
        return block;
    }

    private static void checkBlock(BlockHistory history, byte[] found) {
        boolean isAcknowledged = Arrays.equals(block(history.acknowledged), found);
        assertTrue(isAcknowledged || Arrays.equals(block(history.tried), found), "a mix of two puts, or an older one");
    }

    private static ObjectStore objects(SimDisk disk) {
        return ObjectStore.openInMemory(
                List.of(disk), CLOCK, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
    }

    private static SnapshotStore open(ObjectStore objects, long seed) {
        return SnapshotStore.open(
                objects, CLOCK, Randomness.seeded(seed), SnapshotStoreOptions.DEFAULT.withPackBytes(4 * Chunk.BYTES));
    }

    private static void live(SimDisk disk, History history) {
        SnapshotStore store = open(objects(disk), 2);
        SnapshotId first = draft(store, history, Optional.empty(), 1, 12);
        SnapshotId second = draft(store, history, Optional.of(first), 100, 7);
        SnapshotId third = draft(store, history, Optional.of(second), 200, 5);
        SnapshotId other = draft(store, history, Optional.of(first), 300, 1);
        delete(store, history, first);
        store.step();
        history.archiving.add(second);
        store.archive(second).orElseThrow();
        store.restoreFromArchive(second, Optional.empty()).orElseThrow();
        history.archiving.remove(second);
        store.step();
        delete(store, history, third);
        delete(store, history, other);
        store.step();
    }

    private static SnapshotId draft(
            SnapshotStore store, History history, Optional<SnapshotId> parent, int value, int count) {
        SnapshotDraft draft = store.begin(
                        SnapshotSpec.of((long) CHUNKS * Chunk.BYTES).withParent(parent))
                .orElseThrow();
        TreeMap<Integer, Integer> content =
                new TreeMap<>(parent.map(history.whole::get).orElseGet(TreeMap::new));
        TreeMap<Integer, Integer> saved = new TreeMap<>();
        for (int chunk = 0; chunk < count; chunk++) {
            draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(value + chunk)));
            content.put(chunk, value + chunk);
            saved.put(chunk, value + chunk);
            if (chunk % 4 == 0) {
                draft.save();
                history.saved.put(draft.id(), new TreeMap<>(saved));
            }
        }
        draft.complete().orElseThrow();
        history.whole.put(draft.id(), content);
        return draft.id();
    }

    private static void delete(SnapshotStore store, History history, SnapshotId id) {
        history.maybeGone.add(id);
        store.delete(id).orElseThrow();
        history.whole.remove(id);
    }

    private static void check(SnapshotStore store, History history) {
        history.whole.forEach((id, content) -> {
            Optional<Snapshot> found = store.snapshot(id);
            assertTrue(found.isPresent() || history.maybeGone.contains(id), "an acknowledged snapshot is gone: " + id);
            found.ifPresent(snapshot -> checkShown(store, history, snapshot, content));
        });
        for (SnapshotInfo info : store.infos()) {
            boolean isDeleted = history.maybeGone.contains(info.id()) && !history.whole.containsKey(info.id());
            assertTrue(!isDeleted, "an acknowledged delete is undone: " + info.id());
        }
        for (SnapshotDraft draft : store.drafts()) {
            history.saved
                    .getOrDefault(draft.id(), new TreeMap<>())
                    .forEach((chunk, value) -> assertTrue(draft.isPut(chunk), "saved chunk " + chunk + " is lost"));
            Snapshot completed = draft.complete().orElseThrow();
            history.saved
                    .getOrDefault(draft.id(), new TreeMap<>())
                    .forEach((chunk, value) ->
                            assertArrayEquals(SnapshotStoreModelTest.bytes(value), chunk(completed, chunk)));
        }
        store.step();
        SpaceCheck.check(store);
        for (SnapshotInfo info : store.infos()) {
            if (info.state() != SnapshotState.ERROR) {
                SnapshotVerification report =
                        store.verify(info.id(), VerifyDepth.FULL).orElseThrow();
                assertEquals(List.of(), report.problems());
            }
        }
        while (!store.infos().isEmpty()) {
            store.delete(store.infos().getFirst().id()).orElseThrow();
        }
        store.step();
        assertEquals(List.of(), store.engine().packs().all(), "everything deleted leaves no pack");
    }

    private static void checkShown(
            SnapshotStore store, History history, Snapshot snapshot, Map<Integer, Integer> content) {
        if (snapshot.info().tier() == SnapshotTier.ARCHIVE) {
            assertTrue(history.archiving.contains(snapshot.id()));
            store.restoreFromArchive(snapshot.id(), Optional.empty()).orElseThrow();
        }
        content.forEach(
                (chunk, value) -> assertArrayEquals(SnapshotStoreModelTest.bytes(value), chunk(snapshot, chunk)));
    }

    private static byte[] chunk(Snapshot snapshot, int index) {
        ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
        snapshot.readChunk(index, read);
        return read.array();
    }
}
