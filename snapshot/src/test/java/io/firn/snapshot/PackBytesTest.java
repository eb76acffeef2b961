package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.firn.objectstore.ObjectSource;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What was added in pieces is read as one, whatever is read at a time. */
final class PackBytesTest {
    private static PackBytes pieces() {
        PackBytes bytes = new PackBytes();
        bytes.add(new byte[] {1, 2, 3});
        bytes.add(new byte[0]);
        bytes.add(new byte[] {4});
        bytes.add(new byte[] {5, 6});
        bytes.replaceFirst(new byte[] {9, 8, 7});
        return bytes;
    }

    @Test
    void isReadInOrderWhateverIsReadAtATime() {
        byte[] wanted = {9, 8, 7, 4, 5, 6};
        assertEquals(wanted.length, pieces().length());
        assertArrayEquals(wanted, pieces().toArray());
        for (int atATime = 1; atATime <= wanted.length + 1; atATime++) {
            ObjectSource source = pieces().source();
            ByteBuffer all = ByteBuffer.allocate(wanted.length);
            ByteBuffer some = ByteBuffer.allocate(atATime);
            int count = source.read(some);
            while (count >= 0) {
                assertEquals(some.position(), count);
                all.put(some.flip());
                some.clear();
                count = source.read(some);
            }
            assertArrayEquals(wanted, all.array());
        }
    }

    @Test
    void anEmptyOneEndsAtOnce() {
        assertEquals(-1, new PackBytes().source().read(ByteBuffer.allocate(1)));
    }
}
