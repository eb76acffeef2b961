package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Crc32cTest {
    private static final byte[] CHECK = "123456789".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECK_VALUE = 0xE3069283;

    @Test
    void givesThePublishedValues() {
        assertEquals(CHECK_VALUE, Crc32c.of(CHECK));
        assertEquals(0x8A9136AA, Crc32c.of(new byte[32]));
        assertEquals(0, Crc32c.of(new byte[0]));
    }

    @Test
    void readsRangesAndMovesNoPosition() {
        ByteBuffer padded = ByteBuffer.allocateDirect(CHECK.length + 5)
                .position(3)
                .put(CHECK)
                .flip();
        assertEquals(CHECK_VALUE, Crc32c.of(padded, 3, CHECK.length));
        padded.position(3);
        assertEquals(CHECK_VALUE, Crc32c.of(padded));
        assertEquals(3, padded.position());
        assertEquals(CHECK_VALUE, Crc32c.of("x123456789".getBytes(StandardCharsets.US_ASCII), 1, 9));
    }

    @Test
    void anInstanceAddsUp() {
        Crc32c crc = new Crc32c().update(CHECK, 0, 4).update(ByteBuffer.wrap(CHECK, 4, 5));
        assertEquals(CHECK_VALUE, crc.value());
        assertEquals(0, crc.reset().value());
    }
}
