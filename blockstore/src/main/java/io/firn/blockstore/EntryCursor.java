package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;

/** Walks the entries of a batch header in place; belongs to one thread. */
final class EntryCursor {
    private ByteBuffer header = ByteBuffer.allocate(0);
    private int base;
    private int next;
    private int left;
    private int entry;
    private int payload;
    private int nextPayload;

    /** Starts at the header that stands at {@code base} of a little-endian buffer. */
    EntryCursor over(ByteBuffer batch, int base) {
        this.header = batch;
        this.base = base;
        this.next = base + LogFormat.FIRST_ENTRY;
        this.left = batch.getInt(base + LogFormat.ENTRIES);
        this.nextPayload = 0;
        return this;
    }

    /** Goes to the next entry; false at the end. A header that passed its CRC and yet does not fit is a newer format, or a bug. */
    boolean next() {
        if (left == 0) {
            return false;
        }
        left--;
        entry = next;
        int end = base + header.getInt(base + LogFormat.USED);
        if (entry + LogFormat.ENTRY_BYTES > end || kind() < 1 || kind() > Kind.LAST) {
            throw new StorageException.Corrupt(
                    "a batch has an entry of kind " + kind() + " that this Firn does not know");
        }
        payload = nextPayload;
        next = entry + LogFormat.ENTRY_BYTES;
        if (Kind.hasPayload(kind())) {
            nextPayload += (int) blocks();
            next += (kind() == Kind.MOVE ? Long.BYTES : 0) + (int) blocks() * Integer.BYTES;
        } else {
            next += (inlineLength() + 3) & ~3;
        }
        if (next > end) {
            throw new StorageException.Corrupt("a batch has an entry that is longer than its header");
        }
        return true;
    }

    int kind() {
        return header.get(entry);
    }

    int volume() {
        return header.getInt(entry + LogFormat.ENTRY_VOLUME);
    }

    long epoch() {
        return header.getLong(entry + LogFormat.ENTRY_EPOCH);
    }

    void stampEpoch(long epoch) {
        header.putLong(entry + LogFormat.ENTRY_EPOCH, epoch);
    }

    long lba() {
        return header.getLong(entry + LogFormat.ENTRY_LBA);
    }

    /** What a seal is known by to whoever made it. */
    long mark() {
        return lba();
    }

    long blocks() {
        return header.getLong(entry + LogFormat.ENTRY_BLOCKS);
    }

    /** Where moved blocks were. */
    long source() {
        return header.getLong(entry + LogFormat.ENTRY_BYTES);
    }

    int crc(int block) {
        int at = entry + LogFormat.ENTRY_BYTES + (kind() == Kind.MOVE ? Long.BYTES : 0);
        return header.getInt(at + block * Integer.BYTES);
    }

    /** Index of the entry's first block in the batch's payload. */
    int payload() {
        return payload;
    }

    private int inlineLength() {
        return Short.toUnsignedInt(header.getShort(entry + LogFormat.ENTRY_INLINE));
    }

    byte[] inline() {
        byte[] bytes = new byte[inlineLength()];
        header.get(entry + LogFormat.ENTRY_BYTES, bytes);
        return bytes;
    }
}
