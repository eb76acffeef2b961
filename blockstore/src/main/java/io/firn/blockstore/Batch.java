package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A batch being put together, outside of any lock: the header slot and the payload behind it, as they will be in the log. Belongs to one
 * thread; used again after {@link #clear}.
 */
final class Batch {
    /** How many moved blocks fit into a batch when each needs an entry of its own. */
    static final int LONE_MOVES =
            (Block.BYTES - LogFormat.FIRST_ENTRY) / (LogFormat.ENTRY_BYTES + Long.BYTES + Integer.BYTES);

    private static final int FIRST_BYTES = 64 << 10;

    private final int blocksMax;
    private ByteBuffer bytes;
    private int used;
    private int entries;
    private int payload;

    /** {@code blocksMax}: what a segment can take, at most {@link LogFormat#BATCH_BLOCKS_MAX}. */
    Batch(int blocksMax) {
        this(Math.min(blocksMax, LogFormat.BATCH_BLOCKS_MAX), ByteBuffer.allocateDirect(FIRST_BYTES));
    }

    private Batch(int blocksMax, ByteBuffer bytes) {
        this.blocksMax = blocksMax;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        clear();
    }

    /** For entries without payload: rare and short, so not worth direct memory. */
    static Batch ofHeader() {
        return new Batch(0, ByteBuffer.allocate(Block.BYTES));
    }

    Batch clear() {
        bytes.clear();
        used = LogFormat.FIRST_ENTRY;
        entries = 0;
        payload = 0;
        return this;
    }

    boolean isEmpty() {
        return entries == 0;
    }

    int payloadBlocks() {
        return payload;
    }

    int slots() {
        return 1 + payload;
    }

    /** How many more blocks an entry of this kind could have; 0 or less when none fits. */
    int room(int kind) {
        int fixed = LogFormat.ENTRY_BYTES + (kind == Kind.MOVE ? Long.BYTES : 0);
        return Math.min((Block.BYTES - used - fixed) / Integer.BYTES, blocksMax - payload);
    }

    boolean hasRoomForInline(int length) {
        return Block.BYTES - used >= LogFormat.ENTRY_BYTES + ((length + 3) & ~3);
    }

    /**
     * Adds an entry with payload; the blocks are then to be put by {@link #payload} and closed by {@link #closeBlock}.
     *
     * @param source where moved blocks are, for MOVE
     */
    void open(int kind, int volume, long lba, int blocks, long source) {
        entry(kind, 0, volume, lba, blocks);
        if (kind == Kind.MOVE) {
            bytes.putLong(used, source);
            used += Long.BYTES;
        }
        reserve(blocks);
    }

    /** The bytes of the next {@code blocks} payload blocks, to be filled. */
    ByteBuffer payload(int blocks) {
        return bytes.slice((1 + payload) * Block.BYTES, blocks * Block.BYTES);
    }

    /** Takes the next payload block as filled. */
    void closeBlock() {
        closeBlock(Crc32c.of(bytes, (1 + payload) * Block.BYTES, Block.BYTES));
    }

    void closeBlock(int crc) {
        bytes.putInt(used, crc);
        used += Integer.BYTES;
        payload++;
    }

    /** Adds an entry without payload. */
    void add(int kind, int volume, long lba, long blocks) {
        entry(kind, 0, volume, lba, blocks);
    }

    /** Adds an entry about an epoch. */
    void addEpoch(int kind, int volume, long epoch) {
        addEpoch(kind, volume, epoch, 0);
    }

    /** Adds the seal of an epoch. */
    void addSeal(int volume, long epoch, long mark) {
        addEpoch(Kind.SEAL, volume, epoch, mark);
    }

    private void addEpoch(int kind, int volume, long epoch, long mark) {
        int at = used;
        entry(kind, 0, volume, mark, 0);
        bytes.putLong(at + LogFormat.ENTRY_EPOCH, epoch);
    }

    /** Adds an entry with bytes inside the header. */
    void addInline(int kind, int volume, byte[] inline) {
        entry(kind, inline.length, volume, 0, 0);
        bytes.put(used, inline);
        int padded = (inline.length + 3) & ~3;
        for (int i = inline.length; i < padded; i++) {
            bytes.put(used + i, (byte) 0);
        }
        used += padded;
    }

    private void entry(int kind, int inline, int volume, long lba, long blocks) {
        bytes.put(used, (byte) kind)
                .put(used + 1, (byte) 0)
                .putShort(used + LogFormat.ENTRY_INLINE, (short) inline)
                .putInt(used + LogFormat.ENTRY_VOLUME, volume)
                .putLong(used + LogFormat.ENTRY_EPOCH, 0)
                .putLong(used + LogFormat.ENTRY_LBA, lba)
                .putLong(used + LogFormat.ENTRY_BLOCKS, blocks);
        used += LogFormat.ENTRY_BYTES;
        entries++;
    }

    private void reserve(int blocks) {
        int needed = (1 + payload + blocks) * Block.BYTES;
        if (needed > bytes.capacity()) {
            int larger = Math.min((1 + blocksMax) * Block.BYTES, Math.max(needed, 2 * bytes.capacity()));
            bytes = ByteBuffer.allocateDirect(larger)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(bytes.clear().limit((1 + payload) * Block.BYTES))
                    .clear();
        }
    }

    /** Fills in the header's own fields, all but the CRC, which {@link LogFormat#close} adds after the epochs were stamped. */
    ByteBuffer seal(long salt, Segment segment, long term, long sequence, long durable) {
        return bytes.clear()
                .limit(slots() * Block.BYTES)
                .putInt(LogFormat.USED, used)
                .putLong(LogFormat.SALT, salt)
                .putLong(LogFormat.ORDINAL, segment.ordinal)
                .putInt(LogFormat.SLOT, segment.appendSlot)
                .putInt(LogFormat.PAYLOAD_SLOTS, payload)
                .putLong(LogFormat.TERM, term)
                .putLong(LogFormat.SEQUENCE, sequence)
                .putLong(LogFormat.DURABLE, durable)
                .putInt(LogFormat.ENTRIES, entries)
                .putInt(LogFormat.ENTRIES + Integer.BYTES, 0);
    }
}
