package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A clone and what it was made from: independent in every order of writing, flattening and deleting. */
final class VolumeCloneTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();
    private static final VolumeName PARENT = new VolumeName("parent");
    private static final VolumeName CLONE = new VolumeName("clone");
    private static final int BYTES = 1 << 20;

    private final SimDisk disk = new SimDisk(1);

    private static byte[] random(int seed) {
        byte[] bytes = new byte[BYTES / 2];
        Randomness.seeded(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] content(Volume volume) {
        ByteBuffer bytes = ByteBuffer.allocate((int) volume.sizeBytes());
        volume.read(0, bytes);
        return bytes.array();
    }

    private static Volume find(VolumeStore store, VolumeName name) {
        return store.find(name).orElseThrow();
    }

    /** What the clone has to hold after {@link #make}: the first half of the parent, with two blocks of its own. */
    private static byte[] expected() {
        byte[] bytes = new byte[BYTES];
        System.arraycopy(random(1), 0, bytes, 0, BYTES / 2);
        java.util.Arrays.fill(bytes, 3 * Block.BYTES, 4 * Block.BYTES, (byte) 77);
        java.util.Arrays.fill(bytes, 5 * Block.BYTES, 6 * Block.BYTES, (byte) 0);
        return bytes;
    }

    private static void make(VolumeStore store) {
        Volume parent = store.create(VolumeSpec.of("parent", BYTES)).orElseThrow();
        parent.write(0, ByteBuffer.wrap(random(1)));
        SealedView view = parent.seal();
        Volume clone = store.cloneOf(view, CLONE).orElseThrow();
        assertEquals(Optional.empty(), store.cloneOf(view, CLONE));
        assertTrue(clone.stat().isBased());
        assertTrue(clone.dirty().isEmpty());
        assertEquals(1, clone.stat().epoch());
        view.release();
        assertEquals(List.of(), parent.views());
        clone.write(3 * Block.BYTES, VolumeStoreFaultTest.block(77));
        clone.trim(5 * Block.BYTES, Block.BYTES);
        parent.write(0, ByteBuffer.wrap(random(2)));
    }

    @Test
    void outlivesItsParentOnceItIsFlat() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            make(store);
            Volume clone = find(store, CLONE);
            assertArrayEquals(expected(), content(clone));
            while (store.flatten(1) > 0) {}
            assertFalse(clone.stat().isBased());
            assertEquals(0, find(store, PARENT).stat().keptBlocks());
            store.delete(find(store, PARENT));
            store.checkpoint();
            while (store.clean()) {}
            store.checkpoint();
            assertArrayEquals(expected(), content(clone));
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            assertEquals(1, store.list().size());
            assertArrayEquals(expected(), content(find(store, CLONE)));
        }
    }

    /** Deleting the parent first: what the clone still needs of it stays until the clone has it. */
    @Test
    void outlivesAParentThatIsDeletedBefore() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            make(store);
            store.delete(find(store, PARENT));
            assertArrayEquals(expected(), content(find(store, CLONE)));
        }
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            assertArrayEquals(expected(), content(find(store, CLONE)));
            while (store.flatten(1) > 0) {}
            assertArrayEquals(expected(), content(find(store, CLONE)));
            // The parent is gone to the last reference: what lives is what the clone has.
            long live = store.stat().liveBytes();
            assertEquals(find(store, CLONE).stat().allocatedBytes(), live);
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
    }

    @Test
    void leavesTheParentAsItWasWhenItIsDeleted() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            make(store);
            Volume clone = find(store, CLONE);
            store.delete(clone);
            assertThrows(StorageException.Closed.class, () -> content(clone));
            Volume parent = find(store, PARENT);
            assertEquals(0, parent.stat().keptBlocks());
            byte[] both = new byte[BYTES];
            System.arraycopy(random(2), 0, both, 0, BYTES / 2);
            assertArrayEquals(both, content(parent));
            assertEquals(parent.stat().allocatedBytes(), store.stat().liveBytes());
        }
    }

    /** A clone of a clone of a view, deleted from the root on. */
    @Test
    void comesFromAClone() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            make(store);
            Volume clone = find(store, CLONE);
            Volume grandchild =
                    store.cloneOf(clone.seal(), new VolumeName("grandchild")).orElseThrow();
            assertArrayEquals(expected(), content(grandchild));
            store.delete(find(store, PARENT));
            clone.views().forEach(SealedView::release);
            store.delete(clone);
            assertArrayEquals(expected(), content(grandchild));
            while (store.flatten(1) > 0) {}
            while (store.clean()) {}
            assertArrayEquals(expected(), content(grandchild));
            assertEquals(grandchild.stat().allocatedBytes(), store.stat().liveBytes());
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
    }
}
