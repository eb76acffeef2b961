package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A power failure at every sync through locks, copies, tags, rules and the recycle bin: what a call that returned made of a snapshot is
 * found, and what one under way would have made of it is found whole or not at all.
 */
final class RecycleBinCrashTest {
    private static final int CHUNKS = 3;
    private static final SnapshotSpec SPEC = SnapshotSpec.of((long) CHUNKS * Chunk.BYTES);

    /** How a snapshot may be found: as it was, or as the call under way makes it. */
    private static final class History {
        final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
        final Map<SnapshotId, Set<String>> states = new TreeMap<>();
        boolean mayHaveMore = true;

        /** Notes what a call is about to make of a snapshot, runs it, and then that it is so. */
        void change(SnapshotId id, String after, Runnable call) {
            Set<String> possible = states.computeIfAbsent(id, ignored -> new TreeSet<>());
            possible.add(after);
            call.run();
            possible.clear();
            possible.add(after);
        }

        void made(SnapshotId id) {
            states.put(id, new TreeSet<>(Set.of("completed")));
        }
    }

    private static SnapshotStore open(SimDisk disk, VirtualClock clock, long seed) {
        ObjectStore objects = ObjectStore.openInMemory(
                List.of(disk), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
        return SnapshotStore.open(
                objects, clock, Randomness.seeded(seed), SnapshotStoreOptions.DEFAULT.withPackBytes(2 * Chunk.BYTES));
    }

    private static String state(SnapshotInfo info) {
        return info.state().wireName()
                + (info.lock().isPresent() ? " locked" : "")
                + (info.spec().tags().isEmpty() ? "" : " tagged");
    }

    private static void live(SimDisk disk, History history) {
        SnapshotStore store = open(disk, history.clock, 2);
        SnapshotDraft draft = store.begin(SPEC).orElseThrow();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(chunk + 1)));
        }
        SnapshotId first = draft.complete().orElseThrow().id();
        history.made(first);
        SnapshotId copy = store.copy(first, SPEC).orElseThrow().id();
        history.made(copy);
        SnapshotId other = store.copy(copy, SPEC).orElseThrow().id();
        history.made(other);
        history.mayHaveMore = false;

        TreeMap<String, String> tags = new TreeMap<>(Map.of("keep", "yes"));
        history.change(
                first,
                "completed locked",
                () -> store.lock(first, SnapshotLock.Request.governance(1)).orElseThrow());
        assertInstanceOf(SnapshotOutcome.Refused.class, store.delete(first));
        history.change(copy, "completed tagged", () -> store.setTags(copy, tags).orElseThrow());
        store.putRule(new RetentionRule("rule", "", "", tags, 2)).orElseThrow();
        history.change(other, "gone", () -> store.delete(other).orElseThrow());
        history.change(copy, "recoverable tagged", () -> store.delete(copy).orElseThrow());
        history.change(first, "completed", () -> store.unlock(first).orElseThrow());
        history.change(first, "gone", () -> store.delete(first).orElseThrow());
        store.step(); // the tree lives on in the recycle bin
        history.change(
                copy,
                "completed tagged",
                () -> store.restoreFromRecycleBin(copy).orElseThrow());
        history.change(copy, "recoverable tagged", () -> store.delete(copy).orElseThrow());
        store.deleteRule("rule").orElseThrow();
        history.clock.advance(Duration.ofDays(3));
        history.change(copy, "gone", store::step);
    }

    private static void check(SimDisk found, History history) {
        SnapshotStore store = open(found, history.clock, 99);
        history.states.forEach((id, possible) -> {
            String state = store.info(id).map(RecycleBinCrashTest::state).orElse("gone");
            assertTrue(possible.contains(state), id + " is " + state + ", not any of " + possible);
        });
        for (SnapshotInfo info : store.infos()) {
            assertTrue(history.mayHaveMore || history.states.containsKey(info.id()), "nobody made " + info);
        }
        // What is in the recycle bin can be brought back whole.
        for (SnapshotInfo info : store.infos()) {
            if (info.state() == SnapshotState.PENDING) {
                store.delete(info.id()).orElseThrow();
                continue;
            }
            if (info.state() == SnapshotState.RECOVERABLE) {
                store.restoreFromRecycleBin(info.id()).orElseThrow();
            }
            Snapshot snapshot = store.snapshot(info.id()).orElseThrow();
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
                snapshot.read((long) chunk * Chunk.BYTES, read);
                assertArrayEquals(SnapshotStoreModelTest.bytes(chunk + 1), read.array());
            }
        }
        store.step();
        SpaceCheck.check(store);
        store.rules().forEach(rule -> store.deleteRule(rule.id()).orElseThrow());
        for (SnapshotInfo info : store.infos()) {
            if (info.lock().isPresent()) {
                store.unlock(info.id()).orElseThrow();
            }
            store.delete(info.id()).orElseThrow();
        }
        store.step();
        assertEquals(List.of(), store.engine().packs().all(), "everything deleted leaves no pack");
    }

    @Test
    void everySyncOfLocksCopiesAndTheRecycleBin() {
        long syncs = CrashPoints.everySync(7, 3, History::new, RecycleBinCrashTest::live, RecycleBinCrashTest::check);
        assertTrue(syncs > 15, "the life has syncs: " + syncs);
    }

    @Test
    void aRuleOutlivesTheCallThatMadeIt() {
        History history = new History();
        SimDisk disk = new SimDisk(1);
        SnapshotStore store = open(disk, history.clock, 1);
        RetentionRule rule = new RetentionRule("rule", "", "", Collections.emptySortedMap(), 2);
        store.putRule(rule).orElseThrow();
        SnapshotDraft draft = store.begin(SPEC).orElseThrow();
        SnapshotId id = draft.complete().orElseThrow().id();
        SnapshotStore found = open(disk.crash(3), history.clock, 2);
        assertEquals(List.of(rule), found.rules());
        assertEquals(SnapshotState.RECOVERABLE, found.delete(id).orElseThrow().state());
        assertEquals(Optional.empty(), found.snapshot(id));
    }
}
