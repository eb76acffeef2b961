package io.firn.bench.library;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Clock;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Do sealed views make the live volume slower to read? Two volumes that were written alike, one with so many views, each of which keeps blocks
 * that were overwritten after it; 4 KiB are read at random places of the one and of the other, in turn.
 */
final class ViewReads {
    private static final String NAME = "views";
    private static final int WRITES_PER_VIEW = 64;
    private static final int WARM_UP_SECONDS = 10;
    private static final int TURNS = 10;

    private final Scratch scratch;
    private final Clock clock;
    private final long volumeBytes;
    private final int views;
    private final int seconds;

    ViewReads(Scratch scratch, long volumeBytes, int views, int seconds) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.volumeBytes = volumeBytes;
        this.views = views;
        this.seconds = seconds;
    }

    void measure(Figures figures, int rounds) {
        scratch.clear(NAME);
        try (VolumeStore store = scratch.volumes(NAME, VolumeStoreOptions.DEFAULT)) {
            Volume plain = store.create(VolumeSpec.of("plain", volumeBytes)).orElseThrow();
            Volume viewed = store.create(VolumeSpec.of("viewed", volumeBytes)).orElseThrow();
            write(plain, viewed);
            RandomBlocks blocks = new RandomBlocks(2, volumeBytes);
            turns(plain, viewed, blocks, WARM_UP_SECONDS);
            String without = "4 KiB random read, no view, one thread (1/s)";
            String with = String.format(Locale.ROOT, "4 KiB random read, %,d views, one thread (1/s)", views);
            for (int round = 0; round < rounds; round++) {
                double[] rates = turns(plain, viewed, blocks, seconds);
                figures.add(without, rates[0]);
                figures.add(with, rates[1]);
                figures.add("read rate with views over without (times)", rates[1] / rates[0]);
            }
        } finally {
            scratch.clear(NAME);
        }
    }

    /** The same writes to both, so that they lie in the log alike. */
    private void write(Volume plain, Volume viewed) {
        RandomBlocks blocks = new RandomBlocks(1, volumeBytes);
        blocks.fill(plain);
        blocks.fill(viewed);
        for (int view = 0; view < views; view++) {
            viewed.seal();
            for (int i = 0; i < WRITES_PER_VIEW; i++) {
                long offset = blocks.offset();
                ByteBuffer content = blocks.content();
                plain.write(offset, content.duplicate());
                viewed.write(offset, content);
            }
        }
    }

    /** Reads both in short turns, so that what else the machine does meets both; the rates of the first and the second. */
    private double[] turns(Volume first, Volume second, RandomBlocks blocks, int runSeconds) {
        double[] rates = new double[2];
        for (int turn = 0; turn < TURNS; turn++) {
            rates[0] += read(first, blocks, runSeconds * 1_000_000_000L / TURNS) / TURNS;
            rates[1] += read(second, blocks, runSeconds * 1_000_000_000L / TURNS) / TURNS;
        }
        return rates;
    }

    private double read(Volume volume, RandomBlocks blocks, long nanos) {
        ByteBuffer target = ByteBuffer.allocateDirect(RandomBlocks.BYTES);
        long startNanos = clock.nanoTime();
        long reads = 0;
        while (clock.nanoTime() - startNanos < nanos) {
            volume.read(blocks.offset(), target.clear());
            reads++;
        }
        return reads * 1e9 / (clock.nanoTime() - startNanos);
    }
}
