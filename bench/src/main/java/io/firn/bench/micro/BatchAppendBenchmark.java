package io.firn.bench.micro;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.blockstore.WriteBatch;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a batch of 4 KiB blocks cost from the caller's buffer to the log, apart from the disk: copies, CRCs, header, map, dirty bits,
 * and, from time to time, a checkpoint that frees segments? The disk is memory, so one copy more is in it.
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro BatchAppendBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class BatchAppendBenchmark {
    private static final int BLOCK = 4096;
    private static final long VOLUME_BYTES = 64L << 20;
    private static final long LOG_BYTES = 1L << 30;

    @Param({"1", "32", "256"})
    public int blocks;

    private final VolumeStore store = VolumeStore.openStepped(
            new MemoryDisk(),
            new SystemClock(),
            Randomness.seeded(1),
            VolumeStoreOptions.DEFAULT.withCapacityBytes(LOG_BYTES));
    private final Volume volume =
            store.create(VolumeSpec.of("disk", VOLUME_BYTES)).orElseThrow();
    private final WriteBatch batch = volume.batch();
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    private long at;

    @Setup
    public void fill() {
        byte[] content = new byte[BLOCK];
        Randomness.seeded(2).nextBytes(content);
        block.put(content);
    }

    @TearDown
    public void close() {
        store.close();
    }

    /** Every second block, so that each is an entry of its own, as random writes are. */
    @Benchmark
    public void append() {
        for (int i = 0; i < blocks; i++) {
            batch.write(at, block.rewind());
            at = (at + 2 * BLOCK) % VOLUME_BYTES;
        }
        batch.submit();
    }
}
