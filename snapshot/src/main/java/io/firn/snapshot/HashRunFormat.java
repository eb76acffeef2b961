package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;

/**
 * A run: an object of hashes, each once, in ascending order, and where their contents were stored.
 *
 * <pre>
 *   0  8  magic "FIRNHASH"   8  4  version
 *  12     blocks of 100 entries, the last one of fewer, each followed by its CRC32C 4; an entry is
 *           hash 16, birth 8, number 4, offset 4, length 4, CRC32C of the chunk 4
 *         words of the filter, 8 each; first 8 bytes of the first hash of each block
 *  -20 4  count of entries   -16 4  words of the filter   -12 4  CRC32C of header, filter, first hashes and counts
 *   -8 8  magic "FIRNHEND"
 * </pre>
 *
 * A run says nothing that is not in the packs, and whoever finds it damaged does without.
 */
final class HashRunFormat {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 12;
    static final int TRAILER_BYTES = 20;
    static final int ENTRY_BYTES = 40;
    static final int BLOCK_ENTRIES = 100;
    static final int BLOCK_BYTES = BLOCK_ENTRIES * ENTRY_BYTES + Integer.BYTES;
    private static final long MAGIC = 0x4649524E48415348L;
    private static final long END_MAGIC = 0x4649524E48454E44L;

    private HashRunFormat() {}

    /** What of a run is kept in memory; never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Footer(int entries, HashFilter filter, long[] firsts) {}

    private static byte[] header() {
        return ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putInt(VERSION).array();
    }

    static int blocks(int entries) {
        return Math.ceilDiv(entries, BLOCK_ENTRIES);
    }

    /** A run of entries in ascending order, of equal ones the first; {@code atMost} is how many there may be. */
    static byte[] encode(Iterator<HashEntry> sorted, int atMost) {
        HashFilter filter = HashFilter.forEntries(atMost);
        int words = filter.words().length;
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES
                + atMost * ENTRY_BYTES
                + blocks(atMost) * (Integer.BYTES + Long.BYTES)
                + words * Long.BYTES
                + TRAILER_BYTES);
        out.put(header());
        long[] firsts = new long[blocks(atMost)];
        int entries = 0;
        Optional<ChunkHash> last = Optional.empty();
        while (sorted.hasNext()) {
            HashEntry entry = sorted.next();
            if (last.filter(entry.hash()::equals).isPresent()) {
                continue;
            }
            last = Optional.of(entry.hash());
            if (entries % BLOCK_ENTRIES == 0) {
                firsts[entries / BLOCK_ENTRIES] = entry.hash().high();
            }
            filter.add(entry.hash());
            put(out, entry);
            entries++;
            if (entries % BLOCK_ENTRIES == 0) {
                endBlock(out, BLOCK_ENTRIES);
            }
        }
        if (entries % BLOCK_ENTRIES != 0) {
            endBlock(out, entries % BLOCK_ENTRIES);
        }
        int footer = out.position();
        for (long word : filter.words()) {
            out.putLong(word);
        }
        for (int block = 0; block < blocks(entries); block++) {
            out.putLong(firsts[block]);
        }
        out.putInt(entries).putInt(words);
        out.putInt(crc(out.array(), footer, out.position() - footer)).putLong(END_MAGIC);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void put(ByteBuffer out, HashEntry entry) {
        ChunkPlace place = entry.place();
        out.putLong(entry.hash().high()).putLong(entry.hash().low());
        out.putLong(place.pack().birth()).putInt(place.pack().number());
        out.putInt(place.offset()).putInt(place.length()).putInt(entry.crc());
    }

    private static void endBlock(ByteBuffer out, int entries) {
        int bytes = entries * ENTRY_BYTES;
        out.putInt(Crc32c.of(out, out.position() - bytes, bytes));
    }

    private static int crc(byte[] bytes, int offset, int length) {
        byte[] header = header();
        return new Crc32c()
                .update(header, 0, header.length)
                .update(bytes, offset, length)
                .value();
    }

    /** Bytes of the footer and the trailer, by the last {@value #TRAILER_BYTES} of {@code tail}. */
    static int footerBytes(byte[] tail, String key) {
        ByteBuffer end = ByteBuffer.wrap(tail);
        if (tail.length < TRAILER_BYTES || end.getLong(tail.length - Long.BYTES) != END_MAGIC) {
            throw damaged(key);
        }
        int entries = end.getInt(tail.length - TRAILER_BYTES);
        int words = end.getInt(tail.length - TRAILER_BYTES + Integer.BYTES);
        long bytes = TRAILER_BYTES + (long) Long.BYTES * words + (long) Long.BYTES * blocks(Math.max(0, entries));
        if (entries < 0 || words < 1 || bytes > Integer.MAX_VALUE) {
            throw damaged(key);
        }
        return (int) bytes;
    }

    /** The footer of a run whose last bytes are {@code tail}. */
    static Footer footer(byte[] tail, String key) {
        int length = footerBytes(tail, key);
        int from = tail.length - length;
        int counted = length - TRAILER_BYTES + 2 * Integer.BYTES;
        ByteBuffer in = ByteBuffer.wrap(tail);
        if (from < 0 || crc(tail, from, counted) != in.getInt(from + counted)) {
            throw damaged(key);
        }
        int entries = in.getInt(tail.length - TRAILER_BYTES);
        long[] words = new long[in.getInt(tail.length - TRAILER_BYTES + Integer.BYTES)];
        long[] firsts = new long[blocks(entries)];
        in.position(from).asLongBuffer().get(words).get(firsts);
        return new Footer(entries, new HashFilter(words), firsts);
    }

    /** How many bytes the entries of a block take, without their checksum. */
    static int blockBytes(int entries, int block) {
        return Math.min(BLOCK_ENTRIES, entries - block * BLOCK_ENTRIES) * ENTRY_BYTES;
    }

    static boolean isWholeBlock(byte[] bytes, int from, int length) {
        return from + length + Integer.BYTES <= bytes.length
                && Crc32c.of(bytes, from, length) == ByteBuffer.wrap(bytes).getInt(from + length);
    }

    /** The entry at a place of a block or run that was checked. */
    static HashEntry entry(byte[] bytes, int from) {
        ByteBuffer in = ByteBuffer.wrap(bytes, from, ENTRY_BYTES);
        ChunkHash hash = new ChunkHash(in.getLong(), in.getLong());
        PackId pack = new PackId(in.getLong(), in.getInt());
        return new HashEntry(hash, new ChunkPlace(pack, in.getInt(), in.getInt()), in.getInt());
    }

    static StorageException damaged(String key) {
        return new StorageException.Corrupt("the run of hashes " + key + " does not carry its checksum");
    }
}
