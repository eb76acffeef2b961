package io.firn.bench.micro;

import io.firn.blockstore.Allocation;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
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
 * What does it take to find one block of a volume in the map, at random, when the map fits the processor's caches and when it does not? The
 * map of a volume takes 2 MiB for each GiB; making the answer an {@link Allocation} is in it, the number of the block is random too.
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro MapLookupBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class MapLookupBenchmark {
    private static final int BLOCK = 4096;

    @Param({"0.125", "1", "64"})
    public double gibibytes;

    private final VolumeStore store = VolumeStore.openStepped(
            new MemoryDisk(), new SystemClock(), Randomness.seeded(1), VolumeStoreOptions.DEFAULT);
    private final RandomGenerator random = Randomness.seeded(2);
    private Volume volume = store.create(VolumeSpec.of("disk", BLOCK)).orElseThrow();
    private long blocks;

    /** Allocated zeros: a map entry for each block, and no bytes in the log. */
    @Setup
    public void fill() {
        long bytes = (long) (gibibytes * (1L << 30));
        blocks = bytes / BLOCK;
        volume.resize(bytes);
        volume.zero(0, bytes, false);
    }

    @TearDown
    public void close() {
        store.close();
    }

    /** The random number alone, to be taken off. */
    @Benchmark
    public long chance() {
        return random.nextLong(blocks) * BLOCK;
    }

    @Benchmark
    public Allocation lookup() {
        return volume.allocation(random.nextLong(blocks) * BLOCK, BLOCK);
    }
}
