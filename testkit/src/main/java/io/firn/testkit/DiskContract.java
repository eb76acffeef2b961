package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.Disk.OpenMode;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Disk} does. Each occupant of the seam runs it: extend it and hand over an empty disk. */
public abstract class DiskContract {

    /** An empty disk, a new one for each test. */
    protected abstract Disk disk();

    @Test
    void aNewDiskIsEmpty() {
        Disk disk = disk();
        assertEquals(List.of(), disk.list(""));
        assertTrue(disk.exists(""));
        assertTrue(disk.usableBytes() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a b", "a\\b", "ä", "a\n", "*"})
    void refusesNamesOfTheWrongForm(String name) {
        Disk disk = disk();
        assertThrows(IllegalArgumentException.class, () -> disk.open(name, OpenMode.CREATE));
        assertThrows(IllegalArgumentException.class, () -> disk.exists(name));
        assertThrows(IllegalArgumentException.class, () -> disk.list(name));
        assertThrows(IllegalArgumentException.class, () -> disk.createDirectory(name));
        assertThrows(IllegalArgumentException.class, () -> disk.delete(name));
        assertThrows(IllegalArgumentException.class, () -> disk.rename(name, "b"));
        assertThrows(IllegalArgumentException.class, () -> disk.rename("b", name));
        assertThrows(IllegalArgumentException.class, () -> disk.syncDirectory(name));
        assertEquals(List.of(), disk.list(""));
    }

    @Test
    void theRootIsNoFile() {
        Disk disk = disk();
        assertThrows(IllegalArgumentException.class, () -> disk.open("", OpenMode.READ));
        assertThrows(IllegalArgumentException.class, () -> disk.delete(""));
        disk.createDirectory("");
        disk.syncDirectory("");
    }

    @Test
    void createMakesTheFoldersItNeeds() {
        Disk disk = disk();
        disk.open("a/b/c", OpenMode.CREATE).close();
        assertEquals(List.of("a"), disk.list(""));
        assertEquals(List.of("b"), disk.list("a"));
        assertEquals(List.of("c"), disk.list("a/b"));
        assertTrue(disk.exists("a"));
        assertTrue(disk.exists("a/b/c"));
        assertFalse(disk.exists("a/b/d"));
    }

    @Test
    void listsSortedAndOnlyWhatIsDirectlyThere() {
        Disk disk = disk();
        for (String name : List.of("b", "a-1/x", "a/y", "a0", "B", "_", "10", "9")) {
            disk.open(name, OpenMode.CREATE).close();
        }
        assertEquals(List.of("10", "9", "B", "_", "a", "a-1", "a0", "b"), disk.list(""));
        assertEquals(List.of("y"), disk.list("a"));
        assertEquals(List.of(), disk.list("nowhere"));
    }

    @Test
    void openNeedsAFileAndCreateNone() {
        Disk disk = disk();
        assertThrows(StorageException.Unavailable.class, () -> disk.open("f", OpenMode.READ));
        assertThrows(StorageException.Unavailable.class, () -> disk.open("f", OpenMode.WRITE));
        disk.open("f", OpenMode.CREATE).close();
        assertThrows(StorageException.Unavailable.class, () -> disk.open("f", OpenMode.CREATE));
        disk.open("f", OpenMode.READ).close();
        disk.createDirectory("d");
        assertThrows(StorageException.Unavailable.class, () -> disk.open("d", OpenMode.READ));
        assertThrows(StorageException.Unavailable.class, () -> disk.open("d", OpenMode.WRITE));
        assertThrows(StorageException.Unavailable.class, () -> disk.open("d", OpenMode.CREATE));
        assertThrows(StorageException.class, () -> disk.open("f/x", OpenMode.CREATE));
        assertThrows(StorageException.class, () -> disk.createDirectory("f"));
        assertThrows(StorageException.class, () -> disk.list("f"));
    }

    @Test
    void writesReadBackAtAnyPositionAndGapsAreZeros() {
        Disk disk = disk();
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            assertEquals("f", file.name());
            file.write(bytes(1, 2, 3), 10_000);
            assertEquals(10_003, file.length());
            assertArrayEquals(new byte[] {0, 0, 1, 2, 3}, read(file, 9_998, 100));
            assertArrayEquals(new byte[] {2}, read(file, 10_001, 1));
            file.write(bytes(9), 10_001);
            assertArrayEquals(new byte[] {1, 9, 3}, read(file, 10_000, 3));
            assertEquals(0, file.read(ByteBuffer.allocate(8), 10_003));
            assertEquals(0, file.read(ByteBuffer.allocate(8), 1L << 40));
            assertEquals(0, file.read(ByteBuffer.allocate(0), 0));
            file.write(ByteBuffer.allocate(0), 1L << 40);
            assertEquals(10_003, file.length(), "writing nothing grows nothing");
        }
    }

    @Test
    void buffersAreUsedFromPositionToLimitAndLeftWhereItStopped() {
        Disk disk = disk();
        for (ByteBuffer buffer : List.of(ByteBuffer.allocate(10), ByteBuffer.allocateDirect(10))) {
            try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
                buffer.put(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
                        .position(2)
                        .limit(6);
                file.write(buffer, 0);
                assertEquals(6, buffer.position());
                assertEquals(6, buffer.limit());
                assertEquals(4, file.length());
                ByteBuffer target = ByteBuffer.allocate(10).position(5).limit(8);
                assertEquals(3, file.read(target, 1));
                assertEquals(8, target.position());
                assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 3, 4, 5, 0, 0}, target.array());
                file.write(bytes(7).asReadOnlyBuffer(), 0);
                assertArrayEquals(new byte[] {7}, read(file, 0, 1));
            }
            disk.delete("f");
        }
    }

    @Test
    void largeBuffersAreMovedWhole() {
        Disk disk = disk();
        byte[] large = new byte[3_000_001];
        new SplittableRandom(1).nextBytes(large);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(large), 4095);
            assertArrayEquals(large, read(file, 4095, large.length + 10));
            ByteBuffer direct = ByteBuffer.allocateDirect(large.length);
            assertEquals(large.length, file.read(direct, 4095));
            assertEquals(ByteBuffer.wrap(large), direct.flip());
        }
    }

    @Test
    void filesReachFarOffsets() {
        long far = (1L << 40) + 1;
        Disk disk = disk();
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(bytes(5), far);
            assertEquals(far + 1, file.length());
            assertArrayEquals(new byte[] {0, 5}, read(file, far - 1, 10));
            file.truncate(0);
        }
    }

    @Test
    void truncateCutsAndExtendsWithZeros() {
        Disk disk = disk();
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(bytes(1, 2, 3, 4), 0);
            file.truncate(2);
            assertEquals(2, file.length());
            file.truncate(100_000);
            assertEquals(100_000, file.length());
            assertArrayEquals(new byte[] {1, 2, 0, 0}, read(file, 0, 4));
            assertThrows(IllegalArgumentException.class, () -> file.truncate(-1));
        }
    }

    @Test
    void refusesNegativePositions() {
        try (DiskFile file = disk().open("f", OpenMode.CREATE)) {
            assertThrows(IllegalArgumentException.class, () -> file.read(ByteBuffer.allocate(1), -1));
            assertThrows(IllegalArgumentException.class, () -> file.write(ByteBuffer.allocate(1), -1));
            file.write(bytes(1), 0);
        }
    }

    @Test
    void aHandleToReadDoesNotWrite() {
        Disk disk = disk();
        disk.open("f", OpenMode.CREATE).close();
        try (DiskFile file = disk.open("f", OpenMode.READ)) {
            assertThrows(IllegalArgumentException.class, () -> file.write(bytes(1), 0));
            assertThrows(IllegalArgumentException.class, () -> file.truncate(1));
            file.sync();
            assertEquals(0, file.length());
        }
    }

    @Test
    void handlesOfOneFileSeeEachOther() {
        Disk disk = disk();
        try (DiskFile one = disk.open("f", OpenMode.CREATE);
                DiskFile other = disk.open("f", OpenMode.READ)) {
            one.write(bytes(1, 2), 0);
            assertArrayEquals(new byte[] {1, 2}, read(other, 0, 9));
        }
    }

    @Test
    void aClosedHandleSaysSoAndClosesAgain() {
        DiskFile file = disk().open("f", OpenMode.CREATE);
        file.close();
        file.close();
        assertThrows(StorageException.Closed.class, () -> file.read(ByteBuffer.allocate(1), 0));
        assertThrows(StorageException.Closed.class, () -> file.write(bytes(1), 0));
        assertThrows(StorageException.Closed.class, file::sync);
        assertThrows(StorageException.Closed.class, file::length);
        assertThrows(StorageException.Closed.class, () -> file.truncate(0));
        assertThrows(
                StorageException.Closed.class,
                () -> file.transferTo(0, 1, Channels.newChannel(new ByteArrayOutputStream())));
    }

    @Test
    void transfersInOneOrMoreParts() {
        byte[] large = new byte[1_000_003];
        new SplittableRandom(2).nextBytes(large);
        try (DiskFile file = disk().open("f", OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(large), 0);
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            WritableByteChannel target = Channels.newChannel(received);
            long position = 3;
            while (position < large.length) {
                long sent = file.transferTo(position, large.length, target);
                assertTrue(sent > 0);
                position += sent;
            }
            assertArrayEquals(Arrays.copyOfRange(large, 3, large.length), received.toByteArray());
            assertEquals(0, file.transferTo(large.length, 1, target));
            assertEquals(0, file.transferTo(0, 0, target));
            assertThrows(IllegalArgumentException.class, () -> file.transferTo(-1, 1, target));
            assertThrows(IllegalArgumentException.class, () -> file.transferTo(0, -1, target));
        }
    }

    @Test
    void aTargetThatFailsIsNotBlamedOnTheFile() {
        try (DiskFile file = disk().open("f", OpenMode.CREATE)) {
            file.write(bytes(1, 2, 3), 0);
            assertThrows(UncheckedIOException.class, () -> file.transferTo(0, 3, new BrokenTarget()));
            assertArrayEquals(new byte[] {1, 2, 3}, read(file, 0, 3));
        }
    }

    @Test
    void deleteRemovesFilesAndEmptyFoldersAndIsCalm() {
        Disk disk = disk();
        disk.open("d/f", OpenMode.CREATE).close();
        assertThrows(StorageException.Unavailable.class, () -> disk.delete("d"));
        disk.delete("d/f");
        disk.delete("d/f");
        disk.delete("d");
        assertFalse(disk.exists("d"));
        disk.open("d/f", OpenMode.CREATE).close();
        assertTrue(disk.exists("d/f"), "a folder can be made again");
    }

    @Test
    void aDeletedFileServesThoseWhoHaveItOpen() {
        Disk disk = disk();
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(bytes(1), 0);
            disk.delete("f");
            assertFalse(disk.exists("f"));
            file.write(bytes(2), 1);
            file.sync();
            assertArrayEquals(new byte[] {1, 2}, read(file, 0, 9));
            try (DiskFile again = disk.open("f", OpenMode.CREATE)) {
                assertEquals(0, again.length());
            }
        }
    }

    @Test
    void renameMovesAndReplacesAtOnce() {
        Disk disk = disk();
        disk.createDirectory("d");
        try (DiskFile from = disk.open("from", OpenMode.CREATE);
                DiskFile replaced = disk.open("d/to", OpenMode.CREATE)) {
            from.write(bytes(1), 0);
            replaced.write(bytes(2), 0);
            disk.rename("from", "d/to");
            assertFalse(disk.exists("from"));
            from.write(bytes(3), 1);
            assertArrayEquals(new byte[] {2}, read(replaced, 0, 9));
            assertEquals("from", from.name());
        }
        try (DiskFile to = disk.open("d/to", OpenMode.READ)) {
            assertArrayEquals(new byte[] {1, 3}, read(to, 0, 9));
        }
        disk.rename("d/to", "d/to");
        assertTrue(disk.exists("d/to"));
    }

    @Test
    void renameIsOfFilesIntoFoldersThatExist() {
        Disk disk = disk();
        disk.open("f", OpenMode.CREATE).close();
        disk.createDirectory("d");
        assertThrows(StorageException.Unavailable.class, () -> disk.rename("missing", "g"));
        assertThrows(StorageException.Unavailable.class, () -> disk.rename("missing", "missing"));
        assertThrows(StorageException.Unavailable.class, () -> disk.rename("d", "e"));
        assertThrows(StorageException.Unavailable.class, () -> disk.rename("f", "d"));
        assertThrows(StorageException.Unavailable.class, () -> disk.rename("f", "nowhere/f"));
        assertTrue(disk.exists("f"));
    }

    @Test
    void syncsOfWhatIsThereSucceedAndOfWhatIsNotFail() {
        Disk disk = disk();
        try (DiskFile file = disk.open("d/f", OpenMode.CREATE)) {
            file.write(bytes(1), 0);
            file.sync();
        }
        disk.syncDirectory("d");
        disk.syncDirectory("");
        assertThrows(StorageException.Unavailable.class, () -> disk.syncDirectory("nowhere"));
    }

    @Test
    void manyThreadsUseOneFile() throws Exception {
        int threads = 4;
        try (DiskFile file = disk().open("f", OpenMode.CREATE);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int mine = thread;
                all.add(pool.submit(() -> writeEveryFourthBlock(file, mine)));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertEquals(400 * 100, file.length());
            for (int block = 0; block < 400; block++) {
                byte[] expected = new byte[100];
                Arrays.fill(expected, (byte) (block % threads + 1));
                assertArrayEquals(expected, read(file, block * 100L, 100));
            }
        }
    }

    private static void writeEveryFourthBlock(DiskFile file, int first) {
        byte[] block = new byte[100];
        Arrays.fill(block, (byte) (first + 1));
        for (int i = first; i < 400; i += 4) {
            file.write(ByteBuffer.wrap(block), i * 100L);
            if (i % 16 == first) {
                file.sync();
            }
        }
    }

    /** Random calls beside a model of byte arrays: what one occupant does, all do. */
    @Test
    void randomCallsAgreeWithByteArrays() {
        Seeds.forEach(10, (seed, random) -> {
            Disk disk = disk();
            String folder = "seed" + seed;
            TreeMap<String, byte[]> model = new TreeMap<>();
            for (int step = 0; step < 200; step++) {
                randomCall(disk, folder, model, random);
            }
            assertEquals(List.copyOf(model.keySet()), disk.list(folder));
            for (var entry : model.entrySet()) {
                try (DiskFile file = disk.open(folder + "/" + entry.getKey(), OpenMode.READ)) {
                    assertEquals(entry.getValue().length, file.length());
                    assertArrayEquals(entry.getValue(), read(file, 0, entry.getValue().length + 1));
                }
            }
        });
    }

    private static void randomCall(Disk disk, String folder, SortedMap<String, byte[]> model, RandomGenerator random) {
        String part = "f" + random.nextInt(4);
        String name = folder + "/" + part;
        byte[] content = model.get(part);
        if (content == null) {
            disk.open(name, OpenMode.CREATE).close();
            model.put(part, new byte[0]);
            return;
        }
        int position = random.nextInt(20_000);
        switch (random.nextInt(10)) {
            case 0 -> {
                disk.delete(name);
                model.remove(part);
            }
            case 1 -> {
                String to = "f" + random.nextInt(4);
                disk.rename(name, folder + "/" + to);
                model.remove(part);
                model.put(to, content);
            }
            case 2, 3 -> {
                try (DiskFile file = disk.open(name, OpenMode.WRITE)) {
                    file.truncate(position);
                }
                model.put(part, Arrays.copyOf(content, position));
            }
            default -> {
                byte[] written = new byte[random.nextInt(1, 10_000)];
                random.nextBytes(written);
                try (DiskFile file = disk.open(name, OpenMode.WRITE)) {
                    file.write(ByteBuffer.wrap(written), position);
                }
                byte[] grown = Arrays.copyOf(content, Math.max(content.length, position + written.length));
                System.arraycopy(written, 0, grown, position, written.length);
                model.put(part, grown);
            }
        }
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }

    private static byte[] read(DiskFile file, long position, int length) {
        ByteBuffer target = ByteBuffer.allocate(length);
        int count = file.read(target, position);
        assertEquals(count, target.position());
        return Arrays.copyOf(target.array(), count);
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
}
