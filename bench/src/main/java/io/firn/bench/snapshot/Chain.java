package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotFigures;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;

/**
 * Does reading a chunk cost the same in the first snapshot of a chain and in the thousandth, which has its chunks from hundreds of others?
 * And how long does deleting one of a thousand take, and giving back its space?
 */
final class Chain implements Question {
    private static final String NAME = "chain";
    private static final int SNAPSHOTS = 1000;
    private static final long SIZE_BYTES = 1L << 30;
    private static final int CHUNKS = Chunk.count(SIZE_BYTES);
    private static final int CHANGED = 16;
    private static final int DELETES = 20;
    private static final int BATCH = 64;

    private final Scratch scratch;
    private final Clock clock;
    private final int seconds;
    private final RandomGenerator random = Randomness.seeded(6);
    private final Content content = new Content(6);
    private final ByteBuffer buffer = ByteBuffer.allocate(Chunk.BYTES);
    private final ObjectStore objects;
    private final SnapshotStore store;
    private final List<SnapshotId> chain = new ArrayList<>();

    Chain(Scratch scratch, int seconds) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.seconds = seconds;
        scratch.clear(NAME);
        objects = scratch.store(NAME, ObjectStoreOptions.DEFAULT);
        store = SnapshotStore.open(objects, clock, Randomness.secure(), SnapshotStoreOptions.DEFAULT);
    }

    @Override
    public void prepare(Figures figures) {
        long startNanos = clock.nanoTime();
        fill();
        figures.add("chain: making 1,000 snapshots (s)", (clock.nanoTime() - startNanos) / 1e9);
        microsPerRead(chain.getFirst());
        microsPerRead(chain.getLast());
    }

    private void fill() {
        while (chain.size() < SNAPSHOTS) {
            Optional<SnapshotId> parent = chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast());
            SnapshotDraft draft =
                    store.begin(SnapshotSpec.of(SIZE_BYTES).withParent(parent)).orElseThrow();
            for (int i = 0; i < (parent.isEmpty() ? CHUNKS : CHANGED); i++) {
                draft.put(parent.isEmpty() ? i : random.nextInt(CHUNKS), content.fill(buffer));
            }
            chain.add(draft.complete().orElseThrow().id());
            store.step();
        }
    }

    @Override
    public void measure(Figures figures) {
        double first = microsPerRead(chain.getFirst());
        SnapshotFigures before = store.figures();
        Read last = read(chain.getLast());
        SnapshotFigures after = store.figures();
        figures.add("read of a 64 KiB chunk, first of the chain (us)", first);
        figures.add("read of a 64 KiB chunk, 1,000th of the chain (us)", last.micros());
        String ratio = "read of a chunk, 1,000th over first (times)";
        figures.add(ratio, last.micros() / first);
        figures.atMost(ratio, 1.1);
        figures.add(
                "pages looked at for a chunk of the 1,000th (count)",
                (double) (after.pageHits() + after.pageReads() - before.pageHits() - before.pageReads())
                        / last.count());
        delete(figures);
        fill();
    }

    private double microsPerRead(SnapshotId id) {
        return read(id).micros();
    }

    private record Read(long count, double micros) {}

    private Read read(SnapshotId id) {
        Snapshot snapshot = store.snapshot(id).orElseThrow();
        long startNanos = clock.nanoTime();
        long count = 0;
        long nowNanos = startNanos;
        while (nowNanos - startNanos < seconds * 1_000_000_000L) {
            for (int i = 0; i < BATCH; i++) {
                snapshot.readChunk(random.nextInt(CHUNKS), buffer.clear());
            }
            count += BATCH;
            nowNanos = clock.nanoTime();
        }
        return new Read(count, (nowNanos - startNanos) / 1e3 / count);
    }

    private void delete(Figures figures) {
        Histogram calls = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        Histogram reclaims = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        store.step();
        for (int i = 0; i < DELETES; i++) {
            SnapshotId id = chain.remove(1 + random.nextInt(chain.size() - 2));
            long startNanos = clock.nanoTime();
            store.delete(id).orElseThrow();
            long deletedNanos = clock.nanoTime();
            store.step();
            calls.recordValue(deletedNanos - startNanos);
            reclaims.recordValue(clock.nanoTime() - deletedNanos);
        }
        String p99 = "delete of one of 1,000, the call, p99 (ms)";
        figures.add(p99, calls.getValueAtPercentile(99) / 1e6);
        figures.atMost(p99, 100);
        figures.add("delete of one of 1,000, the call, p50 (ms)", calls.getValueAtPercentile(50) / 1e6);
        figures.add("reclaim after one delete, p50 (ms)", reclaims.getValueAtPercentile(50) / 1e6);
        figures.add("reclaim after one delete, p99 (ms)", reclaims.getValueAtPercentile(99) / 1e6);
    }

    @Override
    public void close() {
        store.close();
        objects.close();
        scratch.clear(NAME);
    }
}
