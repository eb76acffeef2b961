package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Crc32c;
import io.firn.io.Task;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log again and again, in the order of its segments, and checks every batch: its header, and each payload block against the
 * whole CRC that it was written with. The segment that is being written, and what no sync has covered, is passed over until the next
 * pass.
 *
 * <p>A damaged block that a volume or a view refers to makes the volume impaired, as lost history does: nobody has to read the block to
 * know. (The mark is not in the log: a crash before the next checkpoint forgets it, and the next pass finds it again.) A damaged block
 * that nothing refers to is no damage. Behind a damaged header blocks can still be read, but neither moved nor, before a checkpoint,
 * replayed: it is reported with the segment and no volume.
 *
 * <p>As a {@link Task}, a unit of budget is a slot of 4 KiB; 0 is returned once at the end of a pass. Takes the log's lock to choose a
 * segment and to look after what is damaged, not to read. One thread at a time.
 */
final class Scrub implements Task {
    private static final Logger LOG = System.getLogger(Scrub.class.getName());
    private static final int PIECE_BLOCKS = 64;
    private static final int PROBLEMS_MAX = 1_000;

    private final Engine engine;
    private final ByteBuffer header = direct(1);
    private final ByteBuffer piece = direct(PIECE_BLOCKS);
    private final EntryCursor entries = new EntryCursor();

    private @Nullable Target target;
    private int nextSegment;
    private boolean isPassRunning;

    /** Found in this pass, and in the last whole one. */
    private List<String> found = new ArrayList<>();

    // Guarded by this.
    private List<String> lastProblems = List.of();
    private long passes;
    private long blocks;
    private long damages;

    /** A life of a segment, as far as it is to be read. */
    private static final class Target {
        private final Segment segment;
        private final long ordinal;
        private final int end;
        private int slot = 1;

        Target(Segment segment, long ordinal, int end) {
            this.segment = segment;
            this.ordinal = ordinal;
            this.end = end;
        }
    }

    Scrub(Engine engine) {
        this.engine = engine;
    }

    private static ByteBuffer direct(int blocks) {
        return ByteBuffer.allocateDirect(blocks * Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What it has found so far. */
    synchronized ScrubStat stat() {
        return new ScrubStat(passes, blocks << Block.SHIFT, damages, lastProblems);
    }

    @Override
    public long step(long budget) {
        if (!isPassRunning) {
            isPassRunning = true;
            nextSegment = 0;
        }
        long done = 0;
        while (done < budget) {
            Target present = target == null ? choose() : target;
            target = present;
            if (present == null) {
                if (done == 0) {
                    endPass();
                }
                return done;
            }
            done += scrubBatch(present);
        }
        return done;
    }

    private synchronized void endPass() {
        isPassRunning = false;
        lastProblems = List.copyOf(found);
        found = new ArrayList<>();
        passes++;
    }

    private @Nullable Target choose() {
        engine.log.lockToLook();
        try {
            List<Segment> all = engine.segments.all();
            while (nextSegment < all.size()) {
                Segment segment = all.get(nextSegment++);
                if (segment.state == Segment.State.CLOSED && !segment.isUnsynced) {
                    return new Target(segment, segment.ordinal, segment.appendSlot);
                }
            }
            return null;
        } finally {
            engine.log.unlock();
        }
    }

    private int scrubBatch(Target at) {
        if (at.slot >= at.end) {
            target = null;
            return 1;
        }
        // As long as a reader is inside, the segment is not used again.
        long token = engine.readers.enter();
        try {
            return scrubBatchInside(at);
        } finally {
            engine.readers.leave(token);
        }
    }

    private int scrubBatchInside(Target at) {
        engine.segments.read(at.segment, at.slot, header.clear());
        int slot = at.slot;
        if (!LogFormat.isBatch(header, engine.log.superblock().salt(), at.ordinal, slot)) {
            // What follows is no batch either until the next header: one report for all of it.
            if (isStillNeeded(at)) {
                report(Segments.name(at.segment.number()) + ": the batch header at offset " + (long) slot * Block.BYTES
                        + " is damaged; the blocks behind it can be read and not moved");
                at.slot = nextHeader(at);
            } else {
                target = null;
            }
            return Math.max(1, at.slot - slot);
        }
        int payload = header.getInt(LogFormat.PAYLOAD_SLOTS);
        entries.over(header, 0);
        while (entries.next()) {
            if (Kind.hasPayload(entries.kind())) {
                scrubEntry(at, slot + 1 + entries.payload());
            }
        }
        at.slot = slot + 1 + payload;
        count(payload);
        return 1 + payload;
    }

    private int nextHeader(Target at) {
        int slot = at.slot + 1;
        while (slot < at.end) {
            engine.segments.read(at.segment, slot, header.clear());
            if (LogFormat.isBatch(header, engine.log.superblock().salt(), at.ordinal, slot)) {
                return slot;
            }
            slot++;
        }
        return slot;
    }

    private void scrubEntry(Target at, int firstSlot) {
        int all = (int) entries.blocks();
        for (int done = 0; done < all; done += PIECE_BLOCKS) {
            int part = Math.min(PIECE_BLOCKS, all - done);
            engine.segments.read(at.segment, firstSlot + done, piece.clear().limit(part * Block.BYTES));
            for (int i = 0; i < part; i++) {
                if (Crc32c.of(piece, i * Block.BYTES, Block.BYTES) != entries.crc(done + i)) {
                    damaged(at, firstSlot + done + i, entries.lba() + done + i);
                }
            }
        }
    }

    /** Reports a block when anything refers to it, with every volume that does. */
    private void damaged(Target at, int slot, long lba) {
        long location = MapEntry.location(at.segment.number(), slot);
        engine.log.lockToLook();
        try {
            if (at.segment.ordinal != at.ordinal) {
                return;
            }
            int family = entries.kind() == Kind.MOVE ? entries.volume() : engine.state.familyOf(entries.volume());
            for (VolumeState volume : engine.state.family(family)) {
                if (engine.applier.isReferred(List.of(volume), lba, location)) {
                    volume.isImpaired = true;
                    report("volume " + volume.name + ": block " + lba + " is damaged in "
                            + Segments.name(at.segment.number()) + " at offset " + (long) slot * Block.BYTES);
                }
            }
        } finally {
            engine.log.unlock();
        }
    }

    private boolean isStillNeeded(Target at) {
        engine.log.lockToLook();
        try {
            return at.segment.ordinal == at.ordinal && at.segment.live > 0 && !at.segment.isPoisoned;
        } finally {
            engine.log.unlock();
        }
    }

    private synchronized void count(int payload) {
        blocks += payload;
    }

    private synchronized void report(String problem) {
        LOG.log(Level.ERROR, "{0}", problem);
        damages++;
        if (found.size() < PROBLEMS_MAX) {
            found.add(problem);
        }
    }
}
