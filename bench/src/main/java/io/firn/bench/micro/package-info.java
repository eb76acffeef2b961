/**
 * JMH benchmarks of single steps: no disk, no network, one thread. Run one with
 * {@code java -jar bench/target/bench.jar micro ChecksumBenchmark}, or all with {@code micro '.*'}; JMH's own options follow.
 */
@NullMarked
package io.firn.bench.micro;

import org.jspecify.annotations.NullMarked;
