package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentDirectoryTest {
    private static final String FILE_7 = "zone/0000000000000007.extent";

    private final WatchedDisk disk = new WatchedDisk(new MemoryDisk());
    private ExtentDirectory directory = open();

    private ExtentDirectory open() {
        return ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
    }

    private void reopen() {
        directory.close();
        directory = open();
    }

    @AfterEach
    void closesEveryFile() {
        directory.close();
        assertEquals(0, disk.open.get(), "open files");
    }

    private ExtentRef write(long extentId, long offset, int length) {
        EncodedFrame frame =
                Frame.encode(extentId, offset, new FrameOwner(extentId, offset), Payloads.numbered(offset, length));
        directory.write(frame);
        return frame.ref();
    }

    private void assertReads(ExtentRef ref) {
        assertEquals(Payloads.numbered(ref.offset(), ref.length()), Payloads.readAll(directory, ref));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 65_535, 65_536, 65_537, 200_000, 1 << 20})
    void readsBackWhatWasWritten(int length) {
        directory.create(7);
        ExtentRef first = write(7, Frame.FIRST_OFFSET, length);
        ExtentRef second = write(7, first.endOffset(), length);
        directory.sync(7);
        assertReads(first);
        assertReads(second);
        directory.verify(first);
        reopen();
        assertReads(first);
        assertReads(second);
        directory.verify(second);
    }

    @Test
    void writesFramesThatTouchAtOnce() {
        directory.create(7);
        directory.create(8);
        List<EncodedFrame> frames = new ArrayList<>();
        for (long extentId : new long[] {8, 7}) {
            long offset = Frame.FIRST_OFFSET;
            for (int length : new int[] {4099, 1, 70_001, 5}) {
                EncodedFrame frame = Frame.encode(
                        extentId, offset, new FrameOwner(extentId, offset), Payloads.numbered(offset, length));
                frames.addFirst(frame);
                offset = frame.ref().endOffset();
            }
        }
        // One that touches none, and one that no longer fits what is written at once.
        long apart = frames.getFirst().ref().endOffset() + Frame.ALIGNMENT;
        frames.add(Frame.encode(7, apart, new FrameOwner(7, apart), Payloads.numbered(apart, 9)));
        long large = frames.getLast().ref().endOffset();
        frames.add(Frame.encode(7, large, new FrameOwner(7, large), Payloads.numbered(large, 1 << 20)));
        int before = disk.writes.get();
        directory.write(frames);
        assertEquals(
                2 + 1 + 2,
                disk.writes.get() - before,
                "a run in each extent, one alone, header and payload of the large");
        directory.sync(7);
        directory.sync(8);
        reopen();
        frames.forEach(frame -> assertReads(frame.ref()));
        assertEquals(6, directory.frames(7).size());
        assertEquals(4, directory.frames(8).size());
    }

    @Test
    void readsAnyRange() {
        directory.create(7);
        ExtentRef ref = write(7, 4104, 300_000);
        ByteBuffer whole = Payloads.numbered(4104, 300_000);
        int[] edges = {0, 1, 65_535, 65_536, 65_537, 131_072, 200_000, 262_144, 299_999, 300_000};
        for (int from : edges) {
            for (int to : edges) {
                if (from <= to) {
                    ByteBuffer target = ByteBuffer.allocateDirect(to - from + 10)
                            .position(5)
                            .limit(to - from + 5);
                    assertEquals(to - from, directory.read(ref, from, target));
                    assertEquals(whole.slice(from, to - from), target.flip().position(5));
                }
            }
        }
        ByteBuffer beyond = ByteBuffer.allocate(100);
        assertEquals(1, directory.read(ref, 299_999, beyond));
        assertEquals(0, directory.read(ref, 300_000, beyond));
        assertThrows(IllegalArgumentException.class, () -> directory.read(ref, 300_001, beyond));
        assertThrows(IllegalArgumentException.class, () -> directory.read(ref, -1, beyond));
    }

    @Test
    void smallReadIsOneDiskReadAndRangeOfBigFrameTwo() {
        directory.create(7);
        ExtentRef small = write(7, 4096, 4096);
        ExtentRef big = write(7, small.endOffset(), 1 << 20);
        assertReads(small);
        disk.reads.set(0);
        assertReads(small);
        assertEquals(1, disk.reads.get());
        directory.read(big, 500_000, ByteBuffer.allocate(4096));
        assertEquals(3, disk.reads.get());
        assertReads(big);
        assertEquals(5, disk.reads.get());
    }

    @Test
    void smallWriteIsOneDiskWrite() {
        directory.create(7);
        disk.writes.set(0);
        write(7, 4096, 4096);
        assertEquals(1, disk.writes.get());
    }

    @Test
    void wrongReferencesAreCorrupt() {
        directory.create(7);
        directory.create(8);
        ExtentRef ref = write(7, 4096, 1000);
        ExtentRef next = write(7, ref.endOffset(), 1000);
        ByteBuffer target = ByteBuffer.allocate(1000);
        List<ExtentRef> wrong = List.of(
                new ExtentRef(7, 4096, 1000, ref.crc() + 1),
                new ExtentRef(7, 4096, 999, ref.crc()),
                new ExtentRef(7, 4104, 1000, ref.crc()),
                new ExtentRef(7, next.offset(), 1000, ref.crc()),
                new ExtentRef(7, 1 << 20, 1000, ref.crc()),
                new ExtentRef(8, 4096, 1000, ref.crc()));
        for (ExtentRef each : wrong) {
            StorageException.Corrupt e =
                    assertThrows(StorageException.Corrupt.class, () -> directory.read(each, 0, target));
            assertTrue(String.valueOf(e.getMessage())
                    .contains("extent " + each.extentId() + ", frame at offset " + each.offset()));
            assertThrows(StorageException.Corrupt.class, () -> directory.verify(each));
        }
        assertEquals(0, target.position());
        assertThrows(
                StorageException.Unavailable.class,
                () -> directory.read(new ExtentRef(9, 4096, 1000, ref.crc()), 0, target));
    }

    @Test
    void misdirectedWriteIsDetected() {
        directory.create(7);
        directory.create(8);
        ExtentRef ref = write(7, 4096, 100);
        // The same bytes land in another extent, as a disk that confuses sectors would do.
        EncodedFrame frame = Frame.encode(7, 4096, new FrameOwner(7, 4096), Payloads.numbered(4096, 100));
        Payloads.put(disk, "zone/0000000000000008.extent", 4096, frame.header());
        Payloads.put(disk, "zone/0000000000000008.extent", 4096 + frame.header().remaining(), frame.payload());
        assertThrows(
                StorageException.Corrupt.class,
                () -> Payloads.readAll(directory, new ExtentRef(8, 4096, 100, ref.crc())));
        assertEquals(List.of(), directory.frames(8));
    }

    @Test
    void listsExtentsAndLeavesOtherFilesAlone() {
        assertEquals(-1, directory.highestId());
        directory.create(7);
        directory.create(300);
        directory.create(2);
        disk.open("zone/notes.txt", io.firn.io.Disk.OpenMode.CREATE).close();
        disk.open("zone/ffffffffffffffff.extent", io.firn.io.Disk.OpenMode.CREATE)
                .close();
        reopen();
        assertArrayEquals(new long[] {2, 7, 300}, directory.extents());
        assertEquals(300, directory.highestId());
        assertThrows(IllegalArgumentException.class, () -> directory.create(7));
        assertThrows(IllegalArgumentException.class, () -> directory.create(-1));
    }

    @Test
    void opensWithoutReading() {
        directory.create(7);
        directory.close();
        disk.reads.set(0);
        directory = open();
        assertEquals(0, disk.reads.get());
    }

    @Test
    void walksOverHoles() {
        directory.create(7);
        List<ExtentRef> written = new ArrayList<>();
        written.add(write(7, 4096, 10));
        written.add(write(7, 5000, 100_000));
        written.add(write(7, 1 << 20, 1 << 20));
        written.add(write(7, 3 << 20, 1));
        Payloads.put(disk, FILE_7, 200_000, Payloads.numbered(1, 50_000));
        assertEquals(written, directory.frames(7).stream().map(FrameEntry::ref).toList());
        assertEquals(new FrameOwner(7, 5000), directory.frames(7).get(1).owner());
        Payloads.flip(disk, FILE_7, 5000 + 20, 3);
        written.remove(1);
        assertEquals(written, directory.frames(7).stream().map(FrameEntry::ref).toList());
    }

    @Test
    void frameInsideThePayloadOfAnotherIsNotFound() {
        directory.create(7);
        ByteBuffer nested = ByteBuffer.allocate(200);
        // The payload starts at 4096 + 52; its byte 4 is at a multiple of 8.
        EncodedFrame inner = Frame.encode(7, 4096 + 56, FrameOwner.NONE, Payloads.numbered(1, 20));
        nested.position(4).put(inner.header()).put(inner.payload()).clear();
        EncodedFrame outer = Frame.encode(7, 4096, FrameOwner.NONE, nested);
        directory.write(outer);
        assertEquals(List.of(new FrameEntry(outer.ref(), FrameOwner.NONE)), directory.frames(7));
    }

    @Test
    void sealedExtentTellsItsFramesAndRefusesNewOnes() {
        directory.create(7);
        List<FrameEntry> frames = new ArrayList<>();
        long offset = Frame.FIRST_OFFSET;
        for (int i = 0; i < 100; i++) {
            ExtentRef ref = write(7, offset, 1 + i * 37);
            frames.add(new FrameEntry(ref, new FrameOwner(7, offset)));
            offset = ref.endOffset();
        }
        assertFalse(directory.isSealed(7));
        directory.seal(7);
        assertTrue(directory.isSealed(7));
        assertEquals(frames, directory.frames(7));
        reopen();
        assertTrue(directory.isSealed(7));
        disk.reads.set(0);
        assertEquals(frames, directory.frames(7));
        assertEquals(1, disk.reads.get(), "the preamble is known, the footer is one read");
        long behind = ExtentFormat.alignUp(directory.lengthBytes(7));
        assertThrows(IllegalArgumentException.class, () -> write(7, behind, 10));
        ExtentRef middle = frames.get(50).ref();
        assertThrows(IllegalArgumentException.class, () -> write(7, middle.offset(), middle.length() - 1));
        Payloads.flip(disk, FILE_7, middle.offset() + 60, 1);
        assertThrows(StorageException.Corrupt.class, () -> directory.verify(middle));
        assertEquals(middle, write(7, middle.offset(), middle.length()));
        directory.sync(7);
        assertReads(middle);
        directory.seal(7);
        directory.seal(7, frames.reversed());
        assertThrows(IllegalArgumentException.class, () -> directory.seal(7, frames.subList(0, 99)));
    }

    @Test
    void sealsWithTheFramesThatTheCallerNames() {
        directory.create(7);
        ExtentRef one = write(7, 4096, 10);
        write(7, one.endOffset(), 10);
        directory.seal(7, List.of(new FrameEntry(one, FrameOwner.NONE)));
        assertEquals(List.of(new FrameEntry(one, FrameOwner.NONE)), directory.frames(7));
        directory.create(8);
        assertThrows(
                IllegalArgumentException.class, () -> directory.seal(8, List.of(new FrameEntry(one, FrameOwner.NONE))));
        directory.seal(8, List.of());
        assertEquals(List.of(), directory.frames(8));
    }

    @Test
    void ensureMakesWhatIsMissingAndRepairsTheSuperblock() {
        directory.ensure(7);
        ExtentRef ref = write(7, 4096, 10);
        directory.ensure(7);
        assertReads(ref);
        Payloads.put(disk, FILE_7, 0, ByteBuffer.allocate(64));
        reopen();
        assertReads(ref);
        assertThrows(StorageException.Corrupt.class, () -> write(7, 5000, 10));
        directory.ensure(7);
        ExtentRef next = write(7, 5000, 10);
        directory.sync(7);
        reopen();
        assertReads(ref);
        assertReads(next);
    }

    @Test
    void fileUnderTheNameOfAnotherExtentIsRefused() {
        directory.create(7);
        write(7, 4096, 10);
        directory.close();
        disk.rename(FILE_7, "zone/0000000000000008.extent");
        directory = open();
        assertThrows(StorageException.Corrupt.class, () -> directory.frames(8));
        assertThrows(StorageException.Corrupt.class, () -> directory.ensure(8));
    }

    @Test
    void newerVersionIsRefused() {
        directory.create(7);
        ExtentRef ref = write(7, 4096, 10);
        ByteBuffer superblock = ExtentFormat.superblock(7);
        ExtentFormat.putInt(superblock, 12, 2);
        ExtentFormat.putInt(
                superblock, 8, ExtentFormat.crc(new java.util.zip.CRC32C(), superblock, 12, superblock.limit()));
        Payloads.put(disk, FILE_7, 0, superblock);
        reopen();
        for (Runnable use : List.<Runnable>of(
                () -> assertReads(ref),
                () -> directory.verify(ref),
                () -> directory.frames(7),
                () -> directory.ensure(7),
                () -> directory.seal(7),
                () -> write(7, 8192, 10))) {
            StorageException.Unavailable e = assertThrows(StorageException.Unavailable.class, use::run);
            String message = String.valueOf(e.getMessage());
            assertTrue(message.contains("format version 2"), message);
            assertTrue(message.contains("use a newer Firn"), message);
        }
    }

    @Test
    void deletedExtentIsGoneAndAReadInProgressEnds() {
        directory.create(7);
        ExtentRef ref = write(7, 4096, 1 << 20);
        assertReads(ref);
        disk.beforeRead = () -> {
            disk.beforeRead = () -> {};
            directory.delete(7);
        };
        assertReads(ref);
        assertEquals(0, disk.open.get());
        assertThrows(StorageException.Unavailable.class, () -> assertReads(ref));
        assertThrows(StorageException.Unavailable.class, () -> write(7, 4096, 1));
        assertThrows(StorageException.Unavailable.class, () -> directory.sync(7));
        directory.delete(7);
        assertArrayEquals(new long[0], directory.extents());
        reopen();
        assertArrayEquals(new long[0], directory.extents());
    }

    @Test
    void keepsFewFilesOpen() {
        directory.close();
        directory = ExtentDirectory.open(disk, "zone", new ExtentOptions(5));
        List<ExtentRef> refs = new ArrayList<>();
        for (int id = 0; id < 50; id++) {
            directory.create(id);
            refs.add(write(id, 4096, 100));
            directory.sync(id);
        }
        for (int round = 0; round < 3; round++) {
            refs.forEach(this::assertReads);
            assertTrue(disk.open.get() <= 5, () -> disk.open.get() + " files are open");
        }
    }

    @Test
    void unsyncedExtentsStayOpen() {
        directory.close();
        directory = ExtentDirectory.open(disk, "zone", new ExtentOptions(3));
        for (int id = 0; id < 10; id++) {
            directory.create(id);
            write(id, 4096, 100);
        }
        assertTrue(disk.open.get() >= 10, "a write-back error must find an open file");
        for (int id = 0; id < 10; id++) {
            directory.sync(id);
        }
        directory.create(10);
        write(10, 4096, 10);
        assertTrue(disk.open.get() <= 4, () -> disk.open.get() + " files are open");
    }

    @Test
    void closedDirectoryRefuses() {
        directory.create(7);
        ExtentRef ref = write(7, 4096, 1);
        directory.close();
        assertThrows(StorageException.Closed.class, () -> assertReads(ref));
        assertThrows(StorageException.Closed.class, () -> directory.sync(7));
        assertThrows(StorageException.Closed.class, () -> directory.create(8));
    }

    @Test
    void fullDiskFailsTheWriteAndNothingElse() {
        directory.close();
        MemoryDisk small = new MemoryDisk(256 << 10);
        try (ExtentDirectory full = ExtentDirectory.open(small, "zone", ExtentOptions.defaults())) {
            full.create(7);
            EncodedFrame first = Frame.encode(7, 4096, FrameOwner.NONE, Payloads.numbered(1, 60_000));
            full.write(first);
            EncodedFrame large = Frame.encode(7, 70_000, FrameOwner.NONE, Payloads.numbered(2, 1 << 20));
            assertThrows(StorageException.OutOfSpace.class, () -> full.write(large));
            assertEquals(Payloads.numbered(1, 60_000), Payloads.readAll(full, first.ref()));
            full.sync(7);
            EncodedFrame fits = Frame.encode(7, 70_000, FrameOwner.NONE, Payloads.numbered(3, 1000));
            full.write(fits);
            full.sync(7);
            assertEquals(Payloads.numbered(3, 1000), Payloads.readAll(full, fits.ref()));
            assertThrows(StorageException.Corrupt.class, () -> Payloads.readAll(full, large.ref()));
            full.delete(7);
            assertEquals(256 << 10, small.usableBytes());
        }
    }

    @Test
    void failedCreateLeavesNothing() {
        directory.close();
        MemoryDisk none = new MemoryDisk(0);
        try (ExtentDirectory full = ExtentDirectory.open(none, "zone", ExtentOptions.defaults())) {
            assertThrows(StorageException.OutOfSpace.class, () -> full.create(7));
            assertThrows(StorageException.OutOfSpace.class, () -> full.ensure(7));
            assertArrayEquals(new long[0], full.extents());
            assertEquals(List.of(), none.list("zone"));
        }
    }
}
