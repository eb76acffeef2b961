package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.Seeds;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Random drafts, deletions, copies, archives, recycling and reopening beside a model of plain numbers per chunk; after every step all
 * snapshots show what the model shows, and what the packs hold alive is exactly what a mark from all roots reaches. Every second history is
 * of a store that deduplicates, with two owners and few contents.
 */
final class SnapshotStoreModelTest {
    private static final int[] CHUNKS = {0, 1, 2, 7, 8, 1023, 1024, 5000};
    private static final long SIZE_BYTES = 5001L * Chunk.BYTES;
    private static final int STEPS = 12;
    private static final int CONTENTS = 5;

    /** What a chunk holds: a seed for its bytes, 0 for zeros; none when absent. */
    private final Map<SnapshotId, TreeMap<Integer, Integer>> model = new TreeMap<>();

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private boolean isDeduplicating;

    /** Whose each tree ever was, by its birth. */
    private final Map<Long, String> owners = new TreeMap<>();

    private ObjectStore objects;
    private SnapshotStore store;
    private long openings;

    SnapshotStoreModelTest() {
        objects = open(new SimDisk(1));
        store = reopen();
    }

    private ObjectStore open(Disk disk) {
        return ObjectStore.openInMemory(
                List.of(disk), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
    }

    private SnapshotStore reopen() {
        SnapshotStoreOptions options = SnapshotStoreOptions.DEFAULT.withPackBytes(Chunk.BYTES);
        return SnapshotStore.open(
                objects, clock, Randomness.seeded(++openings), isDeduplicating ? options.withDeduplication() : options);
    }

    @Test
    void showsWhatTheModelShows() {
        LongAdder linked = new LongAdder();
        Seeds.forEach(2_000, (seed, random) -> {
            SnapshotStoreModelTest run = new SnapshotStoreModelTest();
            if (seed % 2 == 0) {
                run.isDeduplicating = true;
                run.store = run.reopen();
            }
            for (int i = 0; i < STEPS; i++) {
                run.step(random);
                run.store.step();
                run.check(random);
            }
            run.model.forEach((id, content) -> checkShown(run.store.snapshot(id).orElseThrow(), content));
            linked.add(run.store.figures().chunksLinked());
            run.deleteAll();
        });
        boolean isReplay = System.getProperty("firn.seed") != null;
        assertTrue(isReplay || linked.sum() > 100, "links are frequent: " + linked);
    }

    private void deleteAll() {
        for (SnapshotId id : List.copyOf(model.keySet())) {
            delete(id);
        }
        store.step();
        SnapshotBucket bucket = PlainBucket.of(objects, SnapshotStoreOptions.DEFAULT.bucket());
        for (String kind : List.of("packs/", "dead/", "links/", "trees/", "hashes/")) {
            assertEquals(List.of(), bucket.list(kind), "everything deleted leaves nothing");
        }
        store.close();
    }

    private void step(RandomGenerator random) {
        List<SnapshotId> ids = new ArrayList<>(model.keySet());
        SnapshotId any = ids.isEmpty() ? new SnapshotId("snap-00000000000000000") : ids.get(random.nextInt(ids.size()));
        boolean isReadable = store.snapshot(any)
                .filter(one -> one.info().tier() == SnapshotTier.STANDARD)
                .isPresent();
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> draft(random, isReadable && random.nextInt(5) > 0, any);
            case 5, 6, 7 -> delete(any);
            case 8 -> {
                if (isReadable) {
                    SnapshotInfo copy = store.copy(
                                    any, SnapshotSpec.of(SIZE_BYTES).withOwner(ownerOf(any)))
                            .orElseThrow();
                    model.put(copy.id(), new TreeMap<>(contentOf(any)));
                }
            }
            case 9 -> {
                store.close();
                store = reopen();
            }
            case 10 -> archive(any, isReadable);
            default -> recycle(any);
        }
    }

    private void draft(RandomGenerator random, boolean hasParent, SnapshotId parent) {
        SnapshotSpec spec = SnapshotSpec.of(SIZE_BYTES)
                .withOwner(hasParent ? ownerOf(parent) : isDeduplicating && random.nextBoolean() ? "anne" : "");
        TreeMap<Integer, Integer> content = new TreeMap<>();
        if (hasParent) {
            spec = spec.withParent(parent);
            content.putAll(contentOf(parent));
        }
        SnapshotDraft draft = store.begin(spec).orElseThrow();
        owners.put(store.engine().catalogue().find(draft.id()).orElseThrow().tree(), spec.owner());
        boolean isDeletedMeanwhile = hasParent && random.nextInt(6) == 0;
        if (isDeletedMeanwhile) {
            delete(parent);
            store.step();
        }
        for (int puts = random.nextInt(6); puts > 0; puts--) {
            int chunk = CHUNKS[random.nextInt(CHUNKS.length)];
            switch (random.nextInt(6)) {
                case 0 -> {
                    draft.zero(chunk, 1);
                    content.put(chunk, 0);
                }
                case 1 -> {
                    draft.absent(chunk, 1);
                    content.remove(chunk);
                }
                default -> {
                    int value = isDeduplicating ? 1 + random.nextInt(CONTENTS) : random.nextInt();
                    draft.put(chunk, ByteBuffer.wrap(bytes(value)));
                    content.put(chunk, value);
                }
            }
            assertTrue(draft.isPut(chunk));
            if (random.nextInt(8) == 0) {
                draft.save();
                store.close();
                store = reopen();
                draft = store.draft(draft.id()).orElseThrow();
                assertTrue(draft.isPut(chunk));
            }
        }
        if (random.nextInt(6) == 0) {
            draft.save();
            draft.fail("given up").orElseThrow();
            store.delete(draft.id()).orElseThrow();
        } else {
            draft.complete().orElseThrow();
            model.put(draft.id(), content);
        }
    }

    private String ownerOf(SnapshotId id) {
        return store.info(id).orElseThrow().spec().owner();
    }

    private Map<Integer, Integer> contentOf(SnapshotId id) {
        return Objects.requireNonNull(model.get(id));
    }

    private void delete(SnapshotId id) {
        if (model.remove(id) != null) {
            store.delete(id).orElseThrow();
        }
    }

    private void archive(SnapshotId id, boolean isReadable) {
        if (isReadable) {
            store.archive(id).orElseThrow();
            store.step();
            store.restoreFromArchive(id, java.util.Optional.empty()).orElseThrow();
        }
    }

    private void recycle(SnapshotId id) {
        if (model.containsKey(id)) {
            RetentionRule rule = new RetentionRule("r", ownerOf(id), "", Collections.emptySortedMap(), 1);
            store.putRule(rule).orElseThrow();
            assertEquals(
                    SnapshotState.RECOVERABLE, store.delete(id).orElseThrow().state());
            store.step();
            SpaceCheck.check(store);
            store.deleteRule("r").orElseThrow();
            if (id.text().hashCode() % 2 == 0) {
                store.restoreFromRecycleBin(id).orElseThrow();
            } else {
                clock.advance(Duration.ofDays(2));
                model.remove(id);
            }
        }
    }

    static byte[] bytes(int value) {
        byte[] bytes = new byte[Chunk.BYTES];
        if (value != 0) {
            // Half compressible.
            byte[] half = new byte[Chunk.BYTES / 2];
            Randomness.seeded(value).nextBytes(half);
            System.arraycopy(half, 0, bytes, 0, half.length);
        }
        return bytes;
    }

    private void check(RandomGenerator random) {
        assertEquals(
                List.copyOf(model.keySet()),
                store.infos().stream().map(SnapshotInfo::id).toList());
        List<SnapshotId> ids = new ArrayList<>(model.keySet());
        if (!ids.isEmpty()) {
            SnapshotId one = ids.get(random.nextInt(ids.size()));
            checkShown(store.snapshot(one).orElseThrow(), contentOf(one));
            SnapshotId other = ids.get(random.nextInt(ids.size()));
            checkDiff(one, other);
        }
        SpaceCheck.check(store);
        for (PackId pack : store.engine().packs().all()) {
            for (PackFormat.Item item :
                    store.engine().packs().index(pack).orElseThrow().items()) {
                item.target()
                        .ifPresent(target -> assertEquals(
                                owners.get(pack.birth()),
                                owners.get(target.pack().birth()),
                                "a link between tenants"));
            }
        }
    }

    private static void checkShown(Snapshot snapshot, Map<Integer, Integer> content) {
        Set<Integer> written = new HashSet<>();
        for (ChunkRun run : snapshot.writtenChunks(0, 1000).runs()) {
            for (int chunk = run.first(); chunk < run.end(); chunk++) {
                written.add(chunk);
            }
        }
        assertEquals(content.keySet(), written);
        assertEquals(content.size(), snapshot.info().writtenChunks());
        for (int chunk : CHUNKS) {
            int value = content.getOrDefault(chunk, 0);
            ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
            snapshot.read((long) chunk * Chunk.BYTES, read);
            assertArrayEquals(bytes(value), read.array());
        }
    }

    /** A difference in content is never left out. */
    private void checkDiff(SnapshotId one, SnapshotId other) {
        ChunkPage page = store.snapshot(one)
                .orElseThrow()
                .changedChunks(store.snapshot(other).orElseThrow(), 0, 1000);
        Set<Integer> changed = new HashSet<>();
        page.runs().forEach(run -> {
            for (int chunk = run.first(); chunk < run.end(); chunk++) {
                changed.add(chunk);
            }
        });
        for (int chunk : CHUNKS) {
            if (!Objects.equals(contentOf(one).get(chunk), contentOf(other).get(chunk))) {
                assertTrue(changed.contains(chunk), "chunk " + chunk + " differs");
            }
        }
    }
}
