package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens a store: the checkpoint, then every batch behind it, in order, through {@link Applier}.
 *
 * <p><b>The end of the log.</b> The first batch that is missing or not whole ends it, when no later batch says that it had been durable:
 * a torn tail, of which nothing was acknowledged as durable. Otherwise it is corruption: blocks whose payload is damaged become
 * impaired (reads of them fail until they are written), and where a whole batch is gone every volume becomes impaired and its changes
 * count as unknown; the log behind it is kept. Acknowledged data is never cut off in silence.
 *
 * <p>What was replayed may still sit in the page cache of a process that was killed, so it is synced before anything is built on it, and
 * a new term begins, so that no batch of the tail that was given up can come back.
 */
final class Recovery {
    private static final Logger LOG = System.getLogger(Recovery.class.getName());
    private static final int WINDOW_BYTES = 1 << 20;

    private record Found(long sequence, long durable, Segment segment, int slot, int payload) {}

    private final Disk disk;
    private final VolumeStoreOptions options;
    private final StoreState state;
    private final Segments segments;
    private final Applier applier;
    private final ByteBuffer window = direct(WINDOW_BYTES);
    private ByteBuffer batch = direct(1 << 16);
    private final EntryCursor entries = new EntryCursor();
    private Superblock superblock;

    private final List<Segment> replayed = new ArrayList<>();
    private long nextSequence;
    private int damagedBatches;

    Recovery(
            Disk disk,
            VolumeStoreOptions options,
            StoreState state,
            Segments segments,
            Applier applier,
            Superblock superblock) {
        this.disk = disk;
        this.options = options;
        this.state = state;
        this.segments = segments;
        this.applier = applier;
        this.superblock = superblock;
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Replays the log behind what was loaded and returns it, ready for more. */
    Log replay(Checkpointer.Loaded loaded) {
        nextSequence = loaded.sequence() + 1;
        List<Segment> later = laterSegments();
        List<Found> found = new ArrayList<>();
        Segment open = loaded.open();
        if (open != null) {
            scan(open, open.appendSlot, found);
        }
        later.forEach(segment -> scan(segment, 1, found));
        found.sort(Comparator.comparingLong(Found::sequence));
        long durable = found.stream().mapToLong(Found::durable).max().orElse(0);
        for (Found next : found) {
            if (next.sequence() >= nextSequence && !apply(next, durable)) {
                break;
            }
        }
        Segment last = settle(open);
        if (damagedBatches > 0) {
            LOG.log(Level.ERROR, "{0} batches of the volumes'' log are damaged or lost", damagedBatches);
        }
        superblock = superblock.withTerm(superblock.lastTerm() + 1, nextSequence);
        superblock.write(disk);
        return new Log(disk, segments, state, applier, options, superblock, last, nextSequence - 1);
    }

    /** Segments that began after the checkpoint, in the order in which they did. */
    private List<Segment> laterSegments() {
        long known = segments.lastOrdinal();
        for (String name : disk.list(Segments.FOLDER)) {
            if (name.matches("[0-9a-f]{6}")) {
                segments.adopt(Integer.parseInt(name, 16)).isNamed = true; // once settled
            }
        }
        List<Segment> later = new ArrayList<>();
        for (Segment segment : segments.all()) {
            if (segment.state == Segment.State.FREE && disk.exists(Segments.name(segment.number()))) {
                segments.read(segment, 0, window.clear().limit(Block.BYTES));
                long header = LogFormat.ordinal(window, superblock.salt(), segment.number());
                long ordinal = header < 0 ? ordinalOfBatches(segment) : header;
                if (ordinal > known) {
                    segment.ordinal = ordinal;
                    segments.sawOrdinal(ordinal);
                    later.add(segment);
                }
            }
        }
        later.sort(Comparator.comparingLong(segment -> segment.ordinal));
        return later;
    }

    /** Where the segment's header is damaged or was lost: the newest life that one of its batches names, or -1. */
    private long ordinalOfBatches(Segment segment) {
        long newest = -1;
        long slots =
                Math.min(segments.slots(), Block.count(segments.file(segment).length()));
        for (int slot = 1; slot < slots; slot++) {
            segments.read(segment, slot, window.clear().limit(Block.BYTES));
            long ordinal = window.getLong(LogFormat.ORDINAL);
            if (LogFormat.isBatch(window, superblock.salt(), ordinal, slot)) {
                newest = Math.max(newest, ordinal);
            }
        }
        return newest;
    }

    /** Collects the batches of this life of a segment that its term lets count; passes over what is damaged. */
    private void scan(Segment segment, int from, List<Found> found) {
        int slot = from;
        int windowSlot = 0;
        window.clear().limit(0);
        while (slot < segments.slots()) {
            int offset = (slot - windowSlot) * Block.BYTES;
            if (offset < 0 || offset + Block.BYTES > window.limit()) {
                int count = Math.min(WINDOW_BYTES / Block.BYTES, segments.slots() - slot);
                window.clear().limit(count * Block.BYTES);
                int read = segments.file(segment).read(window, (long) slot * Block.BYTES);
                window.position(0).limit(read & ~Block.MASK);
                windowSlot = slot;
                offset = 0;
                if (window.limit() == 0) {
                    return;
                }
            }
            ByteBuffer header = window.slice(offset, Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (LogFormat.isBatch(header, superblock.salt(), segment.ordinal, slot)) {
                int payload = header.getInt(LogFormat.PAYLOAD_SLOTS);
                long sequence = header.getLong(LogFormat.SEQUENCE);
                if (superblock.termOf(sequence) == header.getLong(LogFormat.TERM)) {
                    found.add(new Found(sequence, header.getLong(LogFormat.DURABLE), segment, slot, payload));
                }
                slot += 1 + payload;
            } else {
                slot++;
            }
        }
    }

    /** Applies a batch; false when the log ends before it. */
    private boolean apply(Found next, long durable) {
        boolean isGap = next.sequence() > nextSequence;
        if (isGap && nextSequence > durable) {
            return false;
        }
        read(next);
        BitSet lost = damagedBlocks(next);
        if (lost != null && next.sequence() > durable) {
            return false;
        }
        if (isGap) {
            loseHistory(next);
        }
        if (lost != null) {
            damagedBatches++;
        }
        if (!replayed.contains(next.segment())) {
            replayed.add(next.segment());
            next.segment().state = Segment.State.OPEN;
        }
        entries.over(batch, 0);
        while (entries.next()) {
            if (damagedBatches > 0) {
                catchUp();
            }
            applier.apply(entries, next.segment(), next.slot() + 1, lost);
        }
        if (lost != null) {
            markImpaired();
        }
        next.segment().appendSlot = next.slot() + 1 + next.payload();
        next.segment().lastSequence = next.sequence();
        nextSequence = next.sequence() + 1;
        return true;
    }

    private void read(Found next) {
        int bytes = (1 + next.payload()) * Block.BYTES;
        if (batch.capacity() < bytes) {
            batch = direct(bytes);
        }
        segments.read(next.segment(), next.slot(), batch.clear().limit(bytes));
        batch.position(0);
    }

    private @Nullable BitSet damagedBlocks(Found next) {
        BitSet damaged = new BitSet();
        entries.over(batch, 0);
        while (entries.next()) {
            if (Kind.hasPayload(entries.kind())) {
                for (int i = 0; i < entries.blocks(); i++) {
                    int block = entries.payload() + i;
                    if (block >= next.payload()
                            || Crc32c.of(batch, (1 + block) * Block.BYTES, Block.BYTES) != entries.crc(i)) {
                        damaged.set(block);
                    }
                }
            }
        }
        return damaged.isEmpty() ? null : damaged;
    }

    private void markImpaired() {
        entries.over(batch, 0);
        while (entries.next()) {
            VolumeState volume = state.volumes.get(entries.volume());
            if (entries.kind() == Kind.DATA && volume != null) {
                volume.isImpaired = true;
            }
        }
    }

    /** Batches that had been durable are gone, and nobody knows of what. */
    private void loseHistory(Found next) {
        LOG.log(
                Level.ERROR,
                "batches {0} to {1} of the volumes'' log had been durable and are gone: every volume is impaired",
                nextSequence,
                next.sequence() - 1);
        damagedBatches += (int) Math.min(next.sequence() - nextSequence, Integer.MAX_VALUE / 2);
        for (VolumeState volume : state.volumes.values()) {
            volume.isImpaired = true;
            volume.history.clear();
            volume.forgotten = volume.epoch;
        }
    }

    /** A seal may have been among what was lost: the entry says which epoch is open. */
    private void catchUp() {
        VolumeState volume = state.volumes.get(entries.volume());
        if (volume == null || entries.kind() == Kind.MOVE || entries.kind() == Kind.CREATE) {
            return;
        }
        while (volume.epoch < entries.epoch()) {
            Frozen frozen = volume.freeze();
            volume.bornSinceNewestView = volume.bornSinceNewestView.union(frozen.set());
            volume.forgotten = volume.epoch;
        }
    }

    /** Makes what was replayed durable, closes all segments but the last. */
    private @Nullable Segment settle(@Nullable Segment open) {
        replayed.forEach(segment -> segments.file(segment).sync());
        disk.syncDirectory(Segments.FOLDER); // also the name of a file that the life before had no time to sync
        Segment last = replayed.isEmpty() ? open : replayed.getLast();
        for (Segment segment : segments.all()) {
            if (segment.state == Segment.State.OPEN && segment.number() != (last == null ? -1 : last.number())) {
                segments.close(segment);
            } else if (segment.state == Segment.State.CLOSED && segment.live == 0) {
                segments.close(segment);
            }
        }
        segments.index();
        return last;
    }
}
