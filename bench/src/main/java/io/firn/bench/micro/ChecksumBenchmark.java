package io.firn.bench.micro;

import io.firn.io.Randomness;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Digester;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does each of S3's checksums cost per object?
 *
 * <p>Command: {@code java -jar bench/target/bench.jar micro ChecksumBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChecksumBenchmark {
    @Param({"MD5", "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "XXHASH64", "XXHASH3"})
    public ChecksumAlgorithm algorithm = ChecksumAlgorithm.CRC64NVME;

    @Param({"4096", "1048576"})
    public int bytes;

    private byte[] payload = new byte[0];

    @Setup
    public void fill() {
        payload = new byte[bytes];
        Randomness.seeded(1).nextBytes(payload);
    }

    @Benchmark
    public byte[] digest() {
        Digester digester = Digester.of(algorithm);
        digester.update(payload, 0, payload.length);
        return digester.digest();
    }
}
