package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import io.firn.io.ReaderEpochs;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives space back: drops blobs that nothing refers to, seals extents that are full, and deletes extents whose frames are all dead.
 *
 * <p>Two rules keep readers and copies safe. What is to go is noted first and goes only when every reader that was inside by then has
 * left ({@link ReaderEpochs}). And whether it is still unreferenced is asked again then: a copy that was inside may have referred to it.
 */
final class Reclaimer implements Task {
    private static final int BLOBS_PER_STEP = 256;
    private static final int FRAMES_PER_STEP = 1 << 16;

    private final Engine engine;
    private final Blobs blobs;
    private final Evacuator evacuator;
    private @Nullable Candidates waiting;
    private long notedRecords = -1;

    private record Candidates(long epoch, List<Long> blobs, Set<Long> extents) {}

    Reclaimer(Engine engine, Blobs blobs, Evacuator evacuator) {
        this.engine = engine;
        this.blobs = blobs;
        this.evacuator = evacuator;
    }

    /** Takes one step of noting or dropping; returns how many blobs and extents it dealt with. */
    @Override
    public synchronized long step(long budget) {
        engine.space().takeSealable().forEach(this::seal);
        Candidates noted = waiting;
        if (noted == null) {
            if (engine.log().records() == notedRecords) {
                return 0;
            }
            noted = note();
            waiting = noted;
        }
        if (noted.blobs().isEmpty() && noted.extents().isEmpty()) {
            waiting = null;
            return evacuator.step(budget);
        }
        if (!engine.epochs().isQuietBefore(noted.epoch())) {
            return 0;
        }
        waiting = null;
        dropBlobs(noted.blobs());
        noted.extents().forEach(this::dropExtent);
        return (long) noted.blobs().size() + noted.extents().size();
    }

    private void seal(long extentId) {
        engine.zones().onEach(zone -> {
            if (zone.extents().contains(extentId)) {
                zone.extents().seal(extentId);
            }
        });
    }

    private Candidates note() {
        notedRecords = engine.log().records();
        List<Long> garbage = new ArrayList<>();
        byte[] all = IndexKeys.of(IndexKeys.GARBAGE);
        try (OrderedIndex.Cursor cursor = engine.index().cursor(all)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), all); cursor.next()) {
                garbage.add(IndexKeys.number(cursor.key()));
                if (garbage.size() == BLOBS_PER_STEP) {
                    break;
                }
            }
        }
        return new Candidates(engine.epochs().advance(), garbage, deadExtents());
    }

    /** Extents that hold no live byte and take no more. */
    Set<Long> deadExtents() {
        Set<Long> dead = new HashSet<>();
        for (Zone zone : engine.zones().healthy()) {
            for (long extentId : zone.extents().extents()) {
                if (isDead(extentId)) {
                    dead.add(extentId);
                }
            }
        }
        return dead;
    }

    private boolean isDead(long extentId) {
        // In this order: an extent in use becomes live before it is no longer in use.
        if (engine.space().isInUse(extentId)) {
            return false;
        }
        byte[] live = engine.index().get(IndexKeys.of(IndexKeys.EXTENT, extentId));
        return live == null || IndexBatch.counter(live) == 0;
    }

    /** Deletes the extents that a crash left without a live byte; no reader is there yet. The rest is for {@link #step}. */
    void dropOrphans() {
        deadExtents().forEach(this::dropExtent);
    }

    private void dropBlobs(List<Long> candidates) {
        Mutation mutation = new Mutation();
        int frames = 0;
        for (long blobId : candidates) {
            boolean isStillGarbage = engine.index().get(IndexKeys.of(IndexKeys.GARBAGE, blobId)) != null;
            if (!isStillGarbage) {
                continue;
            }
            frames += drop(mutation.batch(), blobId);
            if (frames >= FRAMES_PER_STEP) {
                break;
            }
        }
        if (!mutation.batch().isEmpty()) {
            engine.log().commit(mutation);
        }
    }

    private int drop(IndexBatch batch, long blobId) {
        batch.delete(IndexKeys.of(IndexKeys.GARBAGE, blobId));
        batch.delete(IndexKeys.of(IndexKeys.BLOB, blobId));
        return switch (blobs.get(blobId)) {
            case Blob.Frames(long ignored, List<ExtentRef> frames) -> {
                frames.forEach(frame -> Blobs.addLive(batch, frame, -1));
                yield frames.size();
            }
            case Blob.Segments(long ignored, int depth, List<Blob.Segment> segments) -> {
                batch.delete(IndexKeys.of(IndexKeys.PARTS, blobId));
                segments.forEach(segment -> Blobs.refer(batch, segment.blobId(), -1));
                yield segments.size();
            }
        };
    }

    private void dropExtent(long extentId) {
        if (!isDead(extentId)) {
            return;
        }
        Mutation mutation = new Mutation();
        mutation.batch().delete(IndexKeys.of(IndexKeys.EXTENT, extentId));
        engine.log().commit(mutation);
        for (Zone zone : engine.zones().healthy()) {
            try {
                zone.extents().delete(extentId);
            } catch (StorageException broken) {
                zone.fail(broken);
            }
        }
    }
}
