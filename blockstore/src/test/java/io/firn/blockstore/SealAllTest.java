package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.MemoryDisk;
import io.firn.io.SystemClock;
import io.firn.io.Threads;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A set sealed at one instant, under writers that count: each writes its number to the first volume, then to the second, and so on. In
 * every sealed set the numbers never rise from one volume to the next, and never fall by more than one.
 */
@Timeout(120)
final class SealAllTest {
    private static final int VOLUMES = 3;
    private static final int WRITERS = 4;
    private static final int SEALS_MAX = 100_000;
    private static final int CHANGES = 200;
    private static final int CUTS = 5;

    /** Writers never stop: early checkpoints give back what they wrote, or a slow machine runs out of memory. */
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();

    /** Refused before anything is in the log: a crash leaves what can be opened. */
    @Test
    void sealsNoVolumeTwiceAtOneInstant() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        assertThrows(IllegalArgumentException.class, () -> store.sealAll(List.of(volume, volume)));
        volume.flush();
        try (VolumeStore found = StoreRun.open(disk.crash(1), OPTIONS)) {
            assertEquals(
                    List.of(), found.find(new VolumeName("a")).orElseThrow().views());
        }
    }

    @Test
    void sealsASetAtOneInstant() throws InterruptedException {
        try (VolumeStore store = VolumeStore.open(new MemoryDisk(), new SystemClock(), OPTIONS)) {
            List<Volume> volumes = new ArrayList<>();
            for (int i = 0; i < VOLUMES; i++) {
                volumes.add(store.create(VolumeSpec.of("v" + i, 1 << 20)).orElseThrow());
            }
            AtomicBoolean isStopping = new AtomicBoolean();
            CountDownLatch writers = new CountDownLatch(WRITERS);
            for (int i = 0; i < WRITERS; i++) {
                long offset = (long) i * Block.BYTES;
                Threads.start("writer-" + i, () -> {
                    count(volumes, offset, isStopping);
                    writers.countDown();
                });
            }
            long[] last = new long[WRITERS];
            long changes = 0;
            long cuts = 0;
            // Until enough seals came between writes, and one came between a writer's two volumes: else nothing was
            // shown.
            for (int seal = 0; seal < SEALS_MAX && (changes < CHANGES || cuts < CUTS); seal++) {
                List<SealedView> views = store.sealAll(volumes);
                for (int writer = 0; writer < WRITERS; writer++) {
                    long first = number(views.getFirst(), writer);
                    assertTrue(first >= last[writer], "the count fell from " + last[writer] + " to " + first);
                    changes += first > last[writer] ? 1 : 0;
                    last[writer] = first;
                    long before = first;
                    for (SealedView view : views) {
                        long number = number(view, writer);
                        assertTrue(number <= before && number >= first - 1, number + " after " + before);
                        cuts += number < before ? 1 : 0;
                        before = number;
                    }
                }
                views.forEach(view -> assertEquals(views.getFirst().epoch(), view.epoch()));
                views.forEach(SealedView::release);
            }
            isStopping.set(true);
            writers.await();
            assertTrue(changes >= CHANGES && cuts >= CUTS, changes + " changes, " + cuts + " cuts");
            assertTrue(store.verify().isSound());
        }
    }

    private static void count(List<Volume> volumes, long offset, AtomicBoolean isStopping) {
        ByteBuffer block = ByteBuffer.allocate(Block.BYTES);
        for (long number = 1; !isStopping.get(); number++) {
            block.clear().putLong(0, number);
            for (Volume volume : volumes) {
                volume.write(offset, block.clear());
            }
        }
    }

    private static long number(SealedView view, int writer) {
        ByteBuffer block = ByteBuffer.allocate(Long.BYTES);
        view.read((long) writer * Block.BYTES, block);
        return block.getLong(0);
    }
}
