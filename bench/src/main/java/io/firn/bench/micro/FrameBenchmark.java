package io.firn.bench.micro;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentDirectory;
import io.firn.extent.ExtentOptions;
import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.extent.FrameOwner;
import io.firn.io.MemoryDisk;
import io.firn.io.Randomness;
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
 * What do a frame's encoding and its verified read cost, apart from the disk?
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro FrameBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FrameBenchmark {
    private static final long EXTENT = 1;

    @Param({"4096", "1048576"})
    public int bytes;

    private ByteBuffer payload = ByteBuffer.allocate(0);
    private ByteBuffer target = ByteBuffer.allocate(0);
    private ExtentDirectory extents = ExtentDirectory.open(new MemoryDisk(), "extents", ExtentOptions.defaults());
    private ExtentRef stored = encode(ByteBuffer.allocate(1)).ref();

    @Setup
    public void write() {
        byte[] content = new byte[bytes];
        Randomness.seeded(1).nextBytes(content);
        payload = ByteBuffer.allocateDirect(bytes).put(content).flip();
        target = ByteBuffer.allocateDirect(bytes);
        extents.create(EXTENT);
        EncodedFrame frame = encode(payload);
        extents.write(frame);
        extents.sync(EXTENT);
        stored = frame.ref();
    }

    @TearDown
    public void close() {
        extents.close();
    }

    @Benchmark
    public EncodedFrame encode() {
        return encode(payload);
    }

    @Benchmark
    public int readVerified() {
        return extents.read(stored, 0, target.clear());
    }

    private static EncodedFrame encode(ByteBuffer content) {
        return Frame.encode(EXTENT, Frame.FIRST_OFFSET, FrameOwner.NONE, content);
    }
}
