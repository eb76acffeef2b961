package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.SimDisk;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** One bit turned anywhere: detected, or harmless; never wrong data. */
final class VolumeStoreCorruptionTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    @Test
    void findsAnyBitTurnedInAStoreThatWasClosed() {
        SimDisk disk = new SimDisk(3);
        StoreRun run = new StoreRun(disk, OPTIONS);
        run.create("a", StoreRun.BLOCKS);
        run.doAll(StoreRun.steps(Randomness.seeded(11), 150));
        List<StoreModel> moments = run.moments();
        run.store().close();
        List<String> truth = moments.getLast().lines();
        RandomGenerator random = Randomness.seeded(12);
        int detected = 0;
        for (String file : disk.files()) {
            long length = length(disk, file);
            for (int i = 0; i < 250; i++) {
                SimDisk rotten = disk.copy();
                // Half of the tries near the beginning, where heads and headers are.
                long offset = random.nextLong(i % 2 == 0 ? Math.min(length, 8192) : length);
                rotten.flipBit(file, offset, random.nextInt(8));
                if (isDetected(rotten, truth, file + " at " + offset)) {
                    detected++;
                }
            }
        }
        assertTrue(detected > 100, "detected " + detected);
    }

    private static long length(SimDisk disk, String file) {
        try (DiskFile opened = disk.copy().open(file, Disk.OpenMode.READ)) {
            return opened.length();
        }
    }

    /** True when it was found out; false when it did no harm; throws when something wrong was shown. */
    private static boolean isDetected(SimDisk rotten, List<String> truth, String where) {
        try (VolumeStore store = StoreRun.open(rotten, OPTIONS)) {
            List<String> shown = StoreRun.shown(store);
            assertEquals(truth, shown, "a bit of " + where);
            return !store.verify().isSound();
        } catch (StorageException.Corrupt | StorageException.Fenced found) {
            return true;
        }
    }

    @Test
    void impairsABlockThatWasBroughtInAndRotsAfterItsSourceIsDetached() {
        VolumeStoreOptions options = OPTIONS.withSources(id ->
                (offset, target) -> target.put(VolumeStoreFaultTest.block(7).slice(0, target.remaining())));
        for (boolean isDetached : new boolean[] {false, true}) {
            SimDisk disk = new SimDisk(1);
            VolumeStore store = StoreRun.open(disk, options);
            Volume volume =
                    store.create(VolumeSpec.of("a", 1 << 20).from("snap")).orElseThrow();
            volume.hydrate(Block.BYTES, VolumeStoreFaultTest.block(7));
            if (isDetached) {
                volume.detachSource();
            }
            for (int i = 0; i < 2; i++) {
                volume.write(0, VolumeStoreFaultTest.block(i));
                volume.flush();
            }
            SimDisk rotten = disk.kill();
            rotten.flipBit(Segments.name(0), (2 + 1) * (long) Block.BYTES + 100, 3);
            try (VolumeStore found = StoreRun.open(rotten, options)) {
                Volume filled = found.find(new VolumeName("a")).orElseThrow();
                assertEquals(isDetached, filled.stat().isImpaired());
                if (isDetached) {
                    assertThrows(StorageException.Corrupt.class, () -> VolumeStoreFaultTest.read(filled, Block.BYTES));
                } else {
                    assertArrayEquals(
                            VolumeStoreFaultTest.block(7).array(), VolumeStoreFaultTest.read(filled, Block.BYTES));
                }
            }
        }
    }

    @Test
    void impairsABlockThatRotsInTheMiddleOfTheTail() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        for (int i = 0; i < 4; i++) {
            volume.write((long) i * Block.BYTES, VolumeStoreFaultTest.block(i + 1));
            volume.flush();
        }
        SimDisk rotten = disk.kill();
        // Slots: segment header, CREATE, then a header and a block for each write.
        rotten.flipBit(Segments.name(0), (2 + 2 + 1) * (long) Block.BYTES + 100, 3);
        try (VolumeStore found = StoreRun.open(rotten, OPTIONS)) {
            Volume impaired = found.find(new VolumeName("a")).orElseThrow();
            assertTrue(impaired.stat().isImpaired());
            assertThrows(StorageException.Corrupt.class, () -> VolumeStoreFaultTest.read(impaired, Block.BYTES));
            for (int i : List.of(0, 2, 3)) {
                assertArrayEquals(
                        VolumeStoreFaultTest.block(i + 1).array(),
                        VolumeStoreFaultTest.read(impaired, (long) i * Block.BYTES));
            }
            assertThrows(
                    StorageException.Corrupt.class, () -> impaired.write(Block.BYTES, VolumeStoreFaultTest.block(9)));
            impaired.acknowledgeImpairment();
            impaired.write(Block.BYTES, VolumeStoreFaultTest.block(9));
            assertArrayEquals(VolumeStoreFaultTest.block(9).array(), VolumeStoreFaultTest.read(impaired, Block.BYTES));
        }
    }

    @Test
    void impairsAllWhenAWholeBatchOfTheTailIsGone() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        for (int i = 0; i < 4; i++) {
            volume.write((long) i * Block.BYTES, VolumeStoreFaultTest.block(i + 1));
            volume.flush();
        }
        SimDisk rotten = disk.kill();
        rotten.flipBit(Segments.name(0), (2 + 2) * (long) Block.BYTES + 20, 1);
        try (VolumeStore found = StoreRun.open(rotten, OPTIONS)) {
            Volume impaired = found.find(new VolumeName("a")).orElseThrow();
            assertTrue(impaired.stat().isImpaired());
            assertEquals(java.util.Optional.empty(), impaired.changedSince(0));
            assertArrayEquals(
                    VolumeStoreFaultTest.block(4).array(), VolumeStoreFaultTest.read(impaired, 3L * Block.BYTES));
        }
    }
}
