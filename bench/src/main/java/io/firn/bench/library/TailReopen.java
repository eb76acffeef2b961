package io.firn.bench.library;

import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.blockstore.WriteBatch;
import io.firn.io.ByteSize;
import io.firn.io.Clock;
import io.firn.io.FileChannelDisk;
import io.firn.io.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long does a store take to open after {@code kill -9}, with so much log behind its last checkpoint? Another process (as {@link #main})
 * writes the tail and is killed; opening counts up to the first block that was read, and nothing that was acknowledged may be missing. What was
 * written still lies in the page cache, as it does after a kill.
 */
final class TailReopen {
    private static final String NAME = "tail";
    private static final VolumeName DISK = new VolumeName("disk");

    /** Cleaning takes checkpoints too, and does not begin with these. */
    private static final VolumeStoreOptions NO_CHECKPOINTS = VolumeStoreOptions.DEFAULT.with(
            builder -> builder.checkpointBytes(Long.MAX_VALUE).spareFraction(0.9));

    private final Scratch scratch;
    private final Clock clock;
    private final long volumeBytes;
    private final long tailBytes;

    TailReopen(Scratch scratch, long volumeBytes, long tailBytes) {
        this.scratch = scratch;
        this.clock = scratch.clock();
        this.volumeBytes = volumeBytes;
        this.tailBytes = tailBytes;
    }

    /** @param burst 4 KiB writes that go to the log together */
    void measure(Figures figures, int burst) throws IOException, InterruptedException {
        scratch.clear(NAME);
        try {
            long sequence = writeAndKill(burst);
            long startNanos = clock.nanoTime();
            try (VolumeStore store = scratch.volumes(NAME, VolumeStoreOptions.DEFAULT)) {
                Volume volume = store.find(DISK).orElseThrow();
                volume.read(0, ByteBuffer.allocateDirect(RandomBlocks.BYTES));
                double millis = (clock.nanoTime() - startNanos) / 1e6;
                if (store.stat().sequence() < sequence) {
                    throw new IllegalStateException(
                            "batch " + sequence + " was acknowledged, " + store.stat() + " was found");
                }
                figures.add(
                        "open after kill -9, " + new ByteSize(tailBytes) + " of log to replay, " + burst
                                + " x 4 KiB a batch (ms)",
                        millis);
            }
        } finally {
            scratch.clear(NAME);
        }
    }

    /** Returns the sequence of the last batch that was acknowledged. */
    private long writeAndKill(int burst) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TailReopen.class.getName()));
        command.addAll(List.of(
                scratch.folder().resolve(NAME).toString(),
                Long.toString(volumeBytes),
                Long.toString(tailBytes),
                Integer.toString(burst)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            String line = output.readLine();
            if (line == null) {
                throw new IOException("the writer of the tail ended before it was done");
            }
            return Long.parseLong(line);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Writes a tail to the folder, says the sequence of its last batch, and waits to be killed. */
    public static void main(String[] arguments) {
        long volumeBytes = Long.parseLong(arguments[1]);
        long tailBytes = Long.parseLong(arguments[2]);
        int burst = Integer.parseInt(arguments[3]);
        VolumeStore store =
                VolumeStore.open(FileChannelDisk.open(Path.of(arguments[0])), new SystemClock(), NO_CHECKPOINTS);
        Volume volume = store.create(VolumeSpec.of(DISK.value(), volumeBytes)).orElseThrow();
        RandomBlocks blocks = new RandomBlocks(1, volumeBytes);
        blocks.fill(volume);
        store.checkpoint();
        long before = store.stat().appendedBytes();
        WriteBatch batch = volume.batch();
        while (store.stat().appendedBytes() - before < tailBytes) {
            for (int i = 0; i < burst; i++) {
                long offset = blocks.offset();
                batch.write(offset, blocks.content());
            }
            batch.submit();
        }
        System.out.println(store.stat().sequence());
        System.out.flush();
        // Ends with its parent, however that ends.
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().join());
    }
}
