package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupSyncTest {
    private static final int WRITERS = 32;

    private final WatchedDisk disk = new WatchedDisk(new MemoryDisk());
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next sync stops until released; those after it run free. */
    private void stopNextSync() {
        disk.beforeSync = () -> {
            disk.beforeSync = () -> {};
            started.countDown();
            await(release);
        };
    }

    private static void write(ExtentDirectory directory, int number) {
        directory.write(Frame.encode(1, 4096 + number * 1024L, FrameOwner.NONE, Payloads.numbered(number, 100)));
    }

    @Test
    void writersThatComeDuringASyncShareTheNextOne() throws Exception {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
                ExecutorService threads = Threads.virtualPerTask("writer-")) {
            directory.create(1);
            stopNextSync();
            List<Future<?>> writers = new ArrayList<>();
            writers.add(threads.submit(() -> directory.sync(1)));
            await(started);
            CountDownLatch written = new CountDownLatch(WRITERS);
            for (int i = 0; i < WRITERS; i++) {
                int number = i;
                writers.add(threads.submit(() -> {
                    write(directory, number);
                    written.countDown();
                    directory.sync(1);
                }));
            }
            await(written);
            release.countDown();
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertEquals(2, disk.syncs.get(), "one that was running, one for all who came meanwhile");
            assertEquals(1, disk.directorySyncs.get(), "the name is made durable once");
        }
    }

    @Test
    void writeThatFinishedBeforeASyncStartedIsCoveredByIt() throws Exception {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
                ExecutorService threads = Threads.virtualPerTask("writer-")) {
            directory.create(1);
            for (int i = 0; i < WRITERS; i++) {
                write(directory, i);
            }
            stopNextSync();
            List<Future<?>> syncers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                syncers.add(threads.submit(() -> directory.sync(1)));
            }
            await(started);
            assertTrue(syncers.stream().noneMatch(Future::isDone), "nobody returns before the sync has");
            release.countDown();
            for (Future<?> syncer : syncers) {
                syncer.get();
            }
            assertEquals(1, disk.syncs.get());
        }
    }

    @Test
    void nothingNewIsNoSync() {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            directory.create(1);
            directory.sync(1);
            directory.sync(1);
            assertEquals(1, disk.syncs.get());
            write(directory, 0);
            directory.sync(1);
            assertEquals(2, disk.syncs.get());
        }
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            directory.sync(1);
            assertEquals(3, disk.syncs.get(), "what an earlier process wrote may be unsynced");
        }
    }

    @Test
    void failureReachesEveryWaiter() throws Exception {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
                ExecutorService threads = Threads.virtualPerTask("writer-")) {
            directory.create(1);
            disk.beforeSync = () -> {
                started.countDown();
                await(release);
                throw new StorageException.DiskFailed("sync failed", null);
            };
            List<Future<?>> syncers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                syncers.add(threads.submit(() -> directory.sync(1)));
            }
            await(started);
            release.countDown();
            for (Future<?> syncer : syncers) {
                ExecutionException e = assertThrows(ExecutionException.class, syncer::get);
                assertInstanceOf(StorageException.DiskFailed.class, e.getCause());
            }
            assertEquals(1, disk.syncs.get(), "a failed sync is never tried again");
        }
    }

    @Test
    void manyWritersNeedFewSyncs() throws Exception {
        int rounds = 20;
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
                ExecutorService threads = Threads.virtualPerTask("writer-")) {
            directory.create(1);
            disk.beforeSync = () -> Threads.sleep(java.time.Duration.ofMillis(2));
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int first = i * rounds;
                writers.add(threads.submit(() -> {
                    for (int number = first; number < first + rounds; number++) {
                        write(directory, number);
                        directory.sync(1);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertEquals(WRITERS * rounds, directory.frames(1).size());
            assertTrue(
                    disk.syncs.get() <= WRITERS * rounds / 4,
                    () -> disk.syncs.get() + " syncs for " + WRITERS * rounds + " writes");
        }
    }
}
