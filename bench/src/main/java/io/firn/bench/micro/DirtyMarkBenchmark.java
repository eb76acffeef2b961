package io.firn.bench.micro;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does marking a block dirty add to changing its map entry? A million blocks become allocated zeros, then holes, and so on, by one entry of
 * the log for 65,536 of them: nearly all of it is map and marks. Either every block was changed in this epoch already, or none was: then the
 * epoch is sealed, released and forgotten before, once for the million.
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro DirtyMarkBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class DirtyMarkBenchmark {
    private static final int BLOCKS = 1 << 20;
    private static final long BYTES = 4096L * BLOCKS;

    @Param({"true", "false"})
    public boolean isMarkedBefore;

    private final VolumeStore store = VolumeStore.openStepped(
            new MemoryDisk(), new SystemClock(), Randomness.seeded(1), VolumeStoreOptions.DEFAULT);
    private final Volume volume = store.create(VolumeSpec.of("disk", BYTES)).orElseThrow();
    private boolean isHole = true;

    @TearDown
    public void close() {
        store.close();
    }

    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void change() {
        if (!isMarkedBefore) {
            SealedView view = volume.seal();
            view.release();
            volume.forgetChanges(view.epoch());
        }
        isHole = !isHole;
        volume.zero(0, BYTES, isHole);
    }
}
