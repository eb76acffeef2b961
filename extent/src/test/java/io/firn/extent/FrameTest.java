package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class FrameTest {

    @Test
    void occupiesHeaderTableAndPayloadInEights() {
        assertEquals(48 + 4 + 4, Frame.encodedBytes(1));
        assertEquals(48 + 4 + 4, Frame.encodedBytes(4));
        assertEquals(48 + 4 + 12, Frame.encodedBytes(5));
        assertEquals(48 + 4 + 65_536 + 4, Frame.encodedBytes(65_536));
        assertEquals(48 + 8 + 65_544, Frame.encodedBytes(65_537));
        assertEquals(48 + 64 + (1 << 20), Frame.encodedBytes(1 << 20));
        assertThrows(IllegalArgumentException.class, () -> Frame.encodedBytes(0));
        assertThrows(IllegalArgumentException.class, () -> Frame.encodedBytes((1 << 20) + 1));
    }

    @Test
    void decodesWhatAJournalKept() {
        ByteBuffer payload = Payloads.numbered(3, 150_000);
        EncodedFrame frame = Frame.encode(
                5, 8192, new FrameOwner(-1, 2), payload.position(10).limit(140_010));
        ByteBuffer journal = ByteBuffer.allocate(200_000).position(3);
        journal.put(frame.header()).put(frame.payload());
        int end = journal.position();
        journal.position(3);
        EncodedFrame back = Frame.decode(journal);
        assertEquals(end, journal.position());
        assertEquals(frame.ref(), back.ref());
        assertEquals(frame.owner(), back.owner());
        assertEquals(frame.header(), back.header());
        assertEquals(payload, back.payload());
    }

    @Test
    void decodeRefusesEveryFlippedBitAndEveryCut() {
        EncodedFrame frame = Frame.encode(5, 8192, FrameOwner.NONE, Payloads.numbered(3, 100));
        ByteBuffer bytes = ByteBuffer.allocate(152)
                .put(frame.header())
                .put(frame.payload())
                .flip();
        for (int bit = 0; bit < 152 * 8; bit++) {
            bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << bit % 8)));
            assertThrows(StorageException.Corrupt.class, () -> Frame.decode(bytes), "bit " + bit);
            bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << bit % 8)));
        }
        for (int length = 0; length < 152; length++) {
            bytes.limit(length);
            assertThrows(StorageException.Corrupt.class, () -> Frame.decode(bytes), "cut to " + length);
        }
        assertEquals(frame.ref(), Frame.decode(bytes.limit(152)).ref());
    }

    @Test
    void referenceIsTheSameBytesInEveryByteOrder() {
        ExtentRef ref = new ExtentRef(0x0102_0304_0506_0708L, 4096, 77, 0xCAFE_BABE);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer bytes = ByteBuffer.allocate(ExtentRef.ENCODED_BYTES + 1)
                    .order(order)
                    .position(1);
            ref.encode(bytes);
            assertEquals(0, bytes.remaining());
            assertEquals(8, bytes.get(1));
            assertEquals((byte) 0xBE, bytes.get(21));
            assertEquals(ref, ExtentRef.decode(bytes.position(1)));
        }
    }

    @Test
    void impossibleReferencesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ExtentRef(-1, 4096, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExtentRef(0, 4088, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExtentRef(0, 4097, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExtentRef(0, 4096, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExtentRef(0, 4096, (1 << 20) + 1, 0));
        assertThrows(
                IllegalArgumentException.class, () -> Frame.encode(0, 4097, FrameOwner.NONE, ByteBuffer.allocate(1)));
    }
}
