package io.firn.snapshot;

import io.firn.io.RecordReader;
import io.firn.io.StorageException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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

    /** Slot, kind and pack of an entry, each of one byte, as nearly all have it. */
    private static final int SHORT_HEAD_BYTES = 3;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The bit of each byte that says that the number goes on. */
    private static final long GOES_ON = 0x8080_8080_8080_8080L;

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
            int after = afterTwoNumbers(at) + CRC_BYTES;
            at = switch (kind) {
                case DATA -> after;
                case LINK -> afterNumber(afterTwoNumbers(after));
                default -> afterTwoNumbers(after + HASH_BYTES);
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

    /** Looks at eight bytes at once, for numbers seldom take more: what walks over pages does little else. */
    private int afterTwoNumbers(int from) {
        if (from <= bytes.length - Long.BYTES) {
            long ends = ~(long) LONG.get(bytes, from) & GOES_ON;
            long second = ends & (ends - 1);
            if (second != 0) {
                return from + (Long.numberOfTrailingZeros(second) >>> 3) + 1;
            }
        }
        return afterNumber(afterNumber(from));
    }

    private int afterNumber(int from) {
        int after = from;
        while (after < end && bytes[after] < 0) {
            after++;
        }
        return after + 1;
    }

    /** For each pack of this page its index in the other, or -1: both are sorted. */
    int[] packsIn(PageCursor other) {
        int[] same = new int[packs.length];
        int its = 0;
        for (int mine = 0; mine < packs.length; mine++) {
            while (its < other.packs.length && other.packs[its].compareTo(packs[mine]) < 0) {
                its++;
            }
            same[mine] = its < other.packs.length && other.packs[its].equals(packs[mine]) ? its : -1;
        }
        return same;
    }

    /**
     * Takes both, which are at one slot, to their next ones, past entries that are alike in both: two versions of a page differ in few.
     *
     * @param packsIn as {@link #packsIn} tells
     */
    void nextUnlike(PageCursor other, int[] packsIn) {
        while (slot == other.slot && skipAlike(other, packsIn)) {}
        next();
        other.next();
    }

    /** Only what has the usual form is known to be alike here; all else is for {@link #isSame}. */
    private boolean skipAlike(PageCursor other, int[] packsIn) {
        int rest = at + SHORT_HEAD_BYTES;
        int its = other.at + SHORT_HEAD_BYTES;
        if (rest > end || its > other.end) {
            return false;
        }
        byte delta = bytes[at];
        byte what = bytes[at + 1];
        byte of = bytes[at + 2];
        boolean isAlike = delta >= 0
                && delta == other.bytes[other.at]
                && what == (level == 0 ? DATA : PAGE)
                && what == other.bytes[other.at + 1]
                && of >= 0
                && of < packsIn.length
                && packsIn[of] >= 0
                && packsIn[of] == other.bytes[other.at + 2];
        if (!isAlike) {
            return false;
        }
        int after = afterTwoNumbers(rest) + CRC_BYTES;
        after = level == 0 ? after : afterTwoNumbers(after + HASH_BYTES);
        int itsAfter = its + after - rest;
        if (after > end || itsAfter > other.end || !Arrays.equals(bytes, rest, after, other.bytes, its, itsAfter)) {
            return false;
        }
        slot += delta;
        require(slot < Page.FANOUT);
        other.slot = slot;
        at = after;
        other.at = itsAfter;
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
