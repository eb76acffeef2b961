package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import io.firn.testkit.Fault;
import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Disks that fail a write or a sync, or are full. */
final class VolumeStoreFaultTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    /** The segment is given up, its tail written elsewhere: nobody notices, and what was durable survives a crash. */
    @Test
    void hidesOneFailureOfTheLog() {
        Property.check("one failed call changes nothing", 600, random -> StoreRun.steps(random, 40), (seed, steps) -> {
            RandomGenerator random = Randomness.seeded(seed ^ 0xfa17);
            SimDisk disk = new SimDisk(seed);
            StoreRun run = new StoreRun(disk, OPTIONS);
            run.create("a", StoreRun.BLOCKS);
            Operation failing = random.nextBoolean() ? Operation.WRITE : Operation.SYNC;
            long[] left = {1 + random.nextInt(30)};
            disk.injectOnce(
                    Fault.IO_ERROR,
                    call -> call.operation() == failing && call.name().startsWith(Segments.FOLDER) && --left[0] == 0);
            run.doAll(steps);
            run.checkShown();
            StoreRun.matching(disk.crash(seed), OPTIONS, run.moments());
        });
    }

    /** A file is there and its name is not durable: nothing is told to be durable that lies in it before that is made good. */
    @Test
    void syncsTheNameOfASegmentAgain() {
        for (boolean isKilled : List.of(false, true)) {
            for (int seed = 1; seed <= 20; seed++) {
                SimDisk disk = new SimDisk(seed);
                VolumeStore store = StoreRun.open(disk, OPTIONS);
                assertTrue(store.create(VolumeSpec.of("a", 1 << 20)).isPresent());
                store.checkpoint(); // nothing to replay: opening has no other reason to sync names
                disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC_DIRECTORY);
                assertThrows(StorageException.DiskFailed.class, () -> store.prepare(1));
                SimDisk second = isKilled ? disk.kill() : disk;
                VolumeStore after = isKilled ? StoreRun.open(second, OPTIONS) : store;
                Volume volume = after.find(new VolumeName("a")).orElseThrow();
                for (int lba = 0; lba < 40; lba++) { // with a header each, into the second segment and no further
                    volume.write((long) lba * Block.BYTES, block(lba + 1));
                }
                volume.flush();
                try (VolumeStore found = StoreRun.open(second.crash(seed), OPTIONS)) {
                    assertArrayEquals(
                            block(40).array(),
                            read(found.find(new VolumeName("a")).orElseThrow(), 39L * Block.BYTES));
                }
            }
        }
    }

    @Test
    void acknowledgesNothingOnADiskThatFailsForGood() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        volume.write(0, block(1));
        volume.flush();
        volume.write(0, block(2));
        disk.inject(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC);
        assertThrows(StorageException.DiskFailed.class, volume::flush);
        assertThrows(StorageException.DiskFailed.class, () -> volume.write(0, block(3)));
        try (VolumeStore found = StoreRun.open(disk.crash(2), OPTIONS)) {
            byte first = read(found.find(new VolumeName("a")).orElseThrow(), 0)[0];
            assertTrue(first == 1 || first == 2, "found " + first);
        }
    }

    @Test
    void refusesWritesOnAFullDiskAndReadsOn() {
        SimDisk disk = new SimDisk(1);
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
            volume.write(0, block(1));
            disk.inject(Fault.NO_SPACE, call -> call.operation() == Operation.WRITE);
            assertThrows(StorageException.OutOfSpace.class, () -> volume.write(4096, block(2)));
            assertArrayEquals(block(1).array(), read(volume, 0));
            assertArrayEquals(new byte[Block.BYTES], read(volume, 4096));
            disk.clearFaults();
            volume.write(4096, block(3));
            assertArrayEquals(block(3).array(), read(volume, 4096));
        }
    }

    /** Overwriting for ever in a log with little more room than the data needs. */
    @Test
    void cleansToMakeRoom() {
        SimDisk disk = new SimDisk(1);
        VolumeStoreOptions small = OPTIONS.withCapacityBytes(4L << 20);
        try (VolumeStore store = StoreRun.open(disk, small)) {
            Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
            RandomGenerator random = Randomness.seeded(5);
            byte[] expected = new byte[256];
            for (int i = 0; i < 4_000; i++) {
                int lba = random.nextInt(256);
                expected[lba] = (byte) (1 + random.nextInt(100));
                volume.write((long) lba * Block.BYTES, block(expected[lba]));
            }
            for (int lba = 0; lba < 256; lba++) {
                assertArrayEquals(block(expected[lba]).array(), read(volume, (long) lba * Block.BYTES));
            }
            assertTrue(store.stat().movedBytes() > 0);
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
    }

    @Test
    void refusesWhatDoesNotFitTheLogAndTakesATrim() {
        SimDisk disk = new SimDisk(1);
        VolumeStoreOptions small = OPTIONS.withCapacityBytes(2L << 20);
        try (VolumeStore store = StoreRun.open(disk, small)) {
            Volume volume = store.create(VolumeSpec.of("a", 8 << 20)).orElseThrow();
            assertThrows(StorageException.OutOfSpace.class, () -> {
                for (long at = 0; at < volume.sizeBytes(); at += Block.BYTES) {
                    volume.write(at, block(7));
                }
            });
            assertArrayEquals(block(7).array(), read(volume, 0));
            volume.trim(0, volume.sizeBytes());
            volume.write(0, block(8));
            assertArrayEquals(block(8).array(), read(volume, 0));
        }
    }

    static ByteBuffer block(int value) {
        ByteBuffer bytes = ByteBuffer.allocate(Block.BYTES);
        java.util.Arrays.fill(bytes.array(), (byte) value);
        return bytes;
    }

    static byte[] read(Volume volume, long offset) {
        ByteBuffer bytes = ByteBuffer.allocate(Block.BYTES);
        volume.read(offset, bytes);
        return bytes.array();
    }
}
