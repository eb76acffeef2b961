package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Crc32c;
import io.firn.io.Randomness;
import org.junit.jupiter.api.Test;

final class MapEntryTest {
    @Test
    void keepsWhatWasPut() {
        long entry = MapEntry.data(MapEntry.SEGMENT_MAX, (1 << MapEntry.SLOT_BITS) - 1, -1);
        assertTrue(MapEntry.isData(entry));
        assertEquals(MapEntry.SEGMENT_MAX, MapEntry.segment(entry));
        assertEquals((1 << MapEntry.SLOT_BITS) - 1, MapEntry.slot(entry));
        assertTrue(MapEntry.matches(entry, -1));
    }

    /** A CRC is linear, so what a turned bit does to it does not depend on the block. */
    @Test
    void findsEachBitOfABlockThatTurns() {
        byte[] block = new byte[Block.BYTES];
        Randomness.seeded(1).nextBytes(block);
        long entry = MapEntry.data(1, 1, Crc32c.of(block));
        for (int bit = 0; bit < Block.BYTES * Byte.SIZE; bit++) {
            block[bit >> 3] ^= (byte) (1 << (bit & 7));
            assertFalse(MapEntry.matches(entry, Crc32c.of(block)), "bit " + bit);
            block[bit >> 3] ^= (byte) (1 << (bit & 7));
        }
    }
}
