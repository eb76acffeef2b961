package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.testkit.SimDisk;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The map's memory follows what was written, not the volume's size. */
final class MapMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long SIZE = VolumeSpec.SIZE_BYTES_MAX;

    private static long allocatedHeap() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class)
                .getCurrentThreadAllocatedBytes();
    }

    private static long pageBytes(Volume volume) {
        long[] pages = {0};
        volume.state().forEachPage(page -> pages[0]++);
        return pages[0] * Page.BYTES;
    }

    @Test
    void anEmptyVolumeOf64TiBTakesLessThan40MiB() {
        try (VolumeStore store = StoreRun.open(new SimDisk(1), VolumeStoreOptions.DEFAULT)) {
            long before = allocatedHeap();
            Volume volume = store.create(VolumeSpec.of("large", SIZE)).orElseThrow();
            volume.trim(0, SIZE);
            volume.zero(0, SIZE, true);
            volume.read(SIZE - 512, ByteBuffer.allocate(512));
            assertEquals(Allocation.Kind.HOLE, volume.allocation(0, SIZE).kind());
            SealedView view = volume.seal();
            assertEquals(0, pageBytes(volume));
            // Everything that was allocated on the way counts, garbage too.
            assertTrue(allocatedHeap() - before < 40 * MIB, "allocated " + (allocatedHeap() - before));

            // One block at either end: a page of the map, a page of dirty bits and one of what the view keeps.
            volume.write(0, VolumeStoreFaultTest.block(1));
            volume.write(SIZE - Block.BYTES, VolumeStoreFaultTest.block(2));
            assertEquals(2, volume.dirty().count());
            assertTrue(pageBytes(volume) <= 5L * Page.BYTES, "pages take " + pageBytes(volume));
            assertEquals(1 << 14, volume.state().map.endIndex() >> 10, "slots of the root");
            assertTrue(allocatedHeap() - before < 40 * MIB, "allocated " + (allocatedHeap() - before));
            view.release();
        }
    }

    /** 8 bytes for each block, a bit for its being dirty. */
    @Test
    void aWrittenBlockTakesEightBytes() {
        try (VolumeStore store = StoreRun.open(new SimDisk(1), VolumeStoreOptions.DEFAULT)) {
            long bytes = 64 * MIB;
            Volume volume = store.create(VolumeSpec.of("a", bytes)).orElseThrow();
            volume.zero(0, bytes, false);
            assertEquals(bytes / Block.BYTES * Long.BYTES + Page.BYTES, pageBytes(volume));
        }
    }
}
