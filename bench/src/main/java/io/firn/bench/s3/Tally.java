package io.firn.bench.s3;

import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What one worker, or several together, saw: latencies of good requests, errors by code. Not thread-safe. */
final class Tally {
    private static final long HIGHEST_MICROS = 600_000_000L;

    private final Histogram micros = new Histogram(1, HIGHEST_MICROS, 3);
    private final SequencedMap<String, Long> errors = new TreeMap<>();
    private long bytes;
    private long keys;

    /** A good request: how long it took, the object bytes it moved, the keys it listed or deleted. */
    void good(long nanos, long movedBytes, long touchedKeys) {
        micros.recordValue(Math.clamp(nanos / 1000, 1, HIGHEST_MICROS));
        bytes += movedBytes;
        keys += touchedKeys;
    }

    void error(String code) {
        errors.merge(code, 1L, Long::sum);
    }

    void add(Tally other) {
        micros.add(other.micros);
        bytes += other.bytes;
        keys += other.keys;
        other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
    }

    long requests() {
        return micros.getTotalCount();
    }

    long bytes() {
        return bytes;
    }

    long keys() {
        return keys;
    }

    Map<String, Long> errors() {
        return errors;
    }

    double percentileMillis(double percentile) {
        return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1000.0;
    }

    double maxMillis() {
        return micros.getMaxValue() / 1000.0;
    }

    double meanMillis() {
        return micros.getTotalCount() == 0 ? 0 : micros.getMean() / 1000.0;
    }
}
