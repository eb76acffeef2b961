package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.firn.io.Disk.OpenMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to real files; the rest is in the contract that the testkit runs. */
final class FileChannelDiskTest {
    private static final int BLOCK_BYTES = 4096;

    @TempDir
    Path folder;

    @Test
    void makesTheFolderItIsOpenedOn() {
        Path deep = folder.resolve("a/b/c");
        FileChannelDisk.open(deep);
        assertTrue(Files.isDirectory(deep));
    }

    @Test
    void refusesARootThatIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThrows(StorageException.Unavailable.class, () -> FileChannelDisk.open(file));
    }

    @Test
    void anInterruptedCallerLosesNeitherTheOperationNorTheFlag() {
        Disk disk = FileChannelDisk.open(folder);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            Thread.currentThread().interrupt();
            file.write(block(1), 0);
            assertTrue(Thread.currentThread().isInterrupted(), "after write");
            file.sync();
            assertTrue(Thread.currentThread().isInterrupted(), "after sync");
            disk.syncDirectory("");
            assertTrue(Thread.currentThread().isInterrupted(), "after syncDirectory");
            assertEquals(block(1), readBlock(file, 0));
            assertTrue(Thread.interrupted(), "after read");
        }
    }

    @Test
    void interruptsInFlightAreSurvivedByEveryoneWhoUsesTheFile() throws Exception {
        hammerWithInterrupts(disk -> {});
    }

    @Test
    void interruptsInFlightAreSurvivedByAFileThatLostItsName() throws Exception {
        hammerWithInterrupts(disk -> disk.delete("f"));
    }

    @Test
    void interruptsInFlightAreSurvivedByAFileThatWasRenamed() throws Exception {
        hammerWithInterrupts(disk -> disk.rename("f", "g"));
    }

    private interface Meanwhile {
        void happen(Disk disk);
    }

    /** Three threads write, read and sync one file while they are interrupted all the time; none may fail or see another's bytes. */
    private void hammerWithInterrupts(Meanwhile meanwhile) throws Exception {
        Disk disk = FileChannelDisk.open(folder);
        AtomicBoolean stop = new AtomicBoolean();
        Thread[] workers = new Thread[3];
        try (DiskFile file = disk.open("f", OpenMode.CREATE);
                ExecutorService pool = Executors.newFixedThreadPool(workers.length)) {
            List<Future<Long>> results = new ArrayList<>();
            CountDownLatch started = new CountDownLatch(workers.length);
            for (int i = 0; i < workers.length; i++) {
                int worker = i;
                results.add(pool.submit(() -> {
                    workers[worker] = Thread.currentThread();
                    started.countDown();
                    return writeAndReadBack(file, worker, stop);
                }));
            }
            started.await();
            for (int round = 0; round < 2000; round++) {
                workers[round % workers.length].interrupt();
                if (round == 1000) {
                    meanwhile.happen(disk);
                }
                Thread.sleep(0, 200_000);
            }
            stop.set(true);
            for (Future<Long> result : results) {
                assertTrue(get(result) > 0);
            }
        }
    }

    private static long writeAndReadBack(DiskFile file, int worker, AtomicBoolean stop) {
        long rounds = 0;
        long position = (long) worker * BLOCK_BYTES;
        while (!stop.get()) {
            ByteBuffer bytes = block((int) rounds * 3 + worker);
            file.write(bytes.duplicate(), position);
            if (rounds % 16 == 0) {
                file.sync();
            }
            ByteBuffer read = readBlock(file, position);
            if (!bytes.equals(read)) {
                throw new AssertionError("worker " + worker + " read other bytes in round " + rounds);
            }
            rounds++;
        }
        return rounds;
    }

    private static long get(Future<Long> result) throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new AssertionError("a worker failed", e.getCause());
        }
    }

    @Test
    void aDeletedFileIsUsableUntilClosed() {
        Disk disk = FileChannelDisk.open(folder);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            disk.delete("f");
            file.write(block(7), 0);
            file.sync();
            file.truncate(2 * BLOCK_BYTES);
            assertEquals(block(7), readBlock(file, 0));
            assertEquals(2 * BLOCK_BYTES, file.length());
        }
    }

    @Test
    void aFullDiskIsOutOfSpaceAndPoisonsTheHandle() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "needs /dev/full");
        Disk disk = FileChannelDisk.open(Path.of("/dev"));
        try (DiskFile file = disk.open("full", OpenMode.WRITE)) {
            StorageException first = assertThrows(StorageException.OutOfSpace.class, () -> file.write(block(1), 8192));
            assertTrue(first.toString().contains("write full at 8192 for 4096 bytes"), first.toString());
            assertThrows(StorageException.DiskFailed.class, () -> file.write(block(1), 0));
            assertThrows(StorageException.DiskFailed.class, () -> readBlock(file, 0));
            assertThrows(StorageException.DiskFailed.class, file::sync);
            assertThrows(StorageException.DiskFailed.class, file::length);
        }
    }

    @Test
    void aSyncThatTheSystemRefusesPoisonsTheHandle() {
        // fdatasync of a character device is EINVAL: any failure of a sync will do.
        Disk disk = FileChannelDisk.open(Path.of("/dev"));
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "needs /dev/full");
        try (DiskFile file = disk.open("full", OpenMode.WRITE)) {
            assertThrows(StorageException.DiskFailed.class, file::sync);
            assertThrows(StorageException.DiskFailed.class, file::length);
        }
    }

    @Test
    void aTargetThatFailsIsNotBlamedOnTheFile() {
        Disk disk = FileChannelDisk.open(folder);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(block(3), 0);
            assertThrows(UncheckedIOException.class, () -> file.transferTo(0, BLOCK_BYTES, new BrokenTarget()));
            assertEquals(block(3), readBlock(file, 0));
        }
    }

    @Test
    void transfersWhatIsThere() {
        Disk disk = FileChannelDisk.open(folder);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(block(3), 0);
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            assertEquals(BLOCK_BYTES - 96, file.transferTo(96, 1 << 20, Channels.newChannel(sent)));
            assertArrayEquals(Arrays.copyOfRange(block(3).array(), 96, BLOCK_BYTES), sent.toByteArray());
            assertEquals(0, file.transferTo(BLOCK_BYTES, 10, Channels.newChannel(sent)));
        }
    }

    private static final class BrokenTarget implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            throw new IOException("Broken pipe");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static ByteBuffer block(int value) {
        byte[] bytes = new byte[BLOCK_BYTES];
        Arrays.fill(bytes, (byte) (value * 31 + 1));
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer readBlock(DiskFile file, long position) {
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK_BYTES);
        file.read(bytes, position);
        return bytes.flip();
    }

    @Test
    void ownerOnlyFolderAndFilesAreClosedToOthers() throws Exception {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path loose = Files.createDirectories(folder.resolve("secrets"));
        Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rwxr-xr-x"));
        FileChannelDisk disk = FileChannelDisk.openOwnerOnly(loose);
        disk.open("sub/key", Disk.OpenMode.CREATE).close();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(loose)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(loose.resolve("sub"))));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(loose.resolve("sub/key"))));
    }
}
