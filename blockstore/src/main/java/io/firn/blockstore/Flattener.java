package io.firn.blockstore;

import io.firn.io.Task;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Makes clones independent: gives each, piece by piece, map entries of its own for what it still shows of the view it was made from. No
 * data is copied. What was done before a restart is done again, which changes nothing.
 *
 * <p>As a {@link Task}, a unit of budget is a block. One thread at a time.
 */
final class Flattener implements Task {
    private static final long PIECE_BLOCKS = 1 << 14;

    private final Engine engine;
    private final Batch batch;
    private final Map<Integer, Long> progress = new HashMap<>();

    Flattener(Engine engine) {
        this.engine = engine;
        this.batch = Batch.ofHeader();
    }

    @Override
    public synchronized long step(long budget) {
        long done = 0;
        while (done < budget) {
            Optional<VolumeState> clone = nextClone();
            if (clone.isEmpty()) {
                progress.clear();
                return done;
            }
            done += flatten(clone.get());
        }
        return done;
    }

    private Optional<VolumeState> nextClone() {
        engine.log.lockToLook();
        try {
            return engine.state.volumes.values().stream()
                    .filter(volume -> !volume.isDeleted && volume.base instanceof VolumeBase.View)
                    .filter(volume -> engine.source(volume) == null)
                    .findFirst();
        } finally {
            engine.log.unlock();
        }
    }

    private long flatten(VolumeState clone) {
        long from = progress.getOrDefault(clone.id(), 0L);
        long left = clone.blocks() - from;
        batch.clear();
        if (left <= 0) {
            batch.add(LogFormat.Kind.DETACH, clone.id(), 0, 0);
            progress.remove(clone.id());
        } else {
            batch.add(LogFormat.Kind.FLATTEN, clone.id(), from, Math.min(left, PIECE_BLOCKS));
            progress.put(clone.id(), from + PIECE_BLOCKS);
        }
        engine.append(batch);
        return PIECE_BLOCKS;
    }
}
