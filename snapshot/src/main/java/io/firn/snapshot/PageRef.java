package io.firn.snapshot;

/**
 * Where a page is and what it must be. A page names the tree it was written for, so that the same hash is the same page, written once:
 * two references are equal exactly when one was taken over from the other.
 *
 * @param offset in the pack as it was first written
 * @param crc CRC32C of the page, verified on every read
 * @param hashHigh the first half of the SHA-256 of the page, cut to 128 bits; verified when a snapshot completes and by verify
 * @param written chunks below it that were ever written
 * @param storedBytes compressed bytes of those
 */
record PageRef(
        PackId pack, int offset, int length, int crc, long hashHigh, long hashLow, int written, long storedBytes) {

    /** No page: everything below is absent. */
    static final PageRef NONE = new PageRef(new PackId(0, 0), 0, 0, 0, 0, 0, 0, 0);

    boolean isNone() {
        return length == 0;
    }
}
