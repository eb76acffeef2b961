package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.testkit.DiskCall;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A full disk refuses what adds to it, keeps what it has, lets deletes through, and works again once there is room. */
final class DiskFullTest {
    private static final BucketName BUCKET = new BucketName("bucket");
    private static final long MIB = 1L << 20;
    private static final int STEPS_TO_FREE = 20;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-24T00:00:00Z"));
    private final TreeMap<String, byte[]> acknowledged = new TreeMap<>();

    private ObjectStore open(List<SimDisk> zones, long reserveBytes) {
        ObjectStoreOptions options = ObjectStoreOptions.DEFAULT
                .withSmallFiles()
                .withInlineBytes(2000)
                .withReserveBytes(reserveBytes);
        return ObjectStore.openInMemory(List.<Disk>copyOf(zones), clock, Randomness.seeded(9), options);
    }

    private void put(ObjectStore store, String key, int length) {
        byte[] bytes = StoreModel.pattern(length, key.hashCode() * 31L + length);
        store.put(PutObject.of("bucket", key), ObjectSource.of(bytes)).orElseThrow();
        acknowledged.put(key, bytes);
    }

    private void delete(ObjectStore store, String key) {
        store.delete(DeleteObject.of("bucket", key)).orElseThrow();
        acknowledged.remove(key);
    }

    private static byte[] get(ObjectStore store, String key) {
        try (ObjectReader reader = store.get(GetObject.of("bucket", key)).orElseThrow()) {
            return ObjectStoreTest.bytes(reader);
        }
    }

    private static List<String> keys(ObjectStore store) {
        return store.list(new ListObjects(BUCKET, "", "", Optional.empty(), 1000)).orElseThrow().objects().stream()
                .map(version -> version.key().text())
                .toList();
    }

    private void check(ObjectStore store, String when) {
        assertEquals(List.copyOf(acknowledged.keySet()), keys(store), when);
        acknowledged.forEach((key, bytes) -> assertArrayEquals(bytes, get(store, key), when + ": " + key));
        assertEquals(List.of(), store.verify().problems(), when);
    }

    /** Puts until one fails; returns how many were taken. */
    private int fill(ObjectStore store, int length) {
        for (int i = 0; ; i++) {
            String key = String.format("%s-%04d", length, i);
            try {
                put(store, key, length);
            } catch (StorageException.OutOfSpace full) {
                return i;
            }
        }
    }

    @Test
    void theReserveRefusesPutsAndLetsDeletesThrough() {
        for (int zones : new int[] {1, 3}) {
            acknowledged.clear();
            List<SimDisk> disks = new ArrayList<>();
            for (int i = 0; i < zones; i++) {
                disks.add(new SimDisk(i));
            }
            disks.getFirst().limitCapacity(16 * MIB);
            long reserveBytes = 5 * MIB;
            try (ObjectStore store = open(disks, reserveBytes)) {
                store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
                int taken = fill(store, 300_000);
                assertTrue(taken > 20, taken + " puts were taken");
                assertThrows(StorageException.OutOfSpace.class, () -> put(store, "small", 10));
                assertTrue(store.figures().zones().getFirst().isInUse(), "a full zone is not a broken one");
                check(store, "when full");
                for (String key : List.copyOf(acknowledged.keySet())) {
                    if (!key.endsWith("7")) {
                        delete(store, key);
                    }
                }
                for (int i = 0; i < STEPS_TO_FREE; i++) {
                    store.step();
                }
                check(store, "after deletes");
                assertTrue(fill(store, 290_000) > 20, "there is room again");
                check(store, "when full again");
            }
            try (ObjectStore store = open(disks, reserveBytes)) {
                check(store, "after opening again");
            }
        }
    }

    /** Small puts do not ask the disk each time, and still leave the reserve whole but for the part that they may write unasked. */
    @Test
    void smallPutsStopAtTheReserve() {
        long reserveBytes = 4 * MIB;
        SimDisk disk = new SimDisk(1);
        disk.limitCapacity(8 * MIB);
        try (ObjectStore store = open(List.of(disk), reserveBytes)) {
            store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
            int taken = fill(store, 1500);
            assertTrue(taken > 500, taken + " puts were taken");
            long left = disk.usableBytes();
            assertTrue(left < reserveBytes, left + " bytes are left");
            assertTrue(left > reserveBytes - reserveBytes / 16, left + " bytes are left");
            delete(store, "1500-0000");
        }
    }

    /** Without a reserve the disk itself says no: in the middle of a frame, a journal batch, a checkpoint, an image. */
    @Test
    void aDiskThatIsFullToTheLastByte() {
        for (int length : new int[] {300_000, 1500}) {
            acknowledged.clear();
            SimDisk disk = new SimDisk(1);
            disk.limitCapacity(length > 2000 ? 12 * MIB : 2 * MIB);
            List<SimDisk> disks = List.of(disk);
            ObjectStore store = open(disks, 0);
            store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
            int taken = fill(store, length);
            assertTrue(taken > 20, taken + " puts were taken");
            check(store, "when full");
            for (int i = 0; i < 5; i++) {
                assertThrows(StorageException.OutOfSpace.class, () -> put(store, "one-more", 300_000));
            }
            check(store, "when still full");
            // The process dies: nothing can be written at closing.
            disk = disk.kill();
            disk.limitCapacity(1L << 40);
            try (ObjectStore roomy = open(List.of(disk), 0)) {
                check(roomy, "after opening with room");
                put(roomy, "room", 5000);
                for (int i = 0; i < STEPS_TO_FREE; i++) {
                    roomy.step();
                }
                check(roomy, "with room");
            }
        }
    }

    @Test
    void noSpaceAtAnyOneWrite() {
        long writes = workload(new SimDisk(1), Long.MAX_VALUE);
        assertTrue(writes > 30, "the workload writes: " + writes);
        for (long n = 1; n <= writes; n++) {
            SimDisk disk = new SimDisk(n);
            workload(disk, n);
        }
    }

    /** Runs a short workload in which the n-th write fails, checks, opens again, checks. Returns how many writes there were. */
    private long workload(SimDisk disk, long n) {
        acknowledged.clear();
        List<SimDisk> disks = List.of(disk);
        String what = "write " + n + " fails";
        if (n != Long.MAX_VALUE) {
            disk.injectAt(Fault.NO_SPACE, DiskCall.Operation.WRITE, n);
        }
        ObjectStore store = openAtLast(disks);
        try {
            twice(() -> store.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow());
            String[] keys = {"a", "large", "b", "a", "huge", "c", "large"};
            int[] lengths = {100, 5000, 1500, 200, 1_100_000, 50, 6000};
            for (int i = 0; i < keys.length; i++) {
                String key = keys[i];
                int length = lengths[i];
                // One write fails, so what is asked again works; and until then the key is what it was.
                twice(() -> put(store, key, length));
                if (i == 3) {
                    twice(store::image);
                }
                twice(store::step);
            }
            twice(() -> delete(store, "b"));
            check(store, what);
        } finally {
            // A close that fails has closed all the same: the journal has everything.
            twice(store::close);
        }
        assertEquals(List.of(), disk.openFiles(), what + ": closing left files open");
        long writes = disk.callCount(DiskCall.Operation.WRITE);
        try (ObjectStore again = open(disks, 0)) {
            check(again, what + ", opened again");
            put(again, "later", 700);
        }
        return writes;
    }

    private ObjectStore openAtLast(List<SimDisk> disks) {
        try {
            return open(disks, 0);
        } catch (StorageException.OutOfSpace refused) {
            return open(disks, 0);
        }
    }

    private static void twice(Runnable change) {
        try {
            change.run();
        } catch (StorageException.OutOfSpace refused) {
            change.run();
        }
    }
}
