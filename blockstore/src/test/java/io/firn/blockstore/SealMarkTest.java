package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Marks of seals, by which whoever made them finds their views after a crash. */
final class SealMarkTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    private static Volume make(VolumeStore store, String name) {
        return store.create(VolumeSpec.of(name, 1 << 20)).orElseThrow();
    }

    private static List<Long> marks(VolumeStore store) {
        return store.markedViews().stream().map(SealedView::mark).sorted().toList();
    }

    @Test
    void aViewIsFoundByItsMarkUntilItIsReleased() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume checkpointed = make(store, "checkpointed");
        Volume deleted = make(store, "deleted");
        store.beginSeal(List.of(new Sealing.Wish(checkpointed, 7), new Sealing.Wish(deleted, Long.MIN_VALUE)))
                .sync();
        store.checkpoint();
        checkpointed.seal();
        store.beginSeal(List.of(new Sealing.Wish(checkpointed, 9))).sync();
        store.delete(deleted);

        VolumeStore again = StoreRun.open(disk.crash(1), OPTIONS);
        assertEquals(List.of(Long.MIN_VALUE, 7L, 9L), marks(again));
        assertEquals(
                List.of(7L, 0L, 9L),
                again.find(checkpointed.id()).orElseThrow().views().stream()
                        .map(SealedView::mark)
                        .toList());
        again.markedViews().forEach(SealedView::release);
        assertEquals(List.of(), marks(again));
        assertTrue(again.find(deleted.id()).isEmpty(), "the deleted volume is gone with its last view");
        assertTrue(again.verify().isSound());
    }

    @Test
    void whatIsSealedIsSeenAtOnceAndDurableAfterItsSync() {
        SimDisk disk = new SimDisk(2);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = make(store, "disk");
        volume.write(0, ByteBuffer.wrap(new byte[] {1}));
        long syncs = disk.syncCount();
        Sealing sealing = store.beginSeal(List.of(new Sealing.Wish(volume, 5)));
        assertEquals(syncs, disk.syncCount());
        volume.write(0, ByteBuffer.wrap(new byte[] {2}));
        assertEquals(
                List.of(1L), sealing.views().stream().map(SealedView::epoch).toList());
        assertEquals(1, firstByte(sealing.views().getFirst()));

        sealing.sync();
        SealedView found = StoreRun.open(disk.crash(3), OPTIONS)
                .find(volume.id())
                .flatMap(after -> after.view(1))
                .orElseThrow();
        assertEquals(5, found.mark());
        assertEquals(1, firstByte(found));
    }

    /** Never one view without the other, over what a crash may keep of what no sync covered. */
    @Test
    void aSetIsSealedWhollyOrNotWithoutItsSync() {
        for (int seed = 0; seed < 50; seed++) {
            SimDisk disk = new SimDisk(seed);
            VolumeStore store = StoreRun.open(disk, OPTIONS);
            List<Sealing.Wish> wishes = Stream.of(make(store, "a"), make(store, "b"))
                    .map(volume -> new Sealing.Wish(volume, 1 + volume.id()))
                    .toList();
            store.beginSeal(wishes);
            int left = marks(StoreRun.open(disk.crash(seed), OPTIONS)).size();
            assertTrue(left == 0 || left == wishes.size(), left + " views of seed " + seed);
        }
    }

    private static int firstByte(SealedView view) {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        view.read(0, bytes);
        return bytes.get(0);
    }
}
