package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Crc32c;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives space back: moves the blocks that are still referred to out of the segment with the fewest of them, so that it becomes empty.
 *
 * <p>A block moves with the CRC that it was written with; its epoch is not touched and no block becomes dirty. The move is an entry of the
 * log like any other and holds only if the block is still where it was, so writers never wait and always win. Greedy choice, as the
 * log is written uniformly often enough (Rosenblum, Ousterhout: The design and implementation of a log-structured file system, 1991).
 *
 * <p>What a segment holds is told by references to it: a block that ten clones show counts ten times, so segments with much of that are
 * taken for fuller than they are, and cleaned late or not at all.
 *
 * <p>As a {@link Task}, a unit of budget is a block looked at. One thread at a time.
 */
final class Cleaner implements Task {
    private static final Logger LOG = System.getLogger(Cleaner.class.getName());
    /** Segments that only cleaning and what frees space may open. */
    static final int RESERVED_SEGMENTS = 2;

    /** Blocks that are looked at for one that is written: cleaning keeps up when one in so many is dead. */
    private static final int ASSISTED_PER_WRITTEN = 4;

    /** Blocks that are written before a writer looks for a segment to clean: a look goes over all of them. */
    private static final int LOOK_BLOCKS = 256;

    /** Of a segment, what a batch of moved blocks takes at most: what the end of a full segment leaves unused is less. */
    private static final int BATCH_SHARE = 64;

    private static final int BATCH_BLOCKS_MIN = 16;

    /** The share of the log that may be dead while as much room is left as the log takes. */
    private static final double AMPLE_DEAD = 0.5;

    private final Log log;
    private final StoreState state;
    private final Segments segments;
    private final Applier applier;
    private final ReaderEpochs readers;
    private final Checkpointer checkpointer;
    private final double spareFraction;
    private final int batchBlocks;
    private final Batch batch;
    private final EntryCursor entries = new EntryCursor();
    private final ByteBuffer bytes;
    private final Set<Long> damaged = new HashSet<>();

    private @Nullable Segment victim;
    private int slot;
    private long unassisted;
    private long movedBlocks; // under the log's lock

    Cleaner(
            Log log,
            StoreState state,
            Segments segments,
            Applier applier,
            ReaderEpochs readers,
            Checkpointer checkpointer,
            VolumeStoreOptions options,
            int readBlocks) {
        this.log = log;
        this.state = state;
        this.segments = segments;
        this.applier = applier;
        this.readers = readers;
        this.checkpointer = checkpointer;
        this.spareFraction = options.spareFraction();
        this.batchBlocks = Math.min(readBlocks, Math.max(BATCH_BLOCKS_MIN, segments.slots() / BATCH_SHARE));
        this.batch = new Batch(batchBlocks);
        this.bytes = ByteBuffer.allocateDirect((1 + readBlocks) * Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Blocks moved since the store was opened; under the log's lock. */
    long movedBlocks() {
        return movedBlocks;
    }

    @Override
    public synchronized long step(long budget) {
        return step(budget, false);
    }

    /**
     * What a writer of so many blocks does for cleaning when segments are scarce, so that writers slow down one write at a time and do
     * not run into the end of the log, where each would wait for whole segments.
     */
    synchronized void assist(int blocks) {
        unassisted += blocks;
        if (victim == null && unassisted < LOOK_BLOCKS) {
            return;
        }
        unassisted = 0;
        try {
            step((long) blocks * ASSISTED_PER_WRITTEN, true);
        } catch (StorageException e) {
            LOG.log(Level.DEBUG, "a writer could not help cleaning", e); // the thread that cleans meets it too
        }
    }

    /**
     * Cleans one segment to the end, whether or not it is due; false when there is nothing to gain, or no room to do it in before a
     * checkpoint frees what was emptied.
     */
    synchronized boolean cleanOne() {
        long done = step(1, true);
        while (victim != null) {
            done = step(Long.MAX_VALUE, true);
        }
        return done > 0;
    }

    private long step(long budget, boolean isForced) {
        if (victim == null) {
            victim = choose(isForced).orElse(null);
            slot = 1;
        }
        Segment cleaned = victim;
        if (cleaned == null) {
            return 0;
        }
        try {
            return clean(cleaned, budget);
        } catch (StorageException.OutOfSpace full) {
            // Others took the room that there was. What was collected stays where it is.
            batch.clear();
            victim = null;
            checkpointer.want();
            return 0;
        }
    }

    private long clean(Segment cleaned, long budget) {
        long done = 0;
        while (done < budget && slot < segments.slots() && cleaned.live > 0) {
            done += cleanBatch(cleaned);
        }
        if (slot >= segments.slots() || cleaned.live == 0) {
            append();
            if (cleaned.live > 0) {
                damaged.add(cleaned.ordinal);
                LOG.log(Level.ERROR, "{0} has blocks that cannot be moved: verify the store", cleaned);
            }
            victim = null;
            if (segments.isScarce()) {
                checkpointer.want(); // with ample room the next one is soon enough
            }
        }
        return Math.max(1, done);
    }

    private Optional<Segment> choose(boolean isForced) {
        log.lockToLook();
        try {
            long slots = segments.slots();
            long dead = 0;
            long all = 0;
            Segment best = null;
            for (Segment segment : segments.all()) {
                if (segment.state == Segment.State.FREE) {
                    continue;
                }
                all += slots;
                if (segment.state != Segment.State.CLOSED) {
                    continue;
                }
                dead += Math.max(0, slots - segment.live);
                if (!segment.isUnsynced
                        && !damaged.contains(segment.ordinal)
                        && (best == null || segment.live < best.live)) {
                    best = segment;
                }
            }
            if (best == null || slotsFor(best.live) > usableSlots() || !(isForced || isDue(dead, all))) {
                return Optional.empty();
            }
            boolean fits = slotsFor(best.live) <= room();
            if (!fits && !segments.empty().isEmpty()) {
                checkpointer.want();
            }
            return fits ? Optional.of(best) : Optional.empty();
        } finally {
            log.unlock();
        }
    }

    /** Slots that so many moved blocks take at most: no two of them neighbours, so that each needs an entry of its own. */
    private int slotsFor(int blocks) {
        int perBatch = Math.min(batchBlocks, Batch.LONE_MOVES);
        return blocks + Math.ceilDiv(blocks, perBatch);
    }

    /** Slots of a segment that moved blocks fill for sure: the last batch that does not fit leaves some. */
    private int usableSlots() {
        return segments.slots() - 1 - batchBlocks;
    }

    /** Slots that can be filled before anything is freed. */
    private long room() {
        Segment open = log.openSegment();
        long left = open == null ? 0 : Math.max(0, segments.slots() - open.appendSlot - batchBlocks);
        return left + segments.available() * usableSlots();
    }

    /**
     * Cleaning is paid for by moving what is live, the less the longer it waits: with ample room the dead may be half of the log, with none
     * the share that the options give.
     */
    private boolean isDue(long dead, long all) {
        if (segments.isScarce()) {
            return true;
        }
        long room = segments.available();
        double ampleness = Math.min(1, (double) room * segments.slots() / Math.max(1, all));
        double share = spareFraction + ampleness * Math.max(0, AMPLE_DEAD - spareFraction);
        return dead > share * all;
    }

    /** Collects what is referred to of the batch at {@link #slot}; returns the slots it has. What is collected moves in full batches. */
    private int cleanBatch(Segment cleaned) {
        // The file stays open as long as a reader may be inside.
        long token = readers.enter();
        try {
            return cleanBatchInside(cleaned);
        } finally {
            readers.leave(token);
        }
    }

    private int cleanBatchInside(Segment cleaned) {
        segments.read(cleaned, slot, bytes.clear().limit(Block.BYTES));
        if (!LogFormat.isBatch(bytes, log.superblock().salt(), cleaned.ordinal, slot)) {
            slot++;
            return 1;
        }
        int payload = bytes.getInt(LogFormat.PAYLOAD_SLOTS);
        segments.read(cleaned, slot, bytes.clear().limit((1 + payload) * Block.BYTES));
        entries.over(bytes, 0);
        while (entries.next()) {
            if (Kind.hasPayload(entries.kind())) {
                collect(cleaned);
            }
        }
        slot += 1 + payload;
        return 1 + payload;
    }

    private void collect(Segment cleaned) {
        int familyId = familyOf();
        boolean[] referred = referred(cleaned, familyId);
        int i = 0;
        while (i < referred.length) {
            if (!referred[i]) {
                i++;
                continue;
            }
            int run = i;
            while (run < referred.length && referred[run]) {
                run++;
            }
            move(cleaned, familyId, i, run - i);
            i = run;
        }
    }

    private int familyOf() {
        if (entries.kind() == Kind.MOVE) {
            return entries.volume();
        }
        log.lockToLook();
        try {
            return state.familyOf(entries.volume());
        } finally {
            log.unlock();
        }
    }

    private boolean[] referred(Segment cleaned, int familyId) {
        int blocks = (int) entries.blocks();
        boolean[] referred = new boolean[blocks];
        log.lockToLook();
        try {
            List<VolumeState> family = state.family(familyId);
            if (!family.isEmpty()) {
                for (int i = 0; i < blocks; i++) {
                    long location = MapEntry.location(cleaned.number(), slot + 1 + entries.payload() + i);
                    referred[i] = applier.isReferred(family, entries.lba() + i, location);
                }
            }
        } finally {
            log.unlock();
        }
        return referred;
    }

    private void move(Segment cleaned, int familyId, int first, int count) {
        int at = first;
        int left = count;
        while (left > 0) {
            int room = batch.room(Kind.MOVE);
            if (room <= 0) {
                append();
                continue;
            }
            int part = sound(at, Math.min(left, room));
            if (part == 0) {
                at++; // damaged: it stays, and the segment with it
                left--;
                continue;
            }
            int source = slot + 1 + entries.payload() + at;
            batch.open(Kind.MOVE, familyId, entries.lba() + at, part, MapEntry.location(cleaned.number(), source));
            for (int i = 0; i < part; i++) {
                batch.payload(1).put(bytes.slice((1 + entries.payload() + at + i) * Block.BYTES, Block.BYTES));
                batch.closeBlock(entries.crc(at + i));
            }
            at += part;
            left -= part;
        }
    }

    /** How many blocks from {@code at} on have the CRC they were written with. */
    private int sound(int at, int most) {
        int count = 0;
        while (count < most
                && Crc32c.of(bytes, (1 + entries.payload() + at + count) * Block.BYTES, Block.BYTES)
                        == entries.crc(at + count)) {
            count++;
        }
        return count;
    }

    private void append() {
        if (batch.isEmpty()) {
            return;
        }
        log.lock();
        try {
            log.append(batch, 0);
            movedBlocks += batch.payloadBlocks();
        } finally {
            log.unlock();
        }
        batch.clear();
    }
}
