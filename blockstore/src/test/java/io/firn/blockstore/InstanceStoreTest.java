package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Volumes that live as long as their owner. */
final class InstanceStoreTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();
    private static final int BYTES = 64 * Block.BYTES;

    private static byte[] content(VolumeStore store, String name) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        store.find(new VolumeName(name)).orElseThrow().read(0, bytes);
        return bytes.array();
    }

    private static byte[] random() {
        byte[] bytes = new byte[BYTES];
        Randomness.seeded(9).nextBytes(bytes);
        return bytes;
    }

    private static void fill(VolumeStore store) {
        store.create(VolumeSpec.of("mine", BYTES).ownedBy("i-1")).orElseThrow().write(0, ByteBuffer.wrap(random()));
        store.create(VolumeSpec.of("theirs", BYTES).ownedBy("i-2"))
                .orElseThrow()
                .write(0, ByteBuffer.wrap(random()));
        Volume kept = store.create(VolumeSpec.of("kept", BYTES)).orElseThrow();
        kept.write(0, ByteBuffer.wrap(random()));
        kept.flush();
    }

    @Test
    void readsAsZerosWhenItsOwnerEnds() {
        SimDisk disk = new SimDisk(1);
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            fill(store);
            Volume mine = store.find(new VolumeName("mine")).orElseThrow();
            assertEquals(Optional.of("i-1"), mine.stat().owner());
            assertThrows(IllegalArgumentException.class, mine::seal);
            assertThrows(IllegalArgumentException.class, () -> store.sealAll(store.list()));
            store.endOwner("i-1");
            assertArrayEquals(new byte[BYTES], content(store, "mine"));
            assertEquals(0, mine.stat().allocatedBytes());
            assertEquals(Allocation.Kind.HOLE, mine.allocation(0, BYTES).kind());
            assertArrayEquals(random(), content(store, "theirs"));
            assertArrayEquals(random(), content(store, "kept"));
            // What was known of changes is not: nobody may take the discarded blocks for unchanged.
            assertEquals(Optional.empty(), mine.changedSince(0));
            mine.write(Block.BYTES, VolumeStoreFaultTest.block(5));
            assertArrayEquals(VolumeStoreFaultTest.block(5).array(), VolumeStoreFaultTest.read(mine, Block.BYTES));
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            byte[] expected = new byte[BYTES];
            java.util.Arrays.fill(expected, Block.BYTES, 2 * Block.BYTES, (byte) 5);
            assertArrayEquals(expected, content(store, "mine"));
        }
    }

    /** Whatever was done before and after, with whatever became of the checkpoint. */
    @Test
    void staysDiscardedAfterACrash() {
        int flushed = 1;
        int ended = 2;
        long syncs = CrashPoints.everySync(
                1,
                4,
                AtomicInteger::new,
                (disk, progress) -> {
                    VolumeStore store = StoreRun.open(disk, OPTIONS);
                    fill(store);
                    progress.set(flushed);
                    store.checkpoint();
                    store.endOwner("i-1");
                    progress.set(ended);
                    store.checkpoint();
                    while (store.clean()) {}
                    store.checkpoint();
                    store.close();
                },
                (found, progress) -> {
                    if (progress.get() < flushed) {
                        return;
                    }
                    try (VolumeStore store = StoreRun.open(found, OPTIONS)) {
                        byte[] mine = content(store, "mine");
                        if (progress.get() == ended || mine[0] == 0) {
                            assertArrayEquals(new byte[BYTES], mine);
                        } else {
                            assertArrayEquals(random(), mine);
                        }
                        assertArrayEquals(random(), content(store, "theirs"));
                        assertArrayEquals(random(), content(store, "kept"));
                        assertTrue(store.verify().isSound());
                    }
                });
        assertTrue(syncs > 8, "syncs: " + syncs);
    }
}
