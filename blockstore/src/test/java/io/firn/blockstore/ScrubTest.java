package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScrubTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    private final SimDisk disk = new SimDisk(1);
    private final VolumeStore store = StoreRun.open(disk, OPTIONS);

    private Volume create(String name) {
        return store.create(VolumeSpec.of(name, 1 << 20)).orElseThrow();
    }

    private static List<String> pass(VolumeStore store) {
        long passes = store.scrubStat().passes();
        while (store.scrub(7) > 0) {}
        assertEquals(passes + 1, store.scrubStat().passes());
        return store.scrubStat().problems();
    }

    /** Fills the segment that is open, so that scrub looks at it. */
    private void roll() {
        Volume filler = store.find(new VolumeName("filler")).orElseGet(() -> create("filler"));
        for (int i = 0; i < 64; i++) {
            filler.write((long) i * Block.BYTES, VolumeStoreFaultTest.block(i));
        }
        filler.flush();
    }

    private static long location(Volume volume, long lba) {
        return MapEntry.location(volume.state().map.get(lba));
    }

    private void rot(long location) {
        disk.flipBit(
                Segments.name((int) (location >> MapEntry.SLOT_BITS)),
                (location & (1 << MapEntry.SLOT_BITS) - 1) * Block.BYTES + 99,
                4);
    }

    @Test
    void findsABlockThatRotsAndMarksItsVolume() {
        Volume hit = create("hit");
        Volume spared = create("spared");
        for (Volume volume : List.of(hit, spared)) {
            volume.write(5 * Block.BYTES, VolumeStoreFaultTest.block(1));
        }
        roll();
        assertEquals(List.of(), pass(store));
        long rotten = location(hit, 5);
        rot(rotten);
        List<String> problems = pass(store);
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().startsWith("volume hit: block 5 is damaged in segments/"), problems.toString());
        assertTrue(hit.stat().isImpaired());
        assertFalse(spared.stat().isImpaired());
        assertThrows(StorageException.Corrupt.class, () -> VolumeStoreFaultTest.read(hit, 5 * Block.BYTES));
        // Written again, it is another block: the damage is nobody's any more.
        hit.write(5 * Block.BYTES, VolumeStoreFaultTest.block(2));
        hit.acknowledgeImpairment();
        assertEquals(List.of(), pass(store));
        assertFalse(hit.stat().isImpaired());
        assertEquals(1, store.scrubStat().damages());
    }

    @Test
    void findsWhatOnlyAViewAndACloneStillHave() {
        Volume parent = create("parent");
        parent.write(0, VolumeStoreFaultTest.block(1));
        SealedView view = parent.seal();
        long kept = location(parent, 0);
        Volume clone = store.cloneOf(view, new VolumeName("clone")).orElseThrow();
        parent.write(0, VolumeStoreFaultTest.block(2));
        while (store.flatten(1) > 0) {}
        roll();
        rot(kept);
        assertEquals(2, pass(store).size());
        assertTrue(clone.stat().isImpaired());
        view.release();
        store.delete(clone);
        assertEquals(List.of(), pass(store));
    }

    @Test
    void findsADamagedHeader() {
        Volume volume = create("a");
        volume.write(0, VolumeStoreFaultTest.block(1));
        roll();
        long header = location(volume, 0) - 1;
        rot(header);
        List<String> problems = pass(store);
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().contains("the batch header at offset"), problems.toString());
        assertEquals(1, VolumeStoreFaultTest.read(volume, 0)[0]);
    }

    @Test
    void theMarkSurvivesACheckpoint() {
        Volume volume = create("a");
        volume.write(0, VolumeStoreFaultTest.block(1));
        roll();
        rot(location(volume, 0));
        pass(store);
        store.checkpoint();
        try (VolumeStore again = StoreRun.open(disk.crash(3), OPTIONS)) {
            assertTrue(again.find(new VolumeName("a")).orElseThrow().stat().isImpaired());
            assertEquals(1, pass(again).size());
        }
    }

    /** Whatever was done and whatever crashed, a disk that keeps its bytes has no damage. */
    @Test
    void findsNothingWhereNothingRots() {
        Property.check("a sound store is scrubbed clean", 300, random -> StoreRun.steps(random, 60), (seed, steps) -> {
            SimDisk sound = new SimDisk(seed);
            StoreRun run = new StoreRun(sound, OPTIONS);
            run.create("a", StoreRun.BLOCKS);
            var random = Randomness.seeded(seed);
            for (StoreRun.Step step : steps) {
                run.apply(step);
                run.store().scrub(1 + random.nextInt(8));
            }
            assertEquals(0, run.store().scrubStat().damages());
            run.checkShown();
            try (VolumeStore found = StoreRun.open(sound.crash(seed), OPTIONS)) {
                assertEquals(List.of(), pass(found));
            }
        });
    }
}
