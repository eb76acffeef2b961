package io.firn.bench.micro;

import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ListObjects;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Tags;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a page of 1,000 keys cost above the index: stepping, decoding, describing? The index is the in-memory one.
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro ListingBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ListingBenchmark {
    private static final String BUCKET = "bench";
    private static final int OBJECTS = 20_000;

    private final ObjectStore store = ObjectStore.openInMemory(
            List.of(new MemoryDisk()), new SystemClock(), Randomness.seeded(1), ObjectStoreOptions.DEFAULT);
    private Optional<String> after = Optional.empty();

    @Setup
    public void fill() {
        store.createBucket(new BucketName(BUCKET), "bench", "", Tags.NONE).orElseThrow();
        for (int i = 0; i < OBJECTS; i++) {
            store.put(PutObject.of(BUCKET, "folder/object-" + (100_000 + i)), ObjectSource.of(new byte[16]))
                    .orElseThrow();
        }
    }

    @TearDown
    public void close() {
        store.close();
    }

    @Benchmark
    public ListObjects.Page page() {
        ListObjects.Page page = store.list(new ListObjects(new BucketName(BUCKET), "", "", after, ListObjects.MAX_KEYS))
                .orElseThrow();
        after = page.next();
        return page;
    }
}
