package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.testkit.DiskCall;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three zones: any one of them may be lost, come back empty, rot or fail, and nothing is lost. */
final class ZoneLossTest {
    private static final int STEPS = 60;

    private StoreWorkload workload = new StoreWorkload();
    private final RandomGenerator random = Randomness.seeded(5);

    private List<SimDisk> filled() {
        workload = new StoreWorkload();
        List<SimDisk> disks = new ArrayList<>(List.of(new SimDisk(1), new SimDisk(2), new SimDisk(3)));
        try (ObjectStore store = open(disks)) {
            workload.begin(store);
            work(store);
        }
        return disks;
    }

    private ObjectStore open(List<SimDisk> disks) {
        return workload.open(List.<Disk>copyOf(disks), 9);
    }

    private void work(ObjectStore store) {
        for (int i = 0; i < STEPS; i++) {
            workload.step(store, random);
        }
    }

    @Test
    void anyZoneMayBeLostAndIsRepaired() {
        for (int lost = 0; lost < 3; lost++) {
            List<SimDisk> disks = filled();
            disks.set(lost, new SimDisk(77));
            try (ObjectStore store = open(disks)) {
                String name = store.figures().zones().get(lost).name();
                assertFalse(store.figures().zones().get(lost).isInUse());
                workload.check(store);
                work(store);
                assertTrue(store.repair(name) > 0);
                workload.check(store);
                work(store);
            }
            // What was repaired must stand alone with either of the others.
            disks.set((lost + 1) % 3, new SimDisk(78));
            try (ObjectStore store = open(disks)) {
                workload.check(store);
            }
        }
    }

    @Test
    void aZoneThatFailsIsLeftOutUntilItIsRepaired() {
        List<SimDisk> disks = filled();
        try (ObjectStore store = open(disks)) {
            disks.get(1).inject(Fault.IO_ERROR, call -> call.operation() == DiskCall.Operation.SYNC);
            work(store);
            assertFalse(store.figures().zones().get(1).isInUse());
            workload.check(store);
        }
        disks.get(1).clearFaults();
        try (ObjectStore store = open(disks)) {
            assertFalse(store.figures().zones().get(1).isInUse(), "it is remembered");
            workload.check(store);
            store.repair("b");
            work(store);
            workload.check(store);
        }
    }

    @Test
    void readsTurnToAnotherZoneAndScrubMendsWhatRotted() {
        List<SimDisk> disks = List.of(new SimDisk(1), new SimDisk(2), new SimDisk(3));
        byte[] small = StoreModel.pattern(1000, 1);
        byte[] large = StoreModel.pattern(9000, 2);
        try (ObjectStore store = open(disks)) {
            workload.begin(store);
            store.put(PutObject.of("bucket", "small"), ObjectSource.of(small)).orElseThrow();
            store.put(PutObject.of("bucket", "large"), ObjectSource.of(large)).orElseThrow();
        }
        for (String file : disks.getFirst().files()) {
            if (file.startsWith(Zone.EXTENTS)) {
                disks.getFirst().flipBit(file, 4096 + 70, 3);
            }
        }
        try (ObjectStore store = open(disks)) {
            assertEquals(2, store.verify().problems().size());
            assertArrayEquals(small, bytes(store, "small"));
            assertArrayEquals(large, bytes(store, "large"));
            assertEquals(2, store.figures().damagedFrames());
            assertEquals(2, store.scrub());
            assertEquals(List.of(), store.verify().problems());
        }
    }

    @Test
    void oneZoneReportsObjectExtentAndOffsetOfDamage() {
        SimDisk disk = new SimDisk(1);
        try (ObjectStore store = open(List.of(disk))) {
            workload.begin(store);
            store.put(PutObject.of("bucket", "k"), ObjectSource.of(StoreModel.pattern(1000, 1)))
                    .orElseThrow();
        }
        disk.files().stream()
                .filter(file -> file.startsWith(Zone.EXTENTS))
                .forEach(file -> disk.flipBit(file, 4096 + 70, 3));
        try (ObjectStore store = open(List.of(disk))) {
            StorageException.Corrupt damage = assertThrows(StorageException.Corrupt.class, () -> bytes(store, "k"));
            String message = String.valueOf(damage.getMessage());
            assertTrue(message.contains("object bucket/k") && message.contains("offset 4096"), message);
        }
    }

    @Test
    void twoLostZonesAreTooMany() {
        List<SimDisk> disks = filled();
        disks.set(0, new SimDisk(77));
        disks.set(1, new SimDisk(78));
        assertThrows(StorageException.DiskFailed.class, () -> open(disks));
    }

    @Test
    void aLostIndexIsRebuilt(@TempDir Path folder) {
        List<Disk> zones = List.of(FileChannelDisk.open(folder.resolve("zone")));
        byte[] small = StoreModel.pattern(1000, 1);
        byte[] large = StoreModel.pattern(3_000_000, 2);
        for (int life = 0; life < 3; life++) {
            Path index = folder.resolve("index" + life);
            FileChannelDisk.open(folder).createDirectory("index" + life);
            try (ObjectStore store = ObjectStore.open(
                    zones,
                    () -> RocksIndex.open(index, 8 << 20),
                    new SystemClock(),
                    Randomness.secure(),
                    ObjectStoreOptions.DEFAULT,
                    Runnable::run)) {
                if (life == 0) {
                    store.createBucket(StoreWorkload.BUCKET, "me", "", Tags.NONE)
                            .orElseThrow();
                    store.put(PutObject.of("bucket", "small"), ObjectSource.of(small))
                            .orElseThrow();
                } else if (life == 1) {
                    store.image();
                    store.put(PutObject.of("bucket", "large"), ObjectSource.of(large))
                            .orElseThrow();
                } else {
                    assertArrayEquals(large, bytes(store, "large"));
                }
                assertArrayEquals(small, bytes(store, "small"));
                assertEquals(List.of(), store.verify().problems());
            }
        }
    }

    private static byte[] bytes(ObjectStore store, String key) {
        try (ObjectReader reader = store.get(GetObject.of("bucket", key)).orElseThrow()) {
            return ObjectStoreTest.bytes(reader);
        }
    }
}
