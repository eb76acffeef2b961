package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.testkit.DiskCall.Operation;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Flushes that nobody waits for in a thread of his own. */
@Timeout(60)
final class FlushAsyncTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();
    private static final VolumeName NAME = new VolumeName("a");

    private static VolumeStore open(SimDisk disk) {
        return VolumeStore.open(disk, new SystemClock(), OPTIONS);
    }

    private static Volume volume(VolumeStore store) {
        return store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
    }

    @Test
    void isDoneOnReturnWithoutThreads() {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        Volume volume = volume(store);
        volume.write(0, VolumeStoreFaultTest.block(1));
        assertTrue(volume.flushAsync().isDone());
        disk.inject(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC);
        assertTrue(volume.flushAsync().isDone(), "what is durable needs no sync");
        volume.write(0, VolumeStoreFaultTest.block(2));
        CompletableFuture<Void> failed = volume.flushAsync();
        assertInstanceOf(StorageException.DiskFailed.class, failed.exceptionNow());
        try (VolumeStore found = StoreRun.open(disk.crash(2), OPTIONS)) {
            assertTrue(VolumeStoreFaultTest.read(found.find(NAME).orElseThrow(), 0)[0] > 0);
        }
    }

    /** Every future completes, none before what it stands for is on stable storage. */
    @Test
    void answersManyAtOnceAndNoneTooSoon() throws Exception {
        int writers = 8;
        int each = 200;
        try (VolumeStore store = open(new SimDisk(3))) {
            Volume volume = volume(store);
            ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<CompletableFuture<Void>> all = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int lba = i;
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int j = 0; j < each; j++) {
                        volume.write((long) lba * Block.BYTES, VolumeStoreFaultTest.block(j));
                        long sequence = store.stat().sequence(); // not before the write's own
                        if (j % 50 == 49) {
                            volume.flush(); // both kinds share the syncs
                        }
                        CompletableFuture<Void> flush = volume.flushAsync();
                        all.add(flush.thenRun(() -> {
                            long durable = store.stat().durableSequence();
                            if (durable < sequence) {
                                early.add(durable + " of " + sequence);
                            }
                        }));
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
            assertEquals(writers * each, all.size());
            assertEquals(List.of(), List.copyOf(early));
        }
    }

    /** One failed sync is made good in another segment: the flush succeeds, and the bytes are there after a crash. */
    @Test
    void succeedsAfterASyncThatFailedOnce() throws Exception {
        SimDisk disk = new SimDisk(5);
        try (VolumeStore store = open(disk)) {
            Volume volume = volume(store);
            volume.write(0, VolumeStoreFaultTest.block(7));
            disk.injectOnce(Fault.IO_ERROR, call -> call.operation() == Operation.SYNC);
            volume.flushAsync().get(20, TimeUnit.SECONDS);
            try (VolumeStore found = StoreRun.open(disk.copy().crash(1), OPTIONS)) {
                assertArrayEquals(
                        VolumeStoreFaultTest.block(7).array(),
                        VolumeStoreFaultTest.read(found.find(NAME).orElseThrow(), 0));
            }
        }
    }

    @Test
    void failsAllThatWaitWhenTheDiskIsGone() throws Exception {
        SimDisk disk = new SimDisk(6);
        VolumeStore store = open(disk);
        Volume volume = volume(store);
        volume.write(0, VolumeStoreFaultTest.block(1));
        AtomicBoolean isAsked = new AtomicBoolean();
        disk.inject(Fault.IO_ERROR, call -> {
            isAsked.set(true);
            return call.operation() == Operation.SYNC;
        });
        List<CompletableFuture<Void>> flushes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            flushes.add(volume.flushAsync());
        }
        for (CompletableFuture<Void> flush : flushes) {
            ExecutionException failed = assertThrows(ExecutionException.class, () -> flush.get(20, TimeUnit.SECONDS));
            assertInstanceOf(StorageException.DiskFailed.class, failed.getCause());
        }
        assertTrue(isAsked.get());
        assertThrows(StorageException.DiskFailed.class, store::close);
        assertInstanceOf(StorageException.Closed.class, volume.flushAsync().exceptionNow());
    }

    /** Closing leaves no future open. */
    @Test
    void answersAllBeforeTheStoreIsClosed() {
        for (int round = 0; round < 50; round++) {
            VolumeStore store = open(new SimDisk(round));
            Volume volume = volume(store);
            List<CompletableFuture<Void>> flushes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                volume.write(0, VolumeStoreFaultTest.block(i));
                flushes.add(volume.flushAsync());
            }
            store.close();
            for (CompletableFuture<Void> flush : flushes) {
                assertTrue(flush.isDone());
                assertFalse(flush.isCompletedExceptionally());
            }
        }
    }
}
