package io.firn.snapshot;

import io.firn.blockstore.Allocation;
import io.firn.blockstore.BlockSet;
import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.roaringbitmap.RoaringBitmap;

/**
 * Puts what one sealed view shows into a draft: first finds the chunks that may differ from the parent's, then reads and puts them, then
 * completes. What was put before a restart is not put again, and what a failure kept from being put is tried again.
 *
 * <p><b>Threads.</b> Safe for some that step it at once: each takes a piece for itself, so that one compresses while another waits for the
 * disk.
 */
final class Upload {
    private static final int BLOCKS_PER_CHUNK = Chunk.BYTES / 4096;
    private static final int LOOKS_PER_STEP = 16;
    private static final int PAGE_CHUNKS = 1 << 14;

    private final SnapshotDraft draft;
    private final Volume volume;
    private final SealedView view;
    private final VolumeMoment moment;
    private final long saveBytes;

    private final RoaringBitmap chunks = new RoaringBitmap();
    private long looked;
    private OptionalInt parentPage = OptionalInt.of(0);
    private boolean isFound;
    private boolean isCompared;

    /** From where on nobody took anything yet. */
    private long next;

    /** Pieces that were taken and could not be put. */
    private final Deque<Piece> again = new ArrayDeque<>();

    private int underWay;
    private boolean isCompleting;
    private long unsavedBytes;

    /** Neighbouring chunks, at most a block of them. */
    private record Piece(int first, int count) {}

    Upload(SnapshotDraft draft, Volume volume, SealedView view, VolumeMoment moment, long saveBytes) {
        this.draft = draft;
        this.volume = volume;
        this.view = view;
        this.moment = moment;
        this.saveBytes = saveBytes;
    }

    SnapshotDraft draft() {
        return draft;
    }

    SealedView view() {
        return view;
    }

    Volume volume() {
        return volume;
    }

    VolumeMoment moment() {
        return moment;
    }

    /** Whether it has not looked at anything yet, so that it may as well be over another parent. */
    synchronized boolean isUntouched() {
        return looked == 0 && parentPage.equals(OptionalInt.of(0)) && !isFound;
    }

    /** Gives what it needs a look; the first answer is the one that counts. */
    interface Changes {
        Optional<BlockSet> since(Volume volume, VolumeMoment moment, VolumeMoment.Base base);
    }

    /**
     * Does about so many bytes' worth of work; returns how many, at least 1, or 0 when there is nothing left to take.
     *
     * @param buffer of a block, for this step
     * @param compressing held while a piece is read and compressed, not while packs are sent
     */
    long step(long budgetBytes, Changes changes, ByteBuffer buffer, ReentrantLock compressing) {
        long done = 0;
        boolean isMore = true;
        while (isMore && done < budgetBytes) {
            draft.makeRoom();
            compressing.lock();
            try {
                Optional<Piece> piece;
                synchronized (this) {
                    if (!isFound) {
                        find(changes);
                        return done + Chunk.BYTES;
                    }
                    piece = take();
                    underWay += piece.isPresent() ? 1 : 0;
                }
                isMore = piece.isPresent();
                done += isMore ? put(piece.get(), buffer) : 0;
            } finally {
                compressing.unlock();
            }
            draft.sendOne();
        }
        if (isSaveDue()) {
            draft.save();
        }
        return done;
    }

    private Optional<Piece> take() {
        if (!again.isEmpty()) {
            return Optional.of(again.remove());
        }
        long first = chunks.nextValue((int) next);
        while (first >= 0 && draft.isPut((int) first)) {
            first = chunks.nextValue((int) first + 1);
        }
        if (first < 0) {
            next = Integer.MAX_VALUE;
            return Optional.empty();
        }
        int count = 1;
        while (count < Chunk.PER_BLOCK && chunks.contains((int) first + count) && !draft.isPut((int) first + count)) {
            count++;
        }
        next = first + count;
        return Optional.of(new Piece((int) first, count));
    }

    private synchronized boolean isSaveDue() {
        if (unsavedBytes < saveBytes) {
            return false;
        }
        unsavedBytes = 0;
        return true;
    }

    /** Whether everything is put; true for one caller at a time, which completes the draft and then calls {@link #endCompletion}. */
    synchronized boolean beginCompletion() {
        boolean isDue = isFound && next == Integer.MAX_VALUE && again.isEmpty() && underWay == 0 && !isCompleting;
        isCompleting |= isDue;
        return isDue;
    }

    /** Of no consequence when it was completed; after a failure the next may try. */
    synchronized void endCompletion() {
        isCompleting = false;
    }

    private void find(Changes changes) {
        if (isUntouched()) {
            Optional<BlockSet> known = moment.base().flatMap(base -> changes.since(volume, moment, base));
            if (known.isPresent()) {
                add(known.get());
                found();
                return;
            }
            // Nobody knows what changed: all that either holds is looked at.
            isCompared = draft.info().spec().parent().isPresent();
        }
        if (isCompared && parentPage.isPresent()) {
            ChunkPage page = draft.parentChunks(parentPage.getAsInt(), PAGE_CHUNKS);
            page.runs().forEach(run -> chunks.add((long) run.first(), run.end()));
            parentPage = page.next();
            return;
        }
        for (int look = 0; look < LOOKS_PER_STEP && looked < view.sizeBytes(); look++) {
            Allocation run = view.allocation(looked, view.sizeBytes() - looked);
            if (run.kind() != Allocation.Kind.HOLE) {
                chunks.add(looked / Chunk.BYTES, (looked + run.lengthBytes() - 1) / Chunk.BYTES + 1);
            }
            looked += run.lengthBytes();
        }
        if (looked >= view.sizeBytes()) {
            found();
        }
    }

    private void add(BlockSet changed) {
        long blocks = (view.sizeBytes() + 4095) / 4096;
        BlockSet.Runs runs = changed.runs(0);
        while (runs.hasNext()) {
            BlockSet.Run run = runs.next();
            long end = Math.min(blocks, run.lba() + run.count());
            if (run.lba() < end) {
                chunks.add(run.lba() / BLOCKS_PER_CHUNK, (end - 1) / BLOCKS_PER_CHUNK + 1);
            }
        }
    }

    private void found() {
        chunks.runOptimize();
        draft.expect(chunks.getLongCardinality());
        isFound = true;
    }

    /** Returns the bytes looked at. */
    private long put(Piece piece, ByteBuffer buffer) {
        boolean isPut = false;
        long bytes = (long) piece.count() * Chunk.BYTES;
        try {
            putOrThrow(piece.first(), piece.count(), buffer);
            isPut = true;
        } finally {
            synchronized (this) {
                underWay--;
                if (isPut) {
                    unsavedBytes += bytes;
                } else {
                    again.add(piece);
                }
            }
        }
        return bytes;
    }

    private void putOrThrow(int first, int count, ByteBuffer buffer) {
        long offset = (long) first * Chunk.BYTES;
        int length = (int) Math.min((long) count * Chunk.BYTES, view.sizeBytes() - offset);
        Allocation held = view.allocation(offset, length);
        if (held.kind() == Allocation.Kind.HOLE && held.lengthBytes() == length) {
            draft.absent(first, count);
        } else {
            boolean mayHaveHoles = held.kind() == Allocation.Kind.HOLE || held.lengthBytes() < length;
            putRead(first, count, offset, length, mayHaveHoles, buffer);
        }
    }

    private void putRead(int first, int count, long offset, int length, boolean mayHaveHoles, ByteBuffer buffer) {
        buffer.clear().limit(length);
        view.read(offset, buffer);
        buffer.limit(count * Chunk.BYTES);
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0); // the last chunk of a volume is filled up
        }
        for (int i = 0; i < count; i++) {
            ByteBuffer bytes = buffer.slice(i * Chunk.BYTES, Chunk.BYTES);
            if (mayHaveHoles && isHole(first + i)) {
                draft.absent(first + i, 1);
            } else if (isCompared) {
                draft.collectIfChanged(first + i, bytes);
            } else {
                draft.collect(first + i, bytes);
            }
        }
    }

    private boolean isHole(int chunk) {
        long offset = (long) chunk * Chunk.BYTES;
        long length = Math.min(Chunk.BYTES, view.sizeBytes() - offset);
        Allocation held = view.allocation(offset, length);
        return held.kind() == Allocation.Kind.HOLE && held.lengthBytes() == length;
    }

    /** Whether somebody released the view, so that the upload can never end. */
    boolean isViewGone() {
        return volume.view(moment.epoch()).isEmpty();
    }
}
