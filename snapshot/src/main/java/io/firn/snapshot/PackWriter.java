package io.firn.snapshot;

import io.firn.io.Crc32c;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * Collects items into packs of one tree. A pack that is full waits in {@link #takeSealed} until somebody has sent it; nothing is lost
 * when sending fails. Not safe for threads: its owner has a lock.
 */
final class PackWriter {
    /** A pack of links alone would have no end by its bytes; one of chunks has far fewer. */
    static final int ITEMS_MAX = 1 << 16;

    /** What an item of the pack under way takes beside its bytes. */
    private static final int ITEM_BYTES = 64;

    private final long birth;
    private final int packBytes;
    private final PackForm form;
    private final Deque<Sealed> sealed = new ArrayDeque<>();
    private PackBytes bytes = new PackBytes();
    private long sealedBytes;
    private List<PackFormat.Item> items = new ArrayList<>();
    private int number;
    private boolean isHeld;

    PackWriter(long birth, int firstNumber, int packBytes, PackForm form) {
        this.birth = birth;
        this.number = firstNumber;
        this.packBytes = packBytes;
        this.form = form;
        begin();
    }

    /**
     * A pack that is ready to be put.
     *
     * @param links what it links to, which has to be protected before it is put
     * @param isFull closed because it had grown to its size
     * @param hasBytes false when it only lets a draft be read back, so that no tree can refer to it
     */
    record Sealed(
            PackId id,
            PackBytes bytes,
            PackForm form,
            Map<PackId, RoaringBitmap> links,
            boolean isFull,
            boolean hasBytes) {}

    private void begin() {
        bytes = new PackBytes();
        items = new ArrayList<>();
        bytes.add(PackFormat.header(id(), items));
    }

    private PackId id() {
        return new PackId(birth, number);
    }

    ChunkEntry chunk(int index, byte[] stored, int crc) {
        PackId pack = id();
        int offset = append(PackFormat.Kind.CHUNK, index, 1, stored, crc, Optional.empty());
        return ChunkEntry.data(pack, offset, stored.length, crc);
    }

    /** Adds a chunk by where its bytes are already. */
    ChunkEntry link(int index, ChunkPlace target, int crc) {
        PackId pack = id();
        byte[] stored = new byte[PackFormat.LINK_BYTES];
        int offset = append(PackFormat.Kind.LINK, index, 1, stored, crc, Optional.of(target));
        return ChunkEntry.link(pack, offset, target, crc);
    }

    PageRef page(int firstChunk, int level, byte[] page, int written, long storedBytes) {
        ByteBuffer hash = PageFormat.hash(page);
        int crc = Crc32c.of(page);
        PackId pack = id();
        int offset = append(PackFormat.Kind.PAGE, firstChunk, level, page, crc, Optional.empty());
        return new PageRef(
                pack, offset, page.length, crc, hash.getLong(0), hash.getLong(Long.BYTES), written, storedBytes);
    }

    /** Notes chunks without bytes, so that a draft can be read back. */
    void run(PackFormat.Kind kind, int first, int count) {
        append(kind, first, count, new byte[0], 0, Optional.empty());
    }

    private int append(
            PackFormat.Kind kind, int first, int count, byte[] stored, int crc, Optional<ChunkPlace> target) {
        int offset = bytes.length();
        items.add(new PackFormat.Item(kind, first, count, offset, offset, stored.length, crc, target));
        bytes.add(stored);
        sealFull();
        return offset;
    }

    private void sealFull() {
        if (!isHeld && (bytes.length() >= packBytes || items.size() >= ITEMS_MAX)) {
            end(true);
        }
    }

    /** Runs appends whose items are in one pack, so that all of them are there after a crash, or none. */
    void together(Runnable appends) {
        isHeld = true;
        try {
            appends.run();
        } finally {
            isHeld = false;
            sealFull();
        }
    }

    /** Ends the pack under way, if there is anything in it. */
    void seal() {
        if (!items.isEmpty()) {
            end(false);
        }
    }

    private void end(boolean isFull) {
        bytes.add(PackFormat.footer(id(), items));
        // By its items, which were not known when it was begun.
        bytes.replaceFirst(PackFormat.header(id(), items));
        boolean hasBytes = items.stream().anyMatch(item -> item.kind().hasBytes());
        sealed.add(new Sealed(id(), bytes, form, Links.of(items.stream()), isFull, hasBytes));
        sealedBytes += bytes.length();
        number++;
        begin();
    }

    /** Lets go of the memory of the pack under way; nothing may be added after it. */
    void release() {
        bytes = new PackBytes();
        items = List.of();
    }

    /** The oldest pack that is to be sent; given back by {@link #giveBack} when that fails. */
    Optional<Sealed> takeSealed() {
        Optional<Sealed> taken = Optional.ofNullable(sealed.poll());
        sealedBytes -= taken.map(pack -> pack.bytes().length()).orElse(0);
        return taken;
    }

    void giveBack(Sealed pack) {
        sealed.addFirst(pack);
        sealedBytes += pack.bytes().length();
    }

    int sealedCount() {
        return sealed.size();
    }

    /** Memory for what is to be sent: of the pack under way and of those that wait. */
    long heldBytes() {
        return sealedBytes + (items.isEmpty() ? 0 : bytes.length() + (long) ITEM_BYTES * items.size());
    }
}
