package io.firn.snapshot;

import io.firn.io.RecordReader;
import io.firn.io.StorageException;

/**
 * The slots of a stored page that are not absent, in ascending order, without an object for any of them: two pages of a thousand entries are
 * compared by numbers alone. Belongs to one thread.
 */
final class PageCursor {
    static final int ZERO = 1;
    static final int DATA = 2;
    static final int PAGE = 3;
    private static final int PACK_BYTES_MIN = 9;

    private final RecordReader in;
    private final int level;
    private final PackId[] packs;
    private int slot;
    private int kind;
    private PackId pack = PageRef.NONE.pack();
    private int offset;
    private int length;
    private int crc;
    private long hashHigh;
    private long hashLow;
    private int written;
    private long storedBytes;

    private PageCursor(RecordReader in, int level, PackId[] packs) {
        this.in = in;
        this.level = level;
        this.packs = packs;
    }

    /** Before the first slot of a page of this level; of {@link PageRef#NONE} when {@code bytes} is empty. */
    static PageCursor of(Stretch bytes, int level) {
        RecordReader in = bytes.reader();
        if (bytes.length() == 0) {
            return new PageCursor(in, level, new PackId[0]);
        }
        PageFormat.readHeader(in, level);
        PackId[] packs = new PackId[in.count(PACK_BYTES_MIN)];
        for (int i = 0; i < packs.length; i++) {
            packs[i] = new PackId(in.i64(), in.small());
        }
        return new PageCursor(in, level, packs);
    }

    /** Goes to the next slot; false when there is none, and {@link #slot} is {@link Page#FANOUT}. */
    boolean next() {
        if (in.remaining() == 0) {
            slot = Page.FANOUT;
            return false;
        }
        slot += in.small();
        kind = in.u8();
        require(slot >= 0 && slot < Page.FANOUT && (level == 0 ? kind == ZERO || kind == DATA : kind == PAGE));
        if (kind != ZERO) {
            int index = in.small();
            require(index < packs.length);
            pack = packs[index];
            offset = in.small();
            length = in.small();
            crc = in.i32();
        }
        if (kind == PAGE) {
            hashHigh = in.i64();
            hashLow = in.i64();
            written = in.small();
            storedBytes = in.varint();
        }
        return true;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new StorageException.Corrupt("a page of a snapshot is not as its format says");
        }
    }

    int slot() {
        return slot;
    }

    /** Whether two cursors of one level are at equal entries. */
    boolean isSame(PageCursor other) {
        if (kind != other.kind || (kind != ZERO && !isSamePlace(other))) {
            return false;
        }
        return kind != PAGE
                || (hashHigh == other.hashHigh
                        && hashLow == other.hashLow
                        && written == other.written
                        && storedBytes == other.storedBytes);
    }

    private boolean isSamePlace(PageCursor other) {
        return crc == other.crc
                && offset == other.offset
                && length == other.length
                && pack.birth() == other.pack.birth()
                && pack.number() == other.pack.number();
    }

    /** The chunk it is at; of a leaf. */
    ChunkEntry entry() {
        return kind == ZERO ? ChunkEntry.ZERO : ChunkEntry.data(pack, offset, length, crc);
    }

    ChunkState state() {
        return kind == ZERO ? ChunkState.ZERO : ChunkState.DATA;
    }

    /** The page it is at; of an inner page. */
    PageRef ref() {
        return new PageRef(pack, offset, length, crc, hashHigh, hashLow, written, storedBytes);
    }
}
