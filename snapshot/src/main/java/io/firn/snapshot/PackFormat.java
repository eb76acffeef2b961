package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pack: an object of chunks and pages, one after the other, with an index at its end.
 *
 * <pre>
 *   0  8  magic "FIRNPACK"   8  4  version   12  8  birth   20  4  number
 *  24     stored bytes of the items, in the order in which they were put
 *         index: count of items (varint), each: kind 1, first chunk, count, offset, place, length (varints), CRC32C 4,
 *           and of a link the target: birth 8, number, offset, length (varints)
 *  -16 4  length of the index   -12  4  CRC32C of header and index   -8  8  magic "FIRNPEND"
 * </pre>
 *
 * {@code offset} is where the item lay when the pack was first written, which is what pages refer to; {@code place} is where it lies now.
 * They differ only in a pack that was compacted, which its object says by a generation above 0. Zeros and absences take an index item and no
 * bytes: they let a draft be read back from its packs. A link takes one byte, so that its offset is its own; what it links to is in the index,
 * under its checksum.
 *
 * <p>Version 2 is version 1 with links; a pack without one is written in version 1.
 */
final class PackFormat {
    static final int VERSION = 2;
    private static final int VERSION_WITHOUT_LINKS = 1;
    static final int HEADER_BYTES = 24;
    static final int TRAILER_BYTES = 16;

    /** What a link takes of its pack. */
    static final int LINK_BYTES = 1;

    private static final long MAGIC = 0x4649524E5041434BL;
    private static final long END_MAGIC = 0x4649524E50454E44L;

    private PackFormat() {}

    /** What an item is. */
    enum Kind {
        CHUNK,
        ZERO,
        ABSENT,
        PAGE,
        LINK;

        boolean hasBytes() {
            return this == CHUNK || this == PAGE || this == LINK;
        }
    }

    /**
     * One item of a pack.
     *
     * @param first the chunk, or the first chunk of a run or of what a page covers
     * @param count of the run; for a page its level
     * @param crc of the chunk, also of one that is linked to, or of the page
     * @param target of a link, where the bytes are; nothing for any other
     */
    record Item(
            Kind kind, int first, int count, int offset, int place, int length, int crc, Optional<ChunkPlace> target) {
        /** The same item of a pack that is written anew. */
        Item at(int newPlace) {
            return new Item(kind, first, count, offset, newPlace, length, crc, target);
        }

        /** How a tree refers to it, when it is a chunk or a link. */
        ChunkEntry entry(PackId pack) {
            return target.map(place -> ChunkEntry.link(pack, offset, place, crc))
                    .orElseGet(() -> ChunkEntry.data(pack, offset, length, crc));
        }
    }

    /** Of a pack with these items. */
    static byte[] header(PackId id, List<Item> items) {
        boolean hasLinks = items.stream().anyMatch(item -> item.target().isPresent());
        return header(id, hasLinks ? VERSION : VERSION_WITHOUT_LINKS);
    }

    private static byte[] header(PackId id, int version) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .putLong(MAGIC)
                .putInt(version)
                .putLong(id.birth())
                .putInt(id.number())
                .array();
    }

    /** What follows the stored bytes. */
    @SuppressWarnings("EnumOrdinal") // the order of the constants is part of the format
    static byte[] footer(PackId id, List<Item> items) {
        RecordWriter out = new RecordWriter(items.size() * 24 + 32);
        out.varint(items.size());
        for (Item item : items) {
            out.u8(item.kind().ordinal()).varint(item.first()).varint(item.count());
            out.varint(item.offset()).varint(item.place()).varint(item.length()).i32(item.crc());
            item.target().ifPresent(target -> target(out, target));
        }
        int length = out.length();
        int crc = crc(header(id, items), out.array(), 0, length);
        return out.i32(length).i32(crc).i64(END_MAGIC).toBytes();
    }

    private static void target(RecordWriter out, ChunkPlace target) {
        out.i64(target.pack().birth()).varint(target.pack().number());
        out.varint(target.offset()).varint(target.length());
    }

    private static ChunkPlace target(RecordReader in) {
        return new ChunkPlace(new PackId(in.i64(), in.small()), in.small(), in.small());
    }

    private static int crc(byte[] header, byte[] index, int offset, int length) {
        return new Crc32c()
                .update(header, 0, header.length)
                .update(index, offset, length)
                .value();
    }

    /** Bytes that the footer takes, by the last {@value #TRAILER_BYTES} of {@code tail}. */
    static int footerBytes(PackId id, byte[] tail) {
        ByteBuffer end = ByteBuffer.wrap(tail);
        if (tail.length < TRAILER_BYTES || end.getLong(tail.length - 8) != END_MAGIC) {
            throw damaged(id);
        }
        int length = end.getInt(tail.length - TRAILER_BYTES);
        if (length < 1 || length > Integer.MAX_VALUE - TRAILER_BYTES) {
            throw damaged(id);
        }
        return length + TRAILER_BYTES;
    }

    /** The items of the pack whose last bytes are {@code tail}, which holds the footer wholly. */
    static List<Item> items(PackId id, byte[] tail) {
        int from = tail.length - footerBytes(id, tail);
        int to = tail.length - TRAILER_BYTES;
        if (from < 0 || !isWhole(id, tail, from, to)) {
            throw damaged(id);
        }
        RecordReader in = new RecordReader(tail, from, to);
        Kind[] kinds = Kind.values();
        List<Item> items = new ArrayList<>();
        for (int left = in.count(10); left > 0; left--) {
            int kind = in.u8();
            if (kind >= kinds.length) {
                throw damaged(id);
            }
            items.add(new Item(
                    kinds[kind],
                    in.small(),
                    in.small(),
                    in.small(),
                    in.small(),
                    in.small(),
                    in.i32(),
                    kinds[kind] == Kind.LINK ? Optional.of(target(in)) : Optional.empty()));
        }
        return items;
    }

    private static boolean isWhole(PackId id, byte[] tail, int from, int to) {
        int crc = ByteBuffer.wrap(tail).getInt(to + 4);
        return crc == crc(header(id, VERSION_WITHOUT_LINKS), tail, from, to - from)
                || crc == crc(header(id, VERSION), tail, from, to - from);
    }

    private static StorageException damaged(PackId id) {
        return new StorageException.Corrupt("the index of pack " + id.key() + " does not carry its checksum");
    }
}
