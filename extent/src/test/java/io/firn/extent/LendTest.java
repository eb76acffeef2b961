package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.FileChannelDisk;
import io.firn.io.FileStretch;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes are lent only when they were verified lately, and stay readable whatever becomes of the extent. */
class LendTest {
    private static final int BLOCK = Frame.BLOCK_BYTES;
    private static final int LENGTH = 5 * BLOCK + 77;

    @TempDir
    Path folder;

    private ExtentDirectory extents = ExtentDirectory.open(new MemoryDisk(), "unused", ExtentOptions.defaults());
    private ByteBuffer payload = ByteBuffer.allocate(0);

    private ExtentRef written() {
        extents.close();
        extents = ExtentDirectory.open(FileChannelDisk.open(folder), "zone", ExtentOptions.defaults());
        extents.create(1);
        payload = Payloads.numbered(1, LENGTH);
        EncodedFrame frame = Frame.encode(1, Frame.FIRST_OFFSET, FrameOwner.NONE, payload);
        extents.write(frame);
        return frame.ref();
    }

    @AfterEach
    void close() {
        extents.close();
    }

    private void read(ExtentRef ref, int from, int length) {
        assertEquals(length, extents.read(ref, from, ByteBuffer.allocate(length)));
    }

    private boolean lends(ExtentRef ref, int from, int most) {
        Optional<FileStretch> lent = extents.lend(ref, from, most);
        lent.ifPresent(FileStretch::close);
        return lent.isPresent();
    }

    @Test
    void onlyWhatWasVerifiedIsLent() throws IOException {
        ExtentRef ref = written();
        assertFalse(lends(ref, 0, LENGTH), "written is not read");
        read(ref, 0, 2 * BLOCK);
        assertTrue(lends(ref, 0, 2 * BLOCK));
        assertTrue(lends(ref, BLOCK + 5, 10));
        assertFalse(lends(ref, 0, 2 * BLOCK + 1));
        assertFalse(lends(ref, 3 * BLOCK, 1));
        // A read within blocks verifies them whole.
        read(ref, 2 * BLOCK + 3, LENGTH - 2 * BLOCK - 3);
        assertFalse(lends(ref, LENGTH, 1), "there is nothing behind the end");
        try (FileStretch lent = extents.lend(ref, BLOCK - 1, Integer.MAX_VALUE).orElseThrow()) {
            assertEquals(LENGTH - BLOCK + 1, lent.length());
            ByteBuffer bytes = ByteBuffer.allocate(lent.length());
            lent.channel().read(bytes, lent.position());
            assertEquals(payload.slice(BLOCK - 1, lent.length()), bytes.flip());
        }
    }

    @Test
    void verifiedCountsForTwoAges() {
        ExtentRef ref = written();
        read(ref, 0, LENGTH);
        extents.ageVerified();
        assertTrue(lends(ref, 0, LENGTH));
        read(ref, 0, BLOCK * 2);
        extents.ageVerified();
        assertTrue(lends(ref, 0, BLOCK * 2), "verified again meanwhile");
        assertFalse(lends(ref, 0, LENGTH));
        extents.ageVerified();
        assertFalse(lends(ref, 0, 1));
    }

    @Test
    void damageFoundEndsLending() {
        ExtentRef ref = written();
        read(ref, 0, LENGTH);
        Payloads.flip(FileChannelDisk.open(folder), "zone/0000000000000001.extent", ref.endOffset() - 100, 3);
        assertTrue(lends(ref, 0, LENGTH), "nobody has seen it yet");
        assertThrows(StorageException.Corrupt.class, () -> extents.verify(ref));
        assertFalse(lends(ref, 0, LENGTH));
        read(ref, 0, 2 * BLOCK);
        assertTrue(lends(ref, 0, 2 * BLOCK), "the blocks that are whole");
    }

    @Test
    void whatIsLentOutlivesTheExtent() throws IOException {
        ExtentRef ref = written();
        read(ref, 0, LENGTH);
        FileStretch lent = extents.lend(ref, 0, LENGTH).orElseThrow();
        extents.delete(1);
        extents.close();
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        lent.channel().read(bytes, lent.position());
        assertEquals(payload.slice(0, LENGTH), bytes.flip());
        lent.close();
        assertFalse(lent.channel().isOpen(), "the last to let go closes");
    }

    @Test
    void memoryLendsNothing() {
        extents.create(1);
        EncodedFrame frame = Frame.encode(1, Frame.FIRST_OFFSET, FrameOwner.NONE, Payloads.numbered(1, LENGTH));
        extents.write(frame);
        read(frame.ref(), 0, LENGTH);
        assertFalse(lends(frame.ref(), 0, 1));
    }
}
