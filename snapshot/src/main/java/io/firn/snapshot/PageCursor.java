package io.firn.snapshot;

import io.firn.io.RecordReader;
import io.firn.io.StorageException;
import java.util.Arrays;

/**
 * The slots of a stored page that are not absent, in ascending order, without an object for any of them: two pages of a thousand entries are
 * compared by numbers alone. Belongs to one thread.
 */
final class PageCursor {
    static final int ZERO = 1;
    static final int DATA = 2;
    static final int PAGE = 3;
    static final int LINK = 4;
    private static final int PACK_BYTES_MIN = 9;

    private static final int CRC_BYTES = 4;
    private static final int HASH_BYTES = 16;

    private final byte[] bytes;
    private final int end;
    private final int level;
    private final PackId[] packs;

    /** Where the next slot is. */
    private int at;

    private int slot;
    private int kind;
    private int pack;

    /** Where the slot says more than its pack. */
    private int rest;

    /** Where what tells it from others ends: a link is known by its own place, whatever it links to. */
    private int restEnd;

    private PageCursor(Stretch stored, int at, int level, PackId[] packs) {
        this.bytes = stored.bytes();
        this.at = at;
        this.end = stored.offset() + stored.length();
        this.level = level;
        this.packs = packs;
    }

    /** Before the first slot of a page of this level; of {@link PageRef#NONE} when {@code stored} is empty. */
    static PageCursor of(Stretch stored, int level) {
        if (stored.length() == 0) {
            return new PageCursor(stored, stored.offset(), level, new PackId[0]);
        }
        RecordReader in = stored.reader();
        PageFormat.readHeader(in, level);
        PackId[] packs = new PackId[in.count(PACK_BYTES_MIN)];
        for (int i = 0; i < packs.length; i++) {
            packs[i] = new PackId(in.i64(), in.small());
        }
        return new PageCursor(stored, stored.offset() + stored.length() - in.remaining(), level, packs);
    }

    /** Goes to the next slot; false when there is none, and {@link #slot} is {@link Page#FANOUT}. */
    boolean next() {
        if (at == end) {
            slot = Page.FANOUT;
            return false;
        }
        slot += small();
        require(at < end);
        kind = bytes[at++];
        require(slot >= 0 && slot < Page.FANOUT && (level == 0 ? kind != PAGE && kind <= LINK : kind == PAGE));
        require(kind >= ZERO);
        if (kind != ZERO) {
            pack = small();
            rest = at;
            int after = afterNumber(afterNumber(at)) + CRC_BYTES;
            at = switch (kind) {
                case DATA -> after;
                case LINK -> afterNumber(afterNumber(afterNumber(after)));
                default -> afterNumber(afterNumber(after + HASH_BYTES));
            };
            restEnd = kind == LINK ? after : at;
            require(pack < packs.length && at <= end);
        }
        return true;
    }

    /** A number, nearly always of one byte. */
    private int small() {
        if (at < end && bytes[at] >= 0) {
            return bytes[at++];
        }
        RecordReader in = new RecordReader(bytes, at, end);
        int value = in.small();
        at = end - in.remaining();
        return value;
    }

    private int afterNumber(int from) {
        int after = from;
        while (after < end && bytes[after] < 0) {
            after++;
        }
        return after + 1;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new StorageException.Corrupt("a page of a snapshot is not as its format says");
        }
    }

    int slot() {
        return slot;
    }

    /** Whether two cursors of one level are at equal entries: numbers are written in one way only, so their bytes say it. */
    boolean isSame(PageCursor other) {
        if (kind != other.kind) {
            return false;
        }
        return kind == ZERO
                || (Arrays.equals(bytes, rest, restEnd, other.bytes, other.rest, other.restEnd)
                        && packs[pack].equals(other.packs[other.pack]));
    }

    ChunkState state() {
        return kind == ZERO ? ChunkState.ZERO : ChunkState.DATA;
    }

    /** The chunk it is at; of a leaf. */
    ChunkEntry entry() {
        if (kind == ZERO) {
            return ChunkEntry.ZERO;
        }
        RecordReader in = new RecordReader(bytes, rest, at);
        int offset = in.small();
        int length = in.small();
        int crc = in.i32();
        if (kind == DATA) {
            return ChunkEntry.data(packs[pack], offset, length, crc);
        }
        int target = in.small();
        require(length == PackFormat.LINK_BYTES && target < packs.length);
        return ChunkEntry.link(packs[pack], offset, new ChunkPlace(packs[target], in.small(), in.small()), crc);
    }

    /** The page it is at; of an inner page. */
    PageRef ref() {
        RecordReader in = new RecordReader(bytes, rest, at);
        return new PageRef(packs[pack], in.small(), in.small(), in.i32(), in.i64(), in.i64(), in.small(), in.varint());
    }
}
