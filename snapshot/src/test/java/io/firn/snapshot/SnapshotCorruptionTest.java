package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * One bit turned in any object of the bucket, by a put that the object store holds to be right: detected by the snapshot store's own
 * checks, or harmless; never wrong data.
 */
final class SnapshotCorruptionTest {
    private static final int TRIES = 40;
    private static final SnapshotStoreOptions OPTIONS = SnapshotStoreOptions.DEFAULT;

    private final ObjectStore objects = ObjectStore.openInMemory(
            List.of(new SimDisk(1)),
            new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")),
            Randomness.seeded(1),
            ObjectStoreOptions.DEFAULT.withReserveBytes(0));
    private final SnapshotBucket bucket = PlainBucket.of(objects, OPTIONS.bucket());

    private SnapshotStore open() {
        return SnapshotStore.open(
                objects, new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")), Randomness.seeded(2), OPTIONS);
    }

    @Test
    void findsAnyBitTurnedInAnyObject() {
        SnapshotDraft draft = open().begin(SnapshotSpec.of(8L * Chunk.BYTES)).orElseThrow();
        for (int chunk = 0; chunk < 8; chunk += 2) {
            draft.put(chunk, ByteBuffer.wrap(SnapshotStoreModelTest.bytes(chunk + 1)));
        }
        draft.complete().orElseThrow();
        RandomGenerator random = Randomness.seeded(3);
        int detected = 0;
        int tries = 0;
        for (String key : bucket.list("")) {
            byte[] whole = bucket.get(key).orElseThrow().bytes();
            for (int i = 0; i < TRIES; i++) {
                byte[] rotten = whole.clone();
                // Half of the tries at the end, where pages, indexes and checksums are.
                int tail = Math.min(whole.length, 512);
                int at = i % 2 == 0 ? random.nextInt(whole.length) : whole.length - 1 - random.nextInt(tail);
                rotten[at] ^= (byte) (1 << random.nextInt(8));
                bucket.put(key, rotten);
                detected += isDetected(draft.id()) ? 1 : 0;
                tries++;
            }
            bucket.put(key, whole);
        }
        assertTrue(!isDetected(draft.id()), "what was put back is whole");
        // The header of a pack is never read by itself; everything else counts.
        assertTrue(detected > tries * 9 / 10, "detected " + detected + " of " + tries);
    }

    /** True when it was found out; false when it did no harm; throws when something wrong was shown. */
    private boolean isDetected(SnapshotId id) {
        boolean isFound = false;
        try {
            SnapshotStore store = open();
            Snapshot snapshot = store.snapshot(id).orElseThrow();
            for (int chunk = 0; chunk < 8; chunk++) {
                ByteBuffer read = ByteBuffer.allocate(Chunk.BYTES);
                try {
                    snapshot.readChunk(chunk, read);
                    int value = chunk % 2 == 0 ? chunk + 1 : 0;
                    assertArrayEquals(SnapshotStoreModelTest.bytes(value), read.array());
                } catch (StorageException.Corrupt e) {
                    isFound = true;
                }
            }
            isFound |= !store.verify(id, VerifyDepth.FULL).orElseThrow().isSound();
        } catch (StorageException.Corrupt | StorageException.Fenced e) {
            isFound = true;
        }
        return isFound;
    }
}
