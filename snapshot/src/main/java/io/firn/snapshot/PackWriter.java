package io.firn.snapshot;

import io.firn.io.Crc32c;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Collects items into packs of one tree. A pack that is full waits in {@link #takeSealed} until somebody has sent it; nothing is lost
 * when sending fails. Not safe for threads: its owner has a lock.
 */
final class PackWriter {
    private final long birth;
    private final int packBytes;
    private final PackForm form;
    private final Deque<Sealed> sealed = new ArrayDeque<>();
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
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

    /** A pack that is ready to be put; its bytes are handed on, never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Sealed(PackId id, byte[] bytes, PackForm form) {}

    private void begin() {
        bytes.reset();
        bytes.writeBytes(PackFormat.header(id()));
        items = new ArrayList<>();
    }

    private PackId id() {
        return new PackId(birth, number);
    }

    ChunkEntry chunk(int index, byte[] stored, int crc) {
        PackId pack = id();
        int offset = append(PackFormat.Kind.CHUNK, index, 1, stored, crc);
        return ChunkEntry.data(pack, offset, stored.length, crc);
    }

    PageRef page(int firstChunk, int level, byte[] page, int written, long storedBytes) {
        ByteBuffer hash = PageFormat.hash(page);
        int crc = Crc32c.of(page);
        PackId pack = id();
        int offset = append(PackFormat.Kind.PAGE, firstChunk, level, page, crc);
        return new PageRef(
                pack, offset, page.length, crc, hash.getLong(0), hash.getLong(Long.BYTES), written, storedBytes);
    }

    /** Notes chunks without bytes, so that a draft can be read back. */
    void run(PackFormat.Kind kind, int first, int count) {
        append(kind, first, count, new byte[0], 0);
    }

    private int append(PackFormat.Kind kind, int first, int count, byte[] stored, int crc) {
        int offset = bytes.size();
        items.add(new PackFormat.Item(kind, first, count, offset, offset, stored.length, crc));
        bytes.writeBytes(stored);
        sealFull();
        return offset;
    }

    private void sealFull() {
        if (!isHeld && bytes.size() >= packBytes) {
            end();
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

    /** Ends the pack under way, if there is anything in it, and keeps no memory for the next: who saves may put nothing for long. */
    void seal() {
        if (!items.isEmpty()) {
            end();
        }
        bytes = new ByteArrayOutputStream();
        begin();
    }

    private void end() {
        bytes.writeBytes(PackFormat.footer(id(), items));
        sealed.add(new Sealed(id(), bytes.toByteArray(), form));
        number++;
        begin();
    }

    /** Lets go of the memory of the pack under way; nothing may be added after it. */
    void release() {
        bytes = new ByteArrayOutputStream(0);
        items = List.of();
    }

    /** The oldest pack that is to be sent; given back by {@link #giveBack} when that fails. */
    Optional<Sealed> takeSealed() {
        return Optional.ofNullable(sealed.poll());
    }

    void giveBack(Sealed pack) {
        sealed.addFirst(pack);
    }

    int sealedCount() {
        return sealed.size();
    }

    /** Whether nothing is to be sent. */
    boolean isEmpty() {
        return sealed.isEmpty() && items.isEmpty();
    }
}
