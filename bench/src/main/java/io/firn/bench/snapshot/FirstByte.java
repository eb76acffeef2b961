package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.io.Clock;
import io.firn.snapshot.SnapshotId;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How long from the call that restores a snapshot until the first 4 KiB of the volume were read, at a random place? The stores are opened
 * anew for each round, so that its first restore finds nothing in memory; the volumes that came before are being filled meanwhile.
 */
final class FirstByte implements Question {
    private static final String NAME = "first-byte";
    private static final int RESTORES = 40;
    private static final long VOLUME_BYTES = 1L << 30;

    private final Scratch scratch;
    private final Clock clock;
    private final Content content = new Content(4);
    private SnapshotId snapshot = new SnapshotId("snap-00000000000000000");

    FirstByte(Scratch scratch) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        scratch.clear(NAME);
    }

    @Override
    public void prepare(Figures figures) {
        try (Rig rig = new Rig(scratch, NAME)) {
            Volume volume = rig.create("source", VOLUME_BYTES);
            rig.write(volume, content, 0, VOLUME_BYTES);
            snapshot = rig.whole(volume).id();
        }
        measure(new Figures());
    }

    @Override
    public void measure(Figures figures) {
        Histogram took = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        ByteBuffer block = ByteBuffer.allocateDirect(Content.BLOCK_BYTES);
        int blocks = (int) (VOLUME_BYTES / Content.BLOCK_BYTES);
        try (Rig rig = new Rig(scratch, NAME)) {
            for (int i = 0; i < RESTORES; i++) {
                long at = (long) content.random().nextInt(blocks) * Content.BLOCK_BYTES;
                VolumeSpec spec = VolumeSpec.of("restored-" + i, VOLUME_BYTES);
                long startNanos = clock.nanoTime();
                Volume volume = rig.snapshots().restore(snapshot, spec, 0).orElseThrow();
                volume.read(at, block.clear());
                long tookNanos = clock.nanoTime() - startNanos;
                took.recordValue(tookNanos);
                if (i == 0) {
                    figures.add("first byte of a restored volume, after opening the store (ms)", tookNanos / 1e6);
                }
                rig.volumes().delete(volume);
            }
        }
        String p99 = "first byte of a restored volume, p99 (ms)";
        figures.add("first byte of a restored volume, p50 (ms)", took.getValueAtPercentile(50) / 1e6);
        figures.add(p99, took.getValueAtPercentile(99) / 1e6);
        figures.atMost(p99, 20);
    }

    @Override
    public void close() {
        scratch.clear(NAME);
    }
}
