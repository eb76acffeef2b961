package io.firn.blockstore;

/**
 * What the map knows of one block, in 64 bits: a kind, where the bytes are, and 24 bits of their CRC32C, so that every read is verified
 * without a second look at the log.
 *
 * <pre>
 *   63..61 kind    60..37 check    36..14 segment number    13..0 slot (4 KiB)
 * </pre>
 *
 * <p>The check is the CRC32C with its high byte folded onto its low one. It finds every change of one bit in a block
 * ({@code MapEntryTest} tries all 32,768) and any other with 1 - 2^-24; the whole CRC is in the batch header, where scrub and the
 * cleaner compare it.
 */
final class MapEntry {
    /** Nothing was ever written here: zeros, or what the volume is based on. */
    static final long ABSENT = 0;
    /** Trimmed in a volume that is based on another: zeros, whatever the base has. */
    static final long HOLE = 1L << 61;
    /** Zeros that were asked to be allocated. */
    static final long ZERO = 2L << 61;
    /** The bytes were lost to corruption of the log: reading fails until the block is written again. */
    static final long IMPAIRED = 4L << 61;

    static final int SLOT_BITS = 14;
    static final int SEGMENT_BITS = 23;
    static final int SEGMENT_MAX = (1 << SEGMENT_BITS) - 1;

    private static final int KIND_SHIFT = 61;
    private static final long DATA_KIND = 3;
    private static final int CHECK_SHIFT = SLOT_BITS + SEGMENT_BITS;
    private static final long CHECK_MASK = (1L << 24) - 1;
    private static final long LOCATION_MASK = (1L << CHECK_SHIFT) - 1;

    private MapEntry() {}

    static long data(int segment, int slot, int crc) {
        return DATA_KIND << KIND_SHIFT | check(crc) << CHECK_SHIFT | location(segment, slot);
    }

    static boolean isData(long entry) {
        return entry >>> KIND_SHIFT == DATA_KIND;
    }

    static long location(long entry) {
        return entry & LOCATION_MASK;
    }

    static long location(int segment, int slot) {
        return (long) segment << SLOT_BITS | slot;
    }

    static int segment(long entry) {
        return (int) (location(entry) >>> SLOT_BITS);
    }

    static int slot(long entry) {
        return (int) (entry & ((1 << SLOT_BITS) - 1));
    }

    static boolean matches(long entry, int crc) {
        return (entry >>> CHECK_SHIFT & CHECK_MASK) == check(crc);
    }

    static long check(int crc) {
        return (crc ^ crc >>> 24) & CHECK_MASK;
    }
}
