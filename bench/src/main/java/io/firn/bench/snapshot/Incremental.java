package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.SnapshotFigures;
import io.firn.snapshot.SnapshotInfo;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Locale;

/**
 * How much does the incremental of a thin volume upload of which 1 % of all 4 KiB blocks were written at random, beside the 64 KiB chunks
 * those lie in? Bytes before compression, as the store counts them; the volume has as much written under it as was asked for, in runs of
 * 1 MiB all over it.
 */
final class Incremental implements Question {
    private static final String NAME = "incremental";
    private static final long RUN_BYTES = 1 << 20;

    private final Scratch scratch;
    private final Rig rig;
    private final long sizeBytes;
    private final long writtenBytes;
    private final Content content = new Content(1);
    private final Volume volume;

    Incremental(Scratch scratch, long sizeBytes, long writtenBytes) {
        this.scratch = scratch;
        this.sizeBytes = sizeBytes;
        this.writtenBytes = writtenBytes;
        scratch.clear(NAME);
        rig = new Rig(scratch, NAME);
        volume = rig.create("thin", sizeBytes);
    }

    @Override
    public void prepare(Figures figures) {
        long runs = Math.max(1, writtenBytes / RUN_BYTES);
        long step = sizeBytes / runs / RUN_BYTES * RUN_BYTES;
        for (long run = 0; run < runs; run++) {
            rig.write(volume, content, run * step, RUN_BYTES);
        }
        rig.whole(volume);
    }

    @Override
    public void measure(Figures figures) {
        long blocks = sizeBytes / Content.BLOCK_BYTES;
        BitSet dirtyBlocks = new BitSet(Math.toIntExact(blocks));
        BitSet dirtyChunks = new BitSet(Chunk.count(sizeBytes));
        ByteBuffer block = ByteBuffer.allocateDirect(Content.BLOCK_BYTES);
        while (dirtyBlocks.cardinality() < blocks / 100) {
            for (int i = 0; i < blocks / 1000; i++) {
                int at = content.random().nextInt((int) blocks);
                volume.write((long) at * Content.BLOCK_BYTES, content.fill(block));
                dirtyBlocks.set(at);
                dirtyChunks.set((int) ((long) at * Content.BLOCK_BYTES / Chunk.BYTES));
            }
        }
        SnapshotFigures before = rig.store().figures();
        SnapshotInfo[] made = new SnapshotInfo[1];
        double seconds = rig.seconds(() -> made[0] = rig.whole(volume));
        SnapshotFigures after = rig.store().figures();
        long dirtyBytes = (long) dirtyChunks.cardinality() * Chunk.BYTES;
        String put = "incremental: bytes put over those of dirty chunks (times)";
        figures.add(put, (double) (after.chunkBytes() - before.chunkBytes()) / dirtyBytes);
        figures.atMost(put, 1.1);
        figures.add("incremental: dirty chunks (count)", dirtyChunks.cardinality());
        figures.add(
                "incremental: stored with compression, pages and indexes (MiB)",
                mib(after.packBytes() - before.packBytes()));
        figures.add(
                "incremental: dirty 4 KiB blocks (MiB)", mib((long) dirtyBlocks.cardinality() * Content.BLOCK_BYTES));
        figures.add("incremental: from the call to completed (s)", seconds);
        if (made[0].putChunks() != dirtyChunks.cardinality()) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT, "%d chunks put, %d dirty", made[0].putChunks(), dirtyChunks.cardinality()));
        }
    }

    private static double mib(long bytes) {
        return bytes / (double) (1 << 20);
    }

    @Override
    public void close() {
        rig.close();
        scratch.clear(NAME);
    }
}
