package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk.OpenMode;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SimDiskTest {
    private static final int IMAGES = 300;

    private interface Setup {
        void run(SimDisk disk);
    }

    private interface Look<T> {
        T at(SimDisk found);
    }

    /** What can be found after a crash, over many images. */
    private static <T> Set<T> found(Setup setup, Look<T> look) {
        SimDisk disk = new SimDisk(1);
        setup.run(disk);
        Set<T> all = new HashSet<>();
        for (long image = 0; image < IMAGES; image++) {
            all.add(look.at(disk.crash(image)));
        }
        return all;
    }

    @Test
    void whatWasSyncedIsFoundInEveryImage() {
        Set<List<Byte>> contents = found(
                disk -> {
                    DiskFile file = disk.open("d/f", OpenMode.CREATE);
                    file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
                    file.sync();
                    disk.syncDirectory("d");
                },
                disk -> content(disk, "d/f"));
        assertEquals(Set.of(List.of((byte) 1, (byte) 2, (byte) 3)), contents);
    }

    @Test
    void anUnsyncedNameMayBeFoundOrNot() {
        assertEquals(
                Set.of(List.of(), List.of("f")),
                found(disk -> disk.open("f", OpenMode.CREATE).sync(), disk -> disk.list("")));
    }

    @Test
    void anUnsyncedDeleteMayBeUndone() {
        assertEquals(
                Set.of(List.of(), List.of("f")),
                found(
                        disk -> {
                            disk.open("f", OpenMode.CREATE).close();
                            disk.syncDirectory("");
                            disk.delete("f");
                        },
                        disk -> disk.list("")));
    }

    @Test
    void anUnsyncedRenameIsFoundDoneOrUndoneNeverHalf() {
        Setup setup = disk -> {
            create(disk, "old", 1);
            create(disk, "new", 2);
            disk.syncDirectory("");
            disk.rename("new", "old");
        };
        assertEquals(
                Set.of(List.of("old", List.of((byte) 2)), List.of("new", "old", List.of((byte) 1))),
                found(setup, disk -> {
                    List<Object> all = new ArrayList<>(disk.list(""));
                    all.add(content(disk, "old"));
                    return all;
                }));
    }

    @Test
    void anUnsyncedRenameNeedsTheCreateItBuildsOn() {
        assertEquals(
                Set.of(List.of(), List.of("tmp"), List.of("final")),
                found(
                        disk -> {
                            create(disk, "tmp", 1);
                            disk.rename("tmp", "final");
                        },
                        disk -> disk.list("")));
    }

    @Test
    void aRenamedFileThatWasNotSyncedMayBeEmpty() {
        Set<List<Byte>> contents = found(
                disk -> {
                    disk.open("tmp", OpenMode.CREATE).write(ByteBuffer.wrap(new byte[] {1}), 0);
                    disk.rename("tmp", "final");
                    disk.syncDirectory("");
                },
                disk -> content(disk, "final"));
        assertEquals(Set.of(List.of(), List.of((byte) 0), List.of((byte) 1)), contents);
    }

    @Test
    void unsyncedSectorsAreDroppedTornAndReordered() {
        Set<String> patterns = found(
                disk -> {
                    DiskFile file = disk.open("f", OpenMode.CREATE);
                    file.write(ByteBuffer.allocate(8192), 0);
                    file.sync();
                    disk.syncDirectory("");
                    byte[] ones = new byte[8192];
                    Arrays.fill(ones, (byte) 1);
                    file.write(ByteBuffer.wrap(ones), 0);
                    Arrays.fill(ones, (byte) 2);
                    file.write(ByteBuffer.wrap(ones), 0);
                },
                SimDiskTest::sectorPattern);
        assertTrue(patterns.contains("0".repeat(16)), "all lost");
        assertTrue(patterns.contains("2".repeat(16)), "all kept");
        assertTrue(patterns.contains("0".repeat(8) + "2".repeat(8)), "torn at 4 KiB, the later block alone");
        assertTrue(
                patterns.stream()
                        .anyMatch(pattern ->
                                pattern.substring(0, 8).chars().distinct().count() == 3),
                "torn at 512 B, three states in one block");
    }

    /** One digit for each sector of 512 B; fails when a sector is itself torn. */
    private static String sectorPattern(SimDisk disk) {
        List<Byte> bytes = content(disk, "f");
        StringBuilder pattern = new StringBuilder();
        for (int sector = 0; sector < bytes.size(); sector += 512) {
            Set<Byte> values = new HashSet<>(bytes.subList(sector, sector + 512));
            assertEquals(1, values.size(), "a sector is whole");
            pattern.append(values.iterator().next());
        }
        return pattern.toString();
    }

    @Test
    void aSectorIsFoundOnlyInStatesItWasIn() {
        // Two writes to one sector: the second without the first was never in the page cache.
        assertEquals(
                Set.of(List.of((byte) 0, (byte) 0), List.of((byte) 1, (byte) 0), List.of((byte) 1, (byte) 2)),
                found(
                        disk -> {
                            DiskFile file = disk.open("f", OpenMode.CREATE);
                            file.write(ByteBuffer.allocate(2), 0);
                            file.sync();
                            disk.syncDirectory("");
                            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
                            file.write(ByteBuffer.wrap(new byte[] {2}), 1);
                        },
                        disk -> content(disk, "f")));
    }

    @Test
    void unsyncedGrowthMayBeLostInLengthAndInBytes() {
        Set<Integer> lengths = new HashSet<>();
        Set<List<Byte>> contents = found(
                disk -> {
                    DiskFile file = create(disk, "f", 7);
                    disk.syncDirectory("");
                    file.write(ByteBuffer.wrap(new byte[] {8}), 5000);
                },
                disk -> {
                    List<Byte> content = content(disk, "f");
                    lengths.add(content.size());
                    return content.size() == 1 ? List.of() : List.of(content.getFirst(), content.getLast());
                });
        assertEquals(Set.of(1, 5001), lengths);
        assertEquals(Set.of(List.of(), List.of((byte) 7, (byte) 0), List.of((byte) 7, (byte) 8)), contents);
    }

    @Test
    void anUnsyncedCutMayBeUndone() {
        assertEquals(
                Set.of(List.of((byte) 1, (byte) 2), List.of((byte) 1), List.of((byte) 1, (byte) 0)),
                found(
                        disk -> {
                            DiskFile file = disk.open("f", OpenMode.CREATE);
                            file.write(ByteBuffer.wrap(new byte[] {1, 2}), 0);
                            file.sync();
                            disk.syncDirectory("");
                            file.truncate(1);
                        },
                        disk -> content(disk, "f")));
    }

    @Test
    void thePowerFailsAtTheChosenSyncAndStaysOff() {
        SimDisk disk = new SimDisk(1);
        disk.crashAtSync(3);
        DiskFile file = disk.open("d/f", OpenMode.CREATE);
        assertEquals(1, disk.syncCount(), "the folder was made durably");
        file.sync();
        assertThrows(PowerFailure.class, () -> disk.syncDirectory("d"));
        assertTrue(disk.isOff());
        assertThrows(PowerFailure.class, file::length);
        assertThrows(PowerFailure.class, () -> disk.list(""));
        assertThrows(PowerFailure.class, () -> file.read(ByteBuffer.allocate(1), 0));
        file.close();
        SimDisk found = disk.crash(1);
        assertEquals(List.of("d"), found.list(""));
        assertFalse(found.isOff());
        assertEquals(0, found.syncCount());
    }

    @Test
    void thePowerMayFailInAWrite() {
        Set<Integer> lengths = new HashSet<>();
        for (long seed = 0; seed < IMAGES; seed++) {
            SimDisk disk = new SimDisk(seed);
            DiskFile file = create(disk, "f", 1);
            disk.syncDirectory("");
            disk.injectAt(Fault.POWER_FAILURE, Operation.WRITE, 1);
            assertThrows(PowerFailure.class, () -> file.write(ByteBuffer.allocate(2), 1));
            lengths.add(content(disk.crash(seed), "f").size());
        }
        assertEquals(Set.of(1, 2, 3), lengths);
    }

    @Test
    void theSameSeedGivesTheSameImageAndOthersOthers() {
        SimDisk disk = new SimDisk(1);
        disk.open("f", OpenMode.CREATE).write(ByteBuffer.wrap(new byte[100_000]), 0);
        disk.open("g", OpenMode.CREATE).write(ByteBuffer.wrap(new byte[] {1}), 0);
        assertEquals(disk.crash(5).fingerprint(), disk.crash(5).fingerprint());
        Set<Long> images = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            images.add(disk.crash(seed).fingerprint());
        }
        assertTrue(images.size() > 3, images.toString());
    }

    @Test
    void aKilledProcessLosesNothingUntilThePowerFailsToo() {
        SimDisk disk = new SimDisk(1);
        DiskFile file = create(disk, "f", 1);
        disk.syncDirectory("");
        file.write(ByteBuffer.wrap(new byte[] {2}), 0);
        SimDisk next = disk.kill();
        assertThrows(PowerFailure.class, file::length);
        assertEquals(List.of((byte) 2), content(next, "f"));
        Set<List<Byte>> contents = new HashSet<>();
        for (long image = 0; image < IMAGES; image++) {
            contents.add(content(next.crash(image), "f"));
        }
        assertEquals(Set.of(List.of((byte) 1), List.of((byte) 2)), contents);
    }

    @Test
    void aCopyGoesItsOwnWay() {
        SimDisk disk = new SimDisk(1);
        DiskFile file = create(disk, "f", 1);
        SimDisk copy = disk.copy();
        assertEquals(disk.fingerprint(), copy.fingerprint());
        file.write(ByteBuffer.wrap(new byte[] {2}), 0);
        assertEquals(List.of((byte) 1), content(copy, "f"));
        assertNotEquals(disk.fingerprint(), copy.fingerprint());
    }

    @Test
    void aFailedSyncForgetsPagesThatReadsStillShow() {
        Set<List<Byte>> afterCrash = new HashSet<>();
        for (long seed = 0; seed < IMAGES; seed++) {
            SimDisk disk = new SimDisk(seed);
            DiskFile file = create(disk, "f", 1);
            disk.syncDirectory("");
            file.write(ByteBuffer.wrap(new byte[] {2}), 0);
            disk.injectAt(Fault.IO_ERROR, Operation.SYNC, 1);
            assertThrows(StorageException.DiskFailed.class, file::sync);
            assertThrows(StorageException.DiskFailed.class, file::sync, "poisoned");
            assertThrows(StorageException.DiskFailed.class, () -> file.read(ByteBuffer.allocate(1), 0), "poisoned");
            assertEquals(List.of((byte) 2), content(disk, "f"), "reads still show it");
            DiskFile other = disk.open("f", OpenMode.WRITE);
            other.sync();
            afterCrash.add(content(disk.crash(seed), "f"));
        }
        assertEquals(Set.of(List.of((byte) 1), List.of((byte) 2)), afterCrash, "the second sync saved nothing");
    }

    @Test
    void aFailedWriteLeavesAPrefixAndPoisons() {
        Set<Integer> lengths = new HashSet<>();
        for (long seed = 0; seed < IMAGES; seed++) {
            SimDisk disk = new SimDisk(seed);
            DiskFile file = disk.open("f", OpenMode.CREATE);
            disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.WRITE && call.offset() == 0);
            assertThrows(StorageException.DiskFailed.class, () -> file.write(ByteBuffer.allocate(3), 0));
            assertThrows(StorageException.DiskFailed.class, file::length);
            lengths.add(content(disk, "f").size());
        }
        assertEquals(Set.of(0, 1, 2, 3), lengths);
    }

    @Test
    void faultsStrikeWhereTheyAreAimed() {
        SimDisk disk = new SimDisk(1);
        DiskFile file = create(disk, "f", 1);
        disk.inject(
                Fault.IO_ERROR,
                call -> call.operation() == Operation.READ && call.name().equals("f"));
        assertThrows(StorageException.DiskFailed.class, () -> file.read(ByteBuffer.allocate(1), 0));
        assertThrows(StorageException.DiskFailed.class, () -> file.read(ByteBuffer.allocate(1), 0));
        disk.clearFaults();
        assertEquals(1, file.read(ByteBuffer.allocate(1), 0), "a failed read does not poison");
        disk.injectAt(Fault.UNAVAILABLE, Operation.OPEN, 2);
        disk.open("f", OpenMode.READ).close();
        assertThrows(StorageException.Unavailable.class, () -> disk.open("f", OpenMode.READ));
        disk.open("f", OpenMode.READ).close();
        disk.injectAt(Fault.NO_SPACE, Operation.RENAME, 1);
        assertThrows(StorageException.OutOfSpace.class, () -> disk.rename("f", "g"));
        assertTrue(disk.exists("f"));
        assertEquals(2, disk.callCount(Operation.READ) - 1);
        assertEquals(List.of("f"), disk.openFiles());
        file.close();
        assertEquals(List.of(), disk.openFiles());
    }

    @Test
    void aFullDiskRefusesGrowthAndServesTheRest() {
        SimDisk disk = new SimDisk(1);
        disk.limitCapacity(10 * 4096);
        DiskFile file = disk.open("f", OpenMode.CREATE);
        file.write(ByteBuffer.allocate(8 * 4096), 0);
        assertEquals(2 * 4096, disk.usableBytes());
        assertThrows(StorageException.OutOfSpace.class, () -> file.write(ByteBuffer.allocate(3 * 4096), 8 * 4096));
        DiskFile again = disk.open("f", OpenMode.WRITE);
        assertTrue(again.length() <= 10 * 4096);
        again.write(ByteBuffer.allocate(4096), 0);
        disk.delete("f");
        assertEquals(10 * 4096, disk.usableBytes());
    }

    @Test
    void aFlippedBitIsReadAndOutlivesACrash() {
        SimDisk disk = new SimDisk(1);
        create(disk, "f", 1);
        disk.syncDirectory("");
        disk.flipBit("f", 0, 4);
        assertEquals(List.of((byte) 17), content(disk, "f"));
        assertEquals(List.of((byte) 17), content(disk.crash(1), "f"));
        assertThrows(IllegalArgumentException.class, () -> disk.copy().flipBit("f", 1, 0));
    }

    private static DiskFile create(SimDisk disk, String name, int value) {
        DiskFile file = disk.open(name, OpenMode.CREATE);
        file.write(ByteBuffer.wrap(new byte[] {(byte) value}), 0);
        file.sync();
        return file;
    }

    private static List<Byte> content(SimDisk disk, String name) {
        try (DiskFile file = disk.open(name, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
            file.read(bytes, 0);
            List<Byte> content = new ArrayList<>();
            for (byte value : bytes.array()) {
                content.add(value);
            }
            return content;
        }
    }
}
