package io.firn.bench.snapshot;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.SnapshotInfo;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * How fast does a whole volume go into a snapshot, and out of it into a volume, both durable, beside LZ4 of the same content on one core and
 * beside writing to the same disk with a sync at the end?
 */
final class Throughput implements Question {
    private static final String NAME = "throughput";
    private static final int WRITE_BYTES = 1 << 20;
    private static final double SHARE = 0.7;

    private final Scratch scratch;
    private final Clock clock;
    private final long bytes;
    private final Rig rig;
    private final Content content = new Content(3);
    private int round;

    Throughput(Scratch scratch, long bytes) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.bytes = bytes;
        scratch.clear(NAME);
        rig = new Rig(scratch, NAME);
    }

    @Override
    public void prepare(Figures figures) {
        // For the compiler: the first round does not count.
        measure(new Figures());
    }

    @Override
    public void measure(Figures figures) {
        Codec codec = new Codec();
        double compress = codec.compressRate();
        double expand = codec.expandRate();
        double disk = diskRate();
        Volume source = rig.create("source-" + round, bytes);
        rig.write(source, content, 0, bytes);
        rig.volumes().checkpoint();
        SnapshotInfo[] made = new SnapshotInfo[1];
        double upload = rate(rig.seconds(() -> made[0] = rig.whole(source)));
        Volume[] restored = new Volume[1];
        double restore = rate(rig.seconds(() -> {
            restored[0] = rig.snapshots()
                    .restore(made[0].id(), VolumeSpec.of("restored-" + round, bytes), 0)
                    .orElseThrow();
            rig.snapshots().awaitFilled(restored[0]);
            restored[0].flush();
        }));
        figures.add("LZ4 on one core, compressing (MiB/s)", compress);
        figures.add("LZ4 on one core, expanding (MiB/s)", expand);
        figures.add("disk, 1 MiB writes and a sync at the end (MiB/s)", disk);
        figures.add("stored for a byte (times)", (double) made[0].storedBytes() / bytes);
        figures.add("upload, call to completed (MiB/s)", upload);
        figures.add("restore, call to everything in and synced (MiB/s)", restore);
        String uploadShare = "upload over the slower of LZ4 and the disk (times)";
        figures.add(uploadShare, upload / Math.min(compress, disk));
        figures.atLeast(uploadShare, SHARE);
        String restoreShare = "restore over the slower of LZ4 and the disk (times)";
        figures.add(restoreShare, restore / Math.min(expand, disk));
        figures.atLeast(restoreShare, SHARE);
        rig.volumes().delete(source);
        rig.volumes().delete(restored[0]);
        rig.snapshots().delete(made[0].id()).orElseThrow();
        round++;
    }

    private double rate(double seconds) {
        return bytes / seconds / WRITE_BYTES;
    }

    private double diskRate() {
        Disk disk = scratch.disk();
        ByteBuffer buffer = content.fill(ByteBuffer.allocateDirect(WRITE_BYTES));
        try (DiskFile file = disk.open("written", Disk.OpenMode.CREATE)) {
            return rate(rig.seconds(() -> {
                for (long at = 0; at < bytes; at += WRITE_BYTES) {
                    file.write(buffer.rewind(), at);
                }
                file.sync();
            }));
        } finally {
            disk.delete("written");
        }
    }

    /** LZ4 as the store uses it, over chunks of the same content. */
    private final class Codec {
        private static final int CHUNKS = 64;
        private static final int REPEATS = 32;
        private final byte[][] plain = new byte[CHUNKS][];
        private final byte[][] stored = new byte[CHUNKS][];
        private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
        private final LZ4SafeDecompressor expander =
                LZ4Factory.fastestInstance().safeDecompressor();

        Codec() {
            for (int i = 0; i < CHUNKS; i++) {
                byte[] chunk = new byte[Chunk.BYTES];
                content.fill(ByteBuffer.wrap(chunk));
                plain[i] = chunk;
                stored[i] = compressor.compress(chunk);
            }
        }

        double compressRate() {
            byte[] target = new byte[compressor.maxCompressedLength(Chunk.BYTES)];
            return rate(i -> compressor.compress(plain[i], target));
        }

        double expandRate() {
            byte[] target = new byte[Chunk.BYTES];
            return rate(i -> expander.decompress(stored[i], 0, stored[i].length, target, 0));
        }

        private double rate(IntConsumer work) {
            long startNanos = clock.nanoTime();
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                for (int i = 0; i < CHUNKS; i++) {
                    work.accept(i);
                }
            }
            double seconds = (clock.nanoTime() - startNanos) / 1e9;
            return (double) REPEATS * CHUNKS * Chunk.BYTES / seconds / WRITE_BYTES;
        }
    }

    @Override
    public void close() {
        rig.close();
        scratch.clear(NAME);
    }
}
