package io.firn.snapshot;

import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A page of a tree as bytes.
 *
 * <pre>
 *   0  4  magic "FPAG"     4  1  version     5  1  level (0 leaf)     6  8  birth of the tree it was written for
 *  14  4  first chunk it covers, divided by 1,024
 *  18     packs: count (varint), each birth 8, number (varint)
 *         entries until the end, each: slot minus the slot before (varint), kind 1, and
 *           leaf, kind 1 zero     nothing more
 *           leaf, kind 2 data     pack as index into the packs, offset, length (varints), CRC32C 4
 *           leaf, kind 4 link     as kind 2, then where the bytes are: pack as index, offset, length (varints)
 *           inner, kind 3 page    pack as index, offset, length (varints), CRC32C 4, hash 16, chunks written, bytes stored (varints)
 * </pre>
 *
 * Slots without an entry are absent. The birth makes pages of different trees different, whatever they hold. Version 2 is version 1 with
 * links; a page without one is written in version 1.
 */
final class PageFormat {
    static final int VERSION = 2;
    private static final int VERSION_WITHOUT_LINKS = 1;
    private static final int MAGIC = 0x46504147;

    private PageFormat() {}

    static byte[] encode(Page page, int level, long birth, int position) {
        List<PackId> packs = List.copyOf(new TreeSet<>(packs(page).toList()));
        RecordWriter out = new RecordWriter(16 << 10);
        out.i32(MAGIC).u8(version(page)).u8(level).i64(birth).i32(position).varint(packs.size());
        packs.forEach(pack -> out.i64(pack.birth()).varint(pack.number()));
        switch (page) {
            case Page.Leaf(List<ChunkEntry> entries) -> writeEntries(out, entries, packs);
            case Page.Inner(List<PageRef> children) -> writeChildren(out, children, packs);
        }
        return out.toBytes();
    }

    private static int version(Page page) {
        boolean hasLinks = page instanceof Page.Leaf(List<ChunkEntry> entries)
                && entries.stream().anyMatch(entry -> entry.target().isPresent());
        return hasLinks ? VERSION : VERSION_WITHOUT_LINKS;
    }

    private static Stream<PackId> packs(Page page) {
        return switch (page) {
            case Page.Leaf(List<ChunkEntry> entries) ->
                entries.stream().filter(ChunkEntry::isData).flatMap(PageFormat::packs);
            case Page.Inner(List<PageRef> children) ->
                children.stream().filter(child -> !child.isNone()).map(PageRef::pack);
        };
    }

    private static Stream<PackId> packs(ChunkEntry entry) {
        return Stream.concat(Stream.of(entry.pack()), entry.target().map(ChunkPlace::pack).stream());
    }

    private static void writeEntries(RecordWriter out, List<ChunkEntry> entries, List<PackId> packs) {
        int last = 0;
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            ChunkEntry entry = entries.get(slot);
            switch (entry.state()) {
                case ABSENT -> {}
                case ZERO -> {
                    out.varint(slot - last).u8(PageCursor.ZERO);
                    last = slot;
                }
                case DATA -> {
                    int kind = entry.target().isPresent() ? PageCursor.LINK : PageCursor.DATA;
                    out.varint(slot - last).u8(kind).varint(indexOf(packs, entry.pack()));
                    out.varint(entry.offset()).varint(entry.length()).i32(entry.crc());
                    entry.target()
                            .ifPresent(target -> out.varint(indexOf(packs, target.pack()))
                                    .varint(target.offset())
                                    .varint(target.length()));
                    last = slot;
                }
            }
        }
    }

    private static void writeChildren(RecordWriter out, List<PageRef> children, List<PackId> packs) {
        int last = 0;
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            PageRef child = children.get(slot);
            if (!child.isNone()) {
                out.varint(slot - last).u8(PageCursor.PAGE).varint(indexOf(packs, child.pack()));
                out.varint(child.offset()).varint(child.length()).i32(child.crc());
                out.i64(child.hashHigh()).i64(child.hashLow());
                out.varint(child.written()).varint(child.storedBytes());
                last = slot;
            }
        }
    }

    private static int indexOf(List<PackId> packs, PackId pack) {
        return java.util.Collections.binarySearch(packs, pack);
    }

    /** Reads what comes before the packs; {@code Corrupt} when it is not a page of this level. */
    static void readHeader(RecordReader in, int level) {
        int magic = in.i32();
        int version = in.u8();
        if (magic != MAGIC || version < 1) {
            throw new StorageException.Corrupt("not a page of a snapshot");
        }
        if (version > VERSION) {
            throw new StorageException.Fenced("a page of a snapshot has format version " + version
                    + ", this Firn reads up to " + VERSION + ": it was written by a newer one");
        }
        int found = in.u8();
        if (found != level) {
            throw new StorageException.Corrupt("a page of level " + found + " is where one of " + level + " should be");
        }
        in.i64();
        in.i32();
    }

    static Page decode(byte[] bytes, int level) {
        PageCursor slots = PageCursor.of(Stretch.of(bytes), level);
        if (level == 0) {
            ChunkEntry[] entries = new ChunkEntry[Page.FANOUT];
            Arrays.fill(entries, ChunkEntry.ABSENT);
            while (slots.next()) {
                entries[slots.slot()] = slots.entry();
            }
            return Page.Leaf.of(entries);
        }
        PageRef[] children = new PageRef[Page.FANOUT];
        Arrays.fill(children, PageRef.NONE);
        while (slots.next()) {
            children[slots.slot()] = slots.ref();
        }
        return Page.Inner.of(children);
    }

    /** The hash that names a page. */
    static ByteBuffer hash(byte[] bytes) {
        return ByteBuffer.wrap(sha256().digest(bytes));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
