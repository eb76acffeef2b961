package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three quarters of what the log may take are needed: cleaning makes room for every write, for ever. */
final class NearlyFullLogTest {
    private static final int SEGMENTS = 48;
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT
            .withSmallFiles()
            .withSegmentBytes(1 << 20)
            .withCapacityBytes(SEGMENTS << 20);
    private static final int BLOCKS = SEGMENTS * 256 * 3 / 4;
    private static final int OVERWRITES = 2 * BLOCKS;

    /** Batches of one block fill half of what they take with headers. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32})
    void takesEveryOverwriteAndLosesNone(int burst) {
        for (int seed = 1; seed <= 2; seed++) {
            SimDisk disk = new SimDisk(seed);
            Overwriter writer = new Overwriter(seed, 0, BLOCKS, burst);
            try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
                Volume volume = create(store);
                writer.fill(volume);
                writer.overwrite(volume, OVERWRITES);
                writer.check(volume);
                assertTrue(store.stat().movedBytes() > 0);
                assertTrue(store.verify().isSound(), () -> store.verify().toString());
            }
        }
    }

    /** Where a crash leaves the log as full as it was, cleaning goes on. */
    @Test
    void goesOnAfterACrash() {
        for (int seed = 1; seed <= 3; seed++) {
            SimDisk disk = new SimDisk(seed);
            Overwriter writer = new Overwriter(seed, 0, BLOCKS, 16);
            writer.fill(create(StoreRun.open(disk, OPTIONS)));
            for (int crash = 0; crash < 4; crash++) {
                disk = disk.crash(seed + crash);
                Volume volume = find(StoreRun.open(disk, OPTIONS));
                writer.check(volume);
                writer.overwrite(volume, BLOCKS);
                volume.flush();
            }
            try (VolumeStore store = StoreRun.open(disk.crash(seed), OPTIONS)) {
                writer.check(find(store));
                assertTrue(store.verify().isSound(), () -> store.verify().toString());
            }
        }
    }

    @Test
    void takesTheOverwritesOfManyThreads() throws InterruptedException, ExecutionException {
        SimDisk disk = new SimDisk(1);
        List<Overwriter> writers = new ArrayList<>();
        int threads = 6;
        for (int i = 0; i < threads; i++) {
            writers.add(new Overwriter(i, i * (BLOCKS / threads), BLOCKS / threads, 1 + 5 * i));
        }
        try (VolumeStore store = VolumeStore.open(disk, new SystemClock(), OPTIONS);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Volume volume = create(store);
            writers.forEach(writer -> writer.fill(volume));
            List<Future<?>> running = new ArrayList<>();
            writers.forEach(writer -> running.add(pool.submit(() -> writer.overwrite(volume, OVERWRITES / threads))));
            for (Future<?> one : running) {
                one.get();
            }
            writers.forEach(writer -> writer.check(volume));
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
    }

    private static Volume create(VolumeStore store) {
        return store.create(VolumeSpec.of("a", (long) BLOCKS << Block.SHIFT)).orElseThrow();
    }

    private static Volume find(VolumeStore store) {
        return store.find(new VolumeName("a")).orElseThrow();
    }

    /** Writes blocks of one range, each with its number and how often it was written, and knows what they must show. */
    private static final class Overwriter {
        private final RandomGenerator random;
        private final int first;
        private final int burst;
        private final int[] written;

        Overwriter(long seed, int first, int blocks, int burst) {
            this.random = Randomness.seeded(seed);
            this.first = first;
            this.burst = burst;
            this.written = new int[blocks];
        }

        void fill(Volume volume) {
            for (int at = 0; at < written.length; at++) {
                written[at]++;
                volume.write(offset(at), block(at));
            }
            volume.flush();
        }

        void overwrite(Volume volume, int count) {
            WriteBatch batch = volume.batch();
            for (int i = 0; i < count; i += burst) {
                for (int j = 0; j < burst; j++) {
                    int at = random.nextInt(written.length);
                    written[at]++;
                    batch.write(offset(at), block(at));
                }
                batch.submit();
            }
        }

        void check(Volume volume) {
            ByteBuffer shown = ByteBuffer.allocate(Block.BYTES);
            for (int at = 0; at < written.length; at++) {
                volume.read(offset(at), shown.clear());
                assertEquals(block(at), shown.flip(), "block " + (first + at));
            }
        }

        private long offset(int at) {
            return (long) (first + at) << Block.SHIFT;
        }

        private ByteBuffer block(int at) {
            return ByteBuffer.allocate(Block.BYTES)
                    .putInt(first + at)
                    .putInt(written[at])
                    .rewind();
        }
    }
}
