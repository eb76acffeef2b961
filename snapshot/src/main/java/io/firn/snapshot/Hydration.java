package io.firn.snapshot;

import io.firn.blockstore.BlockSet;
import io.firn.blockstore.Volume;
import io.firn.io.Clock;
import io.firn.io.StorageException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Brings everything that a restored volume needs of its snapshot into the volume: what was asked for first, then what was asked for in
 * earlier restores of the lineage, in that order, then the rest as it lies. What the volume or a view of it has by now is left alone. After a
 * restart it looks at everything again and brings in what is missing. A failure loses nothing: the chunk is tried again. A chunk that is
 * damaged is left out, and then the volume stays based on the snapshot: it must not read as zeros.
 *
 * <p><b>Threads.</b> One at a time, each holding this object's monitor; {@link #isDamaged} any.
 */
final class Hydration {
    private static final Logger LOG = System.getLogger(Hydration.class.getName());
    private static final int BLOCK_BYTES = 4096;
    private static final int PAGE_CHUNKS = 1 << 12;
    /** What looking at a chunk that is there already costs, in bytes of budget. */
    private static final long LOOK = 256;

    private final Volume volume;
    private final SnapshotSource source;
    private final Clock clock;
    private Pace pace;
    private final Deque<Integer> recorded;
    private final Set<Integer> done = new HashSet<>();

    /** What a step began to bring in and has not. */
    private OptionalInt underWay = OptionalInt.empty();

    private volatile boolean isDamaged;
    private int touches;
    private int recordedTouches;
    private OptionalInt nextPage = OptionalInt.of(0);
    private final Deque<ChunkRun> runs = new ArrayDeque<>();
    private int withinRun;
    private long hydratedBytes;

    Hydration(Volume volume, SnapshotSource source, Clock clock, long bytesPerSecond) {
        this.volume = volume;
        this.source = source;
        this.clock = clock;
        this.pace = new Pace(clock, bytesPerSecond);
        this.recorded = new ArrayDeque<>(source.recorded());
    }

    Volume volume() {
        return volume;
    }

    /** From now on as fast as it goes. */
    synchronized void lift() {
        pace = new Pace(clock, 0);
    }

    /** Brings in about so many bytes; returns the budget used: 0 when it has to wait for its rate, or for nothing any more. */
    long step(long budgetBytes) {
        long allowed = pace.allowed(budgetBytes);
        long used = 0;
        long before = hydratedBytes;
        while (used < allowed) {
            if (underWay.isEmpty()) {
                underWay = next();
            }
            if (underWay.isEmpty()) {
                break;
            }
            used += bringIn(underWay.getAsInt());
            underWay = OptionalInt.empty();
        }
        pace.passed(hydratedBytes - before);
        keepOrder();
        return used;
    }

    private long bringIn(int chunk) {
        try {
            return hydrate(chunk);
        } catch (StorageException.Corrupt damaged) {
            LOG.log(Level.ERROR, "volume {0} stays based on its snapshot: {1}", volume.name(), damaged.getMessage());
            isDamaged = true;
            return LOOK;
        }
    }

    /** Whether everything is in. */
    boolean isDone() {
        return nextPage.isEmpty() && runs.isEmpty() && recorded.isEmpty() && underWay.isEmpty() && !isDamaged;
    }

    /** Whether something was found damaged, so that it is never done until it is begun again. */
    boolean isDamaged() {
        return isDamaged;
    }

    private OptionalInt next() {
        for (OptionalInt asked = source.touched(touches); asked.isPresent(); asked = source.touched(touches)) {
            touches++;
            if (done.add(asked.getAsInt())) {
                return asked;
            }
        }
        Integer early = recorded.poll();
        if (early != null) {
            done.add(early);
            return OptionalInt.of(early);
        }
        while (runs.isEmpty() && nextPage.isPresent()) {
            ChunkPage page = source.writtenChunks(nextPage.getAsInt(), PAGE_CHUNKS);
            page.runs().stream().filter(run -> run.state() == ChunkState.DATA).forEach(runs::add);
            nextPage = page.next();
        }
        ChunkRun run = runs.peek();
        if (run == null) {
            return OptionalInt.empty();
        }
        int chunk = run.first() + withinRun++;
        if (withinRun == run.count()) {
            runs.remove();
            withinRun = 0;
        }
        return OptionalInt.of(chunk);
    }

    /** Brings in what is missing of a chunk. */
    private long hydrate(int chunk) {
        long offset = (long) chunk * Chunk.BYTES;
        if (offset >= source.sizeBytes()) {
            return LOOK;
        }
        BlockSet missing = volume.missing(offset, Chunk.BYTES);
        if (missing.isEmpty()) {
            return LOOK;
        }
        ByteBuffer bytes = source.load(chunk);
        BlockSet.Runs pieces = missing.runs(0);
        while (pieces.hasNext()) {
            BlockSet.Run piece = pieces.next();
            hydrate(bytes, (int) (piece.lba() * BLOCK_BYTES - offset), (int) piece.count(), offset);
        }
        return Chunk.BYTES;
    }

    /** Brings in the blocks of a piece that are not zeros: those are what a block that is not there reads as. */
    private void hydrate(ByteBuffer bytes, int from, int blocks, long offset) {
        int start = -1;
        for (int i = 0; i <= blocks; i++) {
            boolean isData = i < blocks && !isZero(bytes, from + i * BLOCK_BYTES);
            if (isData && start < 0) {
                start = i;
            } else if (!isData && start >= 0) {
                int at = from + start * BLOCK_BYTES;
                int length = (i - start) * BLOCK_BYTES;
                volume.hydrate(offset + at, bytes.slice(at, length));
                hydratedBytes += length;
                start = -1;
            }
        }
    }

    private static boolean isZero(ByteBuffer bytes, int at) {
        for (int i = 0; i < BLOCK_BYTES; i += Long.BYTES) {
            if (bytes.getLong(at + i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Keeps the order of first touches when there is twice as much of it as was kept. */
    private void keepOrder() {
        if (touches >= 16 && touches >= 2 * recordedTouches) {
            source.record();
            recordedTouches = touches;
        }
    }

    /** Ends it: the volume needs nothing of the snapshot any more. */
    void finish() {
        source.record();
        volume.detachSource();
    }
}
