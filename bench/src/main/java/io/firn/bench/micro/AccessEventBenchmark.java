package io.firn.bench.micro;

import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.io.Threads;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectReader;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Tags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does an {@link io.firn.objectstore.AccessListener} add to a read, in time and in bytes allocated? The read is as short as one gets:
 * a small object is opened in memory and closed; the listener counts, on another thread. The median of short samples is what other
 * load on the machine moves least.
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro AccessEventBenchmark -prof gc}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(5)
public class AccessEventBenchmark {
    private static final String BUCKET = "bench";
    private static final int READS_PER_SAMPLE = 50;
    private static final GetObject READ = GetObject.of(BUCKET, "object");

    @Param({"false", "true"})
    public boolean isHeard;

    private final ObjectStore store = ObjectStore.openInMemory(
            List.of(new MemoryDisk()), new SystemClock(), Randomness.seeded(1), ObjectStoreOptions.DEFAULT);
    private final LongAdder heardBytes = new LongAdder();
    private final Threads.Loop delivering = Threads.loop("deliver", _ -> store.step(), Duration.ofMillis(1));

    @Setup
    public void fill() {
        store.createBucket(new BucketName(BUCKET), "bench", "", Tags.NONE).orElseThrow();
        store.put(PutObject.of(BUCKET, "object"), ObjectSource.of(new byte[16])).orElseThrow();
        if (isHeard) {
            store.listen((bucketId, versionOrdinal, epochMillis, bytes) -> heardBytes.add(bytes));
        }
    }

    @TearDown
    public void close() {
        long dropped = store.figures().droppedAccessEvents();
        System.out.printf("heard of %,d bytes, dropped %,d events%n", heardBytes.sum(), dropped);
        delivering.close();
        store.close();
    }

    @Benchmark
    @OperationsPerInvocation(READS_PER_SAMPLE)
    public long open() {
        long bytes = 0;
        for (int i = 0; i < READS_PER_SAMPLE; i++) {
            try (ObjectReader reader = store.get(READ).orElseThrow()) {
                bytes += reader.span().length();
            }
        }
        return bytes;
    }
}
