package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.DiskCall;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SnapshotStoreTest {
    private static final long SIZE_BYTES = 64L << 30;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private SnapshotStore store = open(List.of(new SimDisk(1)));

    private SnapshotStore open(List<SimDisk> disks) {
        ObjectStore objects = ObjectStore.openInMemory(
                List.<Disk>copyOf(disks), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
        return SnapshotStore.open(objects, clock, Randomness.seeded(2), SnapshotStoreOptions.DEFAULT);
    }

    private SnapshotDraft draft(SnapshotSpec spec, int value, int... chunks) {
        SnapshotDraft draft = store.begin(spec).orElseThrow();
        for (int chunk : chunks) {
            draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(value + chunk)));
        }
        return draft;
    }

    private static SnapshotSpec spec() {
        return SnapshotSpec.of(SIZE_BYTES);
    }

    private static SnapshotRefusal.Reason refused(SnapshotOutcome<?> outcome) {
        return assertInstanceOf(SnapshotOutcome.Refused.class, outcome)
                .refusal()
                .reason();
    }

    @Test
    void pagesThroughWhatChanged() {
        Snapshot first = draft(spec(), 1, 0, 1, 5, 100_000).complete().orElseThrow();
        SnapshotDraft next = draft(spec().withParent(first.id()), 50, 1, 2, 900_000);
        next.absent(5, 1);
        Snapshot second = next.complete().orElseThrow();
        ChunkPage page = second.changedChunks(first, 0, 2);
        assertEquals(List.of(new ChunkRun(1, 2, ChunkState.DATA)), page.runs());
        assertEquals(5, page.next().orElseThrow());
        page = second.changedChunks(first, 5, 10);
        assertEquals(
                List.of(new ChunkRun(5, 1, ChunkState.ABSENT), new ChunkRun(900_000, 1, ChunkState.DATA)), page.runs());
        assertTrue(page.next().isEmpty());
        assertTrue(second.isRelatedTo(first));
        assertEquals(5, second.info().writtenChunks());
    }

    @Test
    void joinsThePacksOfManySaves() {
        SnapshotDraft draft = store.begin(spec()).orElseThrow();
        int chunks = 40;
        for (int chunk = 0; chunk < chunks; chunk++) {
            draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(chunk + 1)));
            draft.save();
        }
        draft.put(3, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(100)));
        draft.save();
        assertEquals(chunks + 1, store.figures().packs());
        Snapshot snapshot = draft.complete().orElseThrow();
        while (store.step() > 0) {}
        assertEquals(chunks + 1, store.figures().packsDeleted());
        ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
        for (int chunk = 0; chunk < chunks; chunk++) {
            snapshot.readChunk(chunk, read.clear());
            assertArrayEquals(SnapshotStoreModelTest.bytes(chunk == 3 ? 100 : chunk + 1), read.array());
        }
        assertTrue(store.verify(snapshot.id(), VerifyDepth.FULL).orElseThrow().isSound());
    }

    @Test
    void copiesTheSizeOfTheSource() {
        Snapshot first = draft(spec(), 1, 0).complete().orElseThrow();
        SnapshotInfo copy = store.copy(first.id(), SnapshotSpec.of(1 << 20)).orElseThrow();
        assertEquals(SIZE_BYTES, copy.sizeBytes());
    }

    @Test
    void tellsTheShaOfABlock() throws Exception {
        Snapshot snapshot = draft(spec(), 1, 9).complete().orElseThrow();
        byte[] block = new byte[Chunk.BLOCK_BYTES];
        System.arraycopy(SnapshotStoreModelTest.bytes(10), 0, block, Chunk.BYTES, Chunk.BYTES);
        byte[] expected = MessageDigest.getInstance("SHA-256").digest(block);
        for (int time = 0; time < 2; time++) {
            ByteBuffer read = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
            assertArrayEquals(expected, snapshot.readBlock(1, read));
            assertArrayEquals(block, read.array());
        }
        assertEquals(snapshot.blockIdentity(1), snapshot.blockIdentity(1));
        assertTrue(snapshot.blockIdentity(1).isPresent());
        assertTrue(snapshot.blockIdentity(2).isEmpty(), "never written");
        assertTrue(snapshot.blockIdentity(Integer.MAX_VALUE).isEmpty(), "beyond the size");
    }

    @Test
    void readsWhenAZoneIsLost() {
        List<SimDisk> disks = new ArrayList<>(List.of(new SimDisk(1), new SimDisk(2), new SimDisk(3)));
        store = open(disks);
        SnapshotId id = draft(spec(), 1, 3, 70_000).complete().orElseThrow().id();
        List<SimDisk> found = new ArrayList<>();
        disks.forEach(disk -> found.add(disk.crash(9)));
        found.set(1, new SimDisk(77));
        store = open(found);
        assertTrue(store.verify(id, VerifyDepth.FULL).orElseThrow().isSound());
        ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
        store.snapshot(id).orElseThrow().readChunk(3, read);
        assertArrayEquals(SnapshotStoreModelTest.bytes(4), read.array());
    }

    @Test
    void holdsLocks() {
        SnapshotId id = draft(spec(), 1, 0).complete().orElseThrow().id();
        store.lock(id, SnapshotLock.Request.governance(2)).orElseThrow();
        assertEquals(SnapshotRefusal.Reason.LOCKED, refused(store.delete(id)));
        store.lock(id, SnapshotLock.Request.compliance(2, Optional.of(1))).orElseThrow();
        store.unlock(id).orElseThrow();
        store.lock(id, SnapshotLock.Request.compliance(2, Optional.of(1))).orElseThrow();
        clock.advance(Duration.ofHours(2));
        assertEquals(SnapshotRefusal.Reason.LOCKED, refused(store.unlock(id)));
        assertEquals(
                SnapshotRefusal.Reason.INVALID_PARAMETER,
                refused(store.lock(id, SnapshotLock.Request.compliance(1, Optional.empty()))));
        store.lock(id, SnapshotLock.Request.compliance(3, Optional.empty())).orElseThrow();
        clock.advance(Duration.ofDays(2));
        assertEquals(SnapshotRefusal.Reason.LOCKED, refused(store.delete(id)));
        clock.advance(Duration.ofDays(1));
        store.delete(id).orElseThrow();
    }

    @Test
    void failsADraftThatLiesTooLong() {
        SnapshotDraft draft = draft(spec().withTimeout(Duration.ofMinutes(10)), 1, 0);
        clock.advance(Duration.ofMinutes(11));
        store.step();
        assertEquals(SnapshotState.ERROR, store.info(draft.id()).orElseThrow().state());
        assertThrows(StorageException.Closed.class, draft::save);
        assertEquals(SnapshotRefusal.Reason.INCORRECT_STATE, refused(draft.complete()));
    }

    @Test
    void knowsAClientTokenAgain() {
        SnapshotDraft draft = draft(spec().withClientToken("t"), 1, 0);
        assertEquals(SnapshotRefusal.Reason.TOKEN_USED, refused(store.begin(spec().withClientToken("t"))));
        assertEquals(
                SnapshotRefusal.Reason.TOKEN_MISMATCH,
                refused(store.begin(SnapshotSpec.of(1).withClientToken("t"))));
        assertEquals(draft.id(), store.byClientToken("", "t").orElseThrow().id());
    }

    @Test
    void readsFromTheArchiveOnlyOnceRestored() {
        Snapshot snapshot = draft(spec(), 1, 0).complete().orElseThrow();
        store.archive(snapshot.id()).orElseThrow();
        store.step();
        assertThrows(StorageException.Unavailable.class, () -> snapshot.chunk(0));
        store.restoreFromArchive(snapshot.id(), Optional.of(1)).orElseThrow();
        assertEquals(ChunkState.DATA, snapshot.chunk(0));
        clock.advance(Duration.ofDays(2));
        store.step();
        assertThrows(StorageException.Unavailable.class, () -> snapshot.chunk(0));
    }

    @Test
    void whatIsNotSentIsBoundedForAllDraftsTogether() {
        SimDisk disk = new SimDisk(3);
        ObjectStore objects = ObjectStore.openInMemory(
                List.<Disk>of(disk), clock, Randomness.seeded(1), ObjectStoreOptions.DEFAULT.withReserveBytes(0));
        long bound = 4L * Chunk.BLOCK_BYTES;
        store = SnapshotStore.open(
                objects, clock, Randomness.seeded(2), SnapshotStoreOptions.DEFAULT.withUnsentBytes(bound));
        List<SnapshotDraft> drafts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            drafts.add(store.begin(spec()).orElseThrow());
        }
        disk.inject(Fault.NO_SPACE, call -> call.operation() == DiskCall.Operation.WRITE);
        for (int i = 0; i < 300; i++) {
            SnapshotDraft draft = drafts.get(i % drafts.size());
            ByteBuffer block = ByteBuffer.wrap(block(i % 12));
            assertThrows(StorageException.OutOfSpace.class, () -> {
                draft.putBlock(0, block);
                draft.save();
            });
            long unsent = drafts.stream().mapToLong(SnapshotDraft::unsentBytes).sum();
            assertTrue(unsent <= bound + drafts.size() * (Chunk.BLOCK_BYTES + 1024L), "unsent: " + unsent);
        }
        disk.clearFaults();
        for (int i = 0; i < drafts.size(); i++) {
            drafts.get(i).putBlock(0, ByteBuffer.wrap(block(i)));
            drafts.get(i).save();
            assertEquals(0, drafts.get(i).unsentBytes());
            ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
            drafts.get(i).complete().orElseThrow().readChunk(1, read);
            assertArrayEquals(Arrays.copyOfRange(block(i), Chunk.BYTES, 2 * Chunk.BYTES), read.array());
        }
        assertEquals(0, store.engine().unsentBytes().get());
    }

    private static byte[] block(int seed) {
        byte[] bytes = new byte[Chunk.BLOCK_BYTES];
        Randomness.seeded(seed).nextBytes(bytes);
        return bytes;
    }
}
