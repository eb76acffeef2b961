package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExtentFaultTest {
    private final SimDisk disk = new SimDisk(1);
    private final ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
    private final EncodedFrame synced = frame(7, 4096, 5000);
    private final EncodedFrame unsynced = frame(7, 16_384, 5000);
    private final EncodedFrame late = frame(7, 32_768, 5000);

    private static EncodedFrame frame(long extentId, long offset, int length) {
        return Frame.encode(extentId, offset, FrameOwner.NONE, Payloads.numbered(offset, length));
    }

    @BeforeEach
    void writesTwoFramesAndSyncsOne() {
        directory.create(7);
        directory.write(synced);
        directory.sync(7);
        directory.write(unsynced);
    }

    @AfterEach
    void leavesNoFileOpen() {
        directory.close();
        assertEquals(List.of(), disk.openFiles());
    }

    private void assertPoisoned() {
        assertThrows(StorageException.DiskFailed.class, () -> directory.sync(7));
        assertThrows(StorageException.DiskFailed.class, () -> directory.write(late));
        assertThrows(StorageException.DiskFailed.class, () -> directory.seal(7));
        assertThrows(StorageException.DiskFailed.class, () -> directory.sync(7));
        assertEquals(synced.payload(), Payloads.readAll(directory, synced.ref()));
        directory.verify(synced.ref());
        assertEquals(synced.ref(), directory.frames(7).getFirst().ref());
    }

    @Test
    void failedSyncPoisonsTheExtentAndNoOther() {
        directory.create(8);
        disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC);
        assertPoisoned();
        directory.write(frame(8, 4096, 10));
        directory.sync(8);
        directory.delete(7);
        assertEquals(List.of("zone/0000000000000008.extent"), disk.files());
    }

    @Test
    void fullDiskAtSyncPoisonsToo() {
        disk.injectOnce(Fault.NO_SPACE, call -> call.operation() == Operation.SYNC);
        assertPoisoned();
    }

    @Test
    void failedSyncOfTheFolderPoisons() {
        directory.create(9);
        disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC_DIRECTORY);
        assertThrows(StorageException.DiskFailed.class, () -> directory.sync(9));
        assertThrows(StorageException.DiskFailed.class, () -> directory.sync(9));
        directory.sync(7);
    }

    @Test
    void writeThatFailsOnceIsRepeated() {
        disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.WRITE);
        directory.write(late);
        directory.sync(7);
        SimDisk found = disk.crash(1);
        try (ExtentDirectory after = ExtentDirectory.open(found, "zone", ExtentOptions.defaults())) {
            for (EncodedFrame each : List.of(synced, unsynced, late)) {
                assertEquals(each.payload(), Payloads.readAll(after, each.ref()));
            }
        }
    }

    @Test
    void writeThatFailsTwicePoisons() {
        disk.inject(Fault.IO_ERROR, call -> call.operation() == Operation.WRITE);
        assertThrows(StorageException.DiskFailed.class, () -> directory.write(late));
        disk.clearFaults();
        assertPoisoned();
    }

    @Test
    void fullDiskPoisonsNothing() {
        disk.limitCapacity(24_000);
        assertThrows(StorageException.OutOfSpace.class, () -> directory.write(late));
        assertThrows(StorageException.OutOfSpace.class, () -> directory.create(8));
        assertEquals(unsynced.payload(), Payloads.readAll(directory, unsynced.ref()));
        directory.sync(7);
        directory.verify(synced.ref());
        disk.limitCapacity(1 << 20);
        directory.write(late);
        directory.sync(7);
        assertEquals(3, directory.frames(7).size());
    }

    @Test
    void syncThatCannotOpenTheFileMayBeTriedAgain() {
        directory.create(8);
        directory.write(frame(8, 4096, 10));
        disk.inject(Fault.UNAVAILABLE, call -> call.operation() == Operation.OPEN);
        assertThrows(StorageException.Unavailable.class, () -> directory.sync(8));
        disk.clearFaults();
        directory.sync(8);
    }

    @Test
    void failedReadIsTheReadersAlone() {
        disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.READ);
        assertThrows(StorageException.DiskFailed.class, () -> directory.verify(synced.ref()));
        directory.verify(synced.ref());
        directory.sync(7);
    }

    /** What can be read after a failed sync need not be on the disk: only writing it again puts it there. */
    @Test
    void replayAfterAFailedSyncMakesEverythingDurable() {
        for (int seed = 1; seed <= 50; seed++) {
            SimDisk fresh = new SimDisk(seed);
            try (ExtentDirectory first = ExtentDirectory.open(fresh, "zone", ExtentOptions.defaults())) {
                first.create(7);
                first.write(synced);
                first.write(unsynced);
                fresh.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC);
                assertThrows(StorageException.DiskFailed.class, () -> first.sync(7));
            }
            SimDisk killed = fresh.kill();
            try (ExtentDirectory second = ExtentDirectory.open(killed, "zone", ExtentOptions.defaults())) {
                second.ensure(7);
                second.write(synced);
                second.write(unsynced);
                second.sync(7);
            }
            try (ExtentDirectory third = ExtentDirectory.open(killed.crash(seed), "zone", ExtentOptions.defaults())) {
                assertEquals(synced.payload(), Payloads.readAll(third, synced.ref()));
                assertEquals(unsynced.payload(), Payloads.readAll(third, unsynced.ref()));
                assertTrue(third.existing(7).preambleDamage().isEmpty());
            }
        }
    }

    @Test
    void sealAfterAFailedSealMakesItDurable() {
        for (int failing = 1; failing <= 2; failing++) {
            SimDisk fresh = new SimDisk(failing);
            try (ExtentDirectory first = ExtentDirectory.open(fresh, "zone", ExtentOptions.defaults())) {
                first.create(7);
                first.write(synced);
                first.sync(7);
                fresh.injectAt(Fault.IO_ERROR, Operation.SYNC, failing);
                assertThrows(StorageException.DiskFailed.class, () -> first.seal(7));
            }
            SimDisk killed = fresh.kill();
            try (ExtentDirectory second = ExtentDirectory.open(killed, "zone", ExtentOptions.defaults())) {
                second.seal(7);
            }
            for (int image = 0; image < 20; image++) {
                try (ExtentDirectory third =
                        ExtentDirectory.open(killed.crash(image), "zone", ExtentOptions.defaults())) {
                    assertTrue(third.isSealed(7));
                    assertTrue(third.existing(7).footer().isPresent());
                }
            }
        }
    }
}
