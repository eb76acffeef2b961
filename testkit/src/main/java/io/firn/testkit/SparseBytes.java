package io.firn.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/** The content of a simulated file: pages of 4 KiB, absent ones read as zeros. Copies share pages until one of them writes. */
final class SparseBytes {
    static final int PAGE_BYTES = 4096;
    private static final int ZERO_PAGE_HASH = Arrays.hashCode(new byte[PAGE_BYTES]);

    /** A shared page is never written again. */
    private static final class Page {
        private final byte[] bytes;
        private boolean shared;

        private Page(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    private final TreeMap<Long, Page> pages = new TreeMap<>();
    private long lengthBytes;

    SparseBytes copy() {
        SparseBytes copy = new SparseBytes();
        pages.values().forEach(page -> page.shared = true);
        copy.pages.putAll(pages);
        copy.lengthBytes = lengthBytes;
        return copy;
    }

    long length() {
        return lengthBytes;
    }

    /** Cuts what is beyond, so that it reads as zeros if the length grows again. */
    void setLength(long length) {
        if (length < lengthBytes) {
            pages.tailMap((length + PAGE_BYTES - 1) / PAGE_BYTES, true).clear();
            if (pages.containsKey(length / PAGE_BYTES)) {
                Arrays.fill(writable(length / PAGE_BYTES), (int) (length % PAGE_BYTES), PAGE_BYTES, (byte) 0);
            }
        }
        lengthBytes = length;
    }

    /** The indices of the pages that hold a byte at or after {@code offset}. */
    long[] pagesFrom(long offset) {
        return pages.tailMap(offset / PAGE_BYTES, true).keySet().stream()
                .mapToLong(Long::longValue)
                .toArray();
    }

    /** Bytes of the pages that are held: what the file takes of the disk. */
    long heldBytes() {
        return (long) pages.size() * PAGE_BYTES;
    }

    /** What {@link #heldBytes} grows by when a range is written. */
    long growthBytes(long offset, long length) {
        long growth = 0;
        for (long page = offset / PAGE_BYTES; length > 0 && page <= (offset + length - 1) / PAGE_BYTES; page++) {
            growth += pages.containsKey(page) ? 0 : PAGE_BYTES;
        }
        return growth;
    }

    int read(ByteBuffer target, long position) {
        int total = Math.clamp(lengthBytes - position, 0, target.remaining());
        target.put(range(position, total));
        return total;
    }

    /** {@code length} bytes from {@code offset}, zeros beyond the end. */
    byte[] range(long offset, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int inPage = (int) ((offset + done) % PAGE_BYTES);
            int count = Math.min(length - done, PAGE_BYTES - inPage);
            Page page = pages.get((offset + done) / PAGE_BYTES);
            if (page != null) {
                System.arraycopy(page.bytes, inPage, bytes, done, count);
            }
            done += count;
        }
        return bytes;
    }

    /** Puts bytes in place; the length grows to hold them. */
    void write(byte[] bytes, int from, int length, long offset) {
        put(bytes, from, length, offset);
        if (length > 0) {
            lengthBytes = Math.max(lengthBytes, offset + length);
        }
    }

    /** Puts bytes in place, the length standing as it is: what lies beyond it is for {@link #setLength} to keep or cut. */
    void put(byte[] bytes, int from, int length, long offset) {
        int done = 0;
        while (done < length) {
            int inPage = (int) ((offset + done) % PAGE_BYTES);
            int count = Math.min(length - done, PAGE_BYTES - inPage);
            System.arraycopy(bytes, from + done, writable((offset + done) / PAGE_BYTES), inPage, count);
            done += count;
        }
    }

    void flipBit(long offset, int bit) {
        writable(offset / PAGE_BYTES)[(int) (offset % PAGE_BYTES)] ^= (byte) (1 << bit);
    }

    /** A number that tells contents apart; pages of zeros count as absent. */
    long fingerprint() {
        long hash = lengthBytes;
        for (var page : pages.entrySet()) {
            int bytes = Arrays.hashCode(page.getValue().bytes);
            if (bytes != ZERO_PAGE_HASH) {
                hash = (hash * 31 + page.getKey()) * 31 + bytes;
            }
        }
        return hash;
    }

    private byte[] writable(long index) {
        Page page = pages.get(index);
        if (page == null || page.shared) {
            page = new Page(page == null ? new byte[PAGE_BYTES] : page.bytes.clone());
            pages.put(index, page);
        }
        return page.bytes;
    }
}
