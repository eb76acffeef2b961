package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotFigures;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What does deduplication cost a lineage that has nothing in common with those before it, and what does it give one that has everything? Chunk
 * after chunk from one thread into a store with it and one without, whose first lineage is there already; until the snapshot is completed.
 */
final class Deduplicating implements Question {
    private static final String NAME = "deduplication";
    private static final double MIB = 1 << 20;

    private final Scratch scratch;
    private final Clock clock;
    private final int chunks;
    private final List<Kept> kept = new ArrayList<>();
    private long seed = 100;

    private record Kept(String name, ObjectStore objects, SnapshotStore store) {}

    Deduplicating(Scratch scratch, long bytes) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.chunks = Chunk.count(bytes);
        scratch.clear(NAME);
        open("off", SnapshotStoreOptions.DEFAULT);
        open("on", SnapshotStoreOptions.DEFAULT.withDeduplication());
    }

    private void open(String name, SnapshotStoreOptions options) {
        ObjectStore objects = scratch.store(NAME + "/" + name, ObjectStoreOptions.DEFAULT);
        kept.add(new Kept(name, objects, SnapshotStore.open(objects, clock, Randomness.secure(), options)));
    }

    @Override
    public void prepare(Figures figures) {
        for (Kept each : kept) {
            lineage(each, 1, new Figures(), "first");
            // For the compiler: what comes after does not count.
            forget(each, lineage(each, 2, new Figures(), "other"));
            forget(each, lineage(each, 1, new Figures(), "equal"));
        }
    }

    @Override
    public void measure(Figures figures) {
        seed++;
        for (Kept each : kept) {
            forget(each, lineage(each, seed, figures, "nothing in common"));
            forget(each, lineage(each, 1, figures, "all in common"));
        }
    }

    private SnapshotId lineage(Kept in, long content, Figures figures, String what) {
        SnapshotFigures before = in.store().figures();
        Content bytes = new Content(content);
        ByteBuffer chunk = ByteBuffer.allocate(Chunk.BYTES);
        long startNanos = clock.nanoTime();
        SnapshotDraft draft =
                in.store().begin(SnapshotSpec.of((long) chunks * Chunk.BYTES)).orElseThrow();
        for (int index = 0; index < chunks; index++) {
            draft.put(index, bytes.fill(chunk));
        }
        draft.complete().orElseThrow();
        double seconds = (clock.nanoTime() - startNanos) / 1e9;
        SnapshotFigures after = in.store().figures();
        String name = "deduplication " + in.name() + ", " + what;
        figures.add(name + " (MiB/s)", chunks * (double) Chunk.BYTES / MIB / seconds);
        figures.add(name + ": written to packs (MiB)", (after.packBytes() - before.packBytes()) / MIB);
        figures.add(name + ": chunks linked (count)", (double) (after.chunksLinked() - before.chunksLinked()));
        in.store().step();
        return draft.id();
    }

    private static void forget(Kept in, SnapshotId id) {
        in.store().delete(id).orElseThrow();
        in.store().step();
    }

    @Override
    public void close() {
        for (Kept each : kept) {
            each.store().close();
            each.objects().close();
        }
        scratch.clear(NAME);
    }
}
