package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.DiskCall.Operation;
import io.firn.testkit.Fault;
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
        SimDisk disk = new SimDisk(burst);
        Overwriter writer = new Overwriter(burst, 0, BLOCKS, burst);
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            Volume volume = create(store, BLOCKS);
            writer.fill(volume);
            writer.overwrite(volume, OVERWRITES);
            writer.check(volume);
            assertTrue(store.stat().movedBytes() > 0);
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
        }
    }

    /** Where a crash leaves the log as full as it was, cleaning goes on. */
    @Test
    void goesOnAfterACrash() {
        for (int seed = 1; seed <= 2; seed++) {
            SimDisk disk = new SimDisk(seed);
            Overwriter writer = new Overwriter(seed, 0, BLOCKS, 16);
            writer.fill(create(StoreRun.open(disk, OPTIONS), BLOCKS));
            for (int crash = 0; crash < 4; crash++) {
                disk = disk.crash(seed + crash);
                Volume volume = find(StoreRun.open(disk, OPTIONS));
                writer.check(volume);
                writer.overwrite(volume, BLOCKS);
                writer.flush(volume);
            }
            try (VolumeStore store = StoreRun.open(disk.crash(seed), OPTIONS)) {
                writer.check(find(store));
                assertTrue(store.verify().isSound(), () -> store.verify().toString());
            }
        }
    }

    /** What is found is a moment of the history, not before the last flush, wherever cleaning and its checkpoints were. */
    @Test
    void survivesAPowerFailureAtEverySync() {
        VolumeStoreOptions small = OPTIONS.withSegmentBytes(1 << 18).withCapacityBytes(4 << 20);
        int blocks = 500;
        long syncs = CrashPoints.everySync(
                1,
                2,
                () -> new Overwriter(1, 0, blocks, 8),
                (disk, writer) -> {
                    VolumeStore store = StoreRun.open(disk, small);
                    Volume volume = create(store, blocks);
                    for (int i = 0; i < 20; i++) {
                        writer.overwrite(volume, 64);
                        writer.flush(volume);
                    }
                    assertTrue(store.stat().movedBytes() > 0);
                    store.close();
                },
                (found, writer) -> {
                    try (VolumeStore store = StoreRun.open(found, small)) {
                        store.find(new VolumeName("a")).ifPresent(writer::checkMoment);
                        assertTrue(
                                store.verify().isSound(), () -> store.verify().toString());
                    }
                });
        assertTrue(syncs > 40, "syncs: " + syncs);
    }

    /** Another takes the room that cleaning has begun to use: when there is some again, both go on. */
    @Test
    void goesOnWhenTheDiskWasFullMeanwhile() {
        SimDisk disk = new SimDisk(1);
        Overwriter writer = new Overwriter(1, 0, BLOCKS, 32);
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            Volume volume = create(store, BLOCKS);
            writer.fill(volume);
            writer.overwrite(volume, OVERWRITES);
            writer.flush(volume);
            disk.inject(Fault.NO_SPACE, call -> call.operation() == Operation.WRITE);
            assertFalse(store.clean());
            assertThrows(StorageException.OutOfSpace.class, () -> volume.write(0, ByteBuffer.allocate(Block.BYTES)));
            disk.clearFaults();
            writer.overwrite(volume, BLOCKS);
            writer.check(volume);
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
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
            Volume volume = create(store, BLOCKS);
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

    private static Volume create(VolumeStore store, int blocks) {
        return store.create(VolumeSpec.of("a", (long) blocks << Block.SHIFT)).orElseThrow();
    }

    private static Volume find(VolumeStore store) {
        return store.find(new VolumeName("a")).orElseThrow();
    }

    /** Writes blocks of one range, each with its number and that of the write, and knows what they must show. */
    private static final class Overwriter {
        private final RandomGenerator random;
        private final int first;
        private final int blocks;
        private final int burst;
        private final List<Integer> written = new ArrayList<>();
        private int flushed;

        Overwriter(long seed, int first, int blocks, int burst) {
            this.random = Randomness.seeded(seed);
            this.first = first;
            this.blocks = blocks;
            this.burst = burst;
        }

        void fill(Volume volume) {
            for (int at = 0; at < blocks; at++) {
                write(volume.batch(), at).submit();
            }
            flush(volume);
        }

        void overwrite(Volume volume, int count) {
            WriteBatch batch = volume.batch();
            for (int i = 0; i < count; i += burst) {
                for (int j = 0; j < burst; j++) {
                    write(batch, random.nextInt(blocks));
                }
                batch.submit();
            }
        }

        private WriteBatch write(WriteBatch batch, int at) {
            written.add(at);
            batch.write(offset(at), block(at, written.size()));
            return batch;
        }

        void flush(Volume volume) {
            volume.flush();
            flushed = written.size();
        }

        void check(Volume volume) {
            check(volume, written.size());
        }

        /** It shows what was there after a write that is none before the last flush. */
        void checkMoment(Volume volume) {
            int last = flushed;
            for (int at = 0; at < blocks; at++) {
                last = Math.max(last, shown(volume, at).getInt(Integer.BYTES));
            }
            check(volume, last);
        }

        private void check(Volume volume, int writes) {
            int[] expected = new int[blocks];
            for (int write = 1; write <= writes; write++) {
                expected[written.get(write - 1)] = write;
            }
            for (int at = 0; at < blocks; at++) {
                assertEquals(block(at, expected[at]), shown(volume, at), "block " + (first + at));
            }
        }

        private ByteBuffer shown(Volume volume, int at) {
            ByteBuffer shown = ByteBuffer.allocate(Block.BYTES);
            volume.read(offset(at), shown);
            return shown.flip();
        }

        private long offset(int at) {
            return (long) (first + at) << Block.SHIFT;
        }

        /** Zeros where nothing was written yet. */
        private ByteBuffer block(int at, int write) {
            return ByteBuffer.allocate(Block.BYTES)
                    .putInt(write == 0 ? 0 : first + at)
                    .putInt(write)
                    .rewind();
        }
    }
}
