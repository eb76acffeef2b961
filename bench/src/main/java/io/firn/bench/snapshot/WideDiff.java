package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.ChunkPage;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * How long does the difference of two snapshots of 16 TiB take of which 1,000 chunks differ, each in another 64 MiB? All 262,144 leaf pages
 * are there, with one chunk each, but for the thousand that are looked into: those hold all their 1,024. Once with nothing in memory, as
 * after a start, and then again.
 */
final class WideDiff implements Question {
    private static final String NAME = "diff";
    private static final long SIZE_BYTES = 16L << 40;
    private static final int LEAF_CHUNKS = 1024;
    private static final int CHANGED = 1000;

    private final Scratch scratch;
    private final Clock clock;
    private final RandomGenerator random = Randomness.seeded(5);
    private SnapshotId first = new SnapshotId("snap-00000000000000000");
    private SnapshotId second = first;

    WideDiff(Scratch scratch) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        scratch.clear(NAME);
    }

    private ObjectStore objects() {
        return scratch.store(NAME, ObjectStoreOptions.DEFAULT);
    }

    private SnapshotStore store(ObjectStore objects) {
        return SnapshotStore.open(objects, clock, Randomness.secure(), SnapshotStoreOptions.DEFAULT);
    }

    @Override
    public void prepare(Figures figures) {
        int leaves = Chunk.count(SIZE_BYTES) / LEAF_CHUNKS;
        TreeSet<Integer> changed = new TreeSet<>();
        while (changed.size() < CHANGED) {
            changed.add(random.nextInt(leaves));
        }
        try (ObjectStore objects = objects();
                SnapshotStore store = store(objects)) {
            long startNanos = clock.nanoTime();
            SnapshotDraft base = store.begin(SnapshotSpec.of(SIZE_BYTES)).orElseThrow();
            for (int leaf = 0; leaf < leaves; leaf++) {
                int chunks = changed.contains(leaf) ? LEAF_CHUNKS : 1;
                for (int slot = 0; slot < chunks; slot++) {
                    base.put(leaf * LEAF_CHUNKS + slot, chunk(leaf * LEAF_CHUNKS + slot));
                }
            }
            first = base.complete().orElseThrow().id();
            figures.add("diff: making the first of 16 TiB (s)", (clock.nanoTime() - startNanos) / 1e9);
            SnapshotDraft next =
                    store.begin(SnapshotSpec.of(SIZE_BYTES).withParent(first)).orElseThrow();
            for (int leaf : changed) {
                int index = leaf * LEAF_CHUNKS + random.nextInt(LEAF_CHUNKS);
                next.put(index, chunk(~index));
            }
            second = next.complete().orElseThrow().id();
        }
        measure(new Figures());
    }

    /** One word over and over: it is pages that are measured. */
    private static ByteBuffer chunk(int word) {
        ByteBuffer chunk = ByteBuffer.allocate(Chunk.BYTES);
        while (chunk.hasRemaining()) {
            chunk.putInt(word | 1);
        }
        return chunk.flip();
    }

    @Override
    public void measure(Figures figures) {
        try (ObjectStore objects = objects();
                SnapshotStore store = store(objects)) {
            Snapshot one = store.snapshot(first).orElseThrow();
            Snapshot other = store.snapshot(second).orElseThrow();
            String cold = "diff of two of 16 TiB, 1,000 chunks changed, the first after opening (ms)";
            figures.add(cold, millis(one, other));
            figures.atMost(cold, 50);
            figures.add(
                    "diff: pages read for it (count)", (double) store.figures().pageReads());
            figures.add("diff of two of 16 TiB, 1,000 chunks changed, again (ms)", millis(one, other));
        }
    }

    private double millis(Snapshot one, Snapshot other) {
        long startNanos = clock.nanoTime();
        long found = 0;
        OptionalInt next = OptionalInt.of(0);
        while (next.isPresent()) {
            ChunkPage page = other.changedChunks(one, next.getAsInt(), 10_000);
            found += page.chunks();
            next = page.next();
        }
        double millis = (clock.nanoTime() - startNanos) / 1e6;
        if (found != CHANGED) {
            throw new IllegalStateException(found + " chunks were found to differ");
        }
        return millis;
    }

    @Override
    public void close() {
        scratch.clear(NAME);
    }
}
