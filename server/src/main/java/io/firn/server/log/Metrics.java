package io.firn.server.log;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of requests, for Prometheus to scrape.
 *
 * <p><b>Threads.</b> Safe; a count is two or three uncontended additions and no lock.
 */
public final class Metrics {
    /** Upper bounds of the latency buckets, in seconds as they are printed, and in nanoseconds. */
    private static final String[] BUCKET_SECONDS = {
        "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30"
    };

    private static final long[] BUCKET_NANOS = new long[BUCKET_SECONDS.length];

    static {
        for (int i = 0; i < BUCKET_NANOS.length; i++) {
            BUCKET_NANOS[i] = (long) (Double.parseDouble(BUCKET_SECONDS[i]) * 1e9);
        }
    }

    private record Key(String api, int status) {}

    private static final class Latency {
        private final LongAdder[] counts = new LongAdder[BUCKET_NANOS.length + 1];
        private final LongAdder sumNanos = new LongAdder();

        Latency() {
            for (int i = 0; i < counts.length; i++) {
                counts[i] = new LongAdder();
            }
        }

        void add(long nanos) {
            int bucket = 0;
            while (bucket < BUCKET_NANOS.length && nanos > BUCKET_NANOS[bucket]) {
                bucket++;
            }
            counts[bucket].increment();
            sumNanos.add(nanos);
        }
    }

    private final Map<Key, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<String, Latency> latencies = new ConcurrentHashMap<>();
    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder sentBytes = new LongAdder();

    /** Counts one request that was answered. */
    public void count(String api, int status, long nanos, long bodyBytesReceived, long bodyBytesSent) {
        requests.computeIfAbsent(new Key(api, status), key -> new LongAdder()).increment();
        latencies.computeIfAbsent(api, key -> new Latency()).add(nanos);
        receivedBytes.add(bodyBytesReceived);
        sentBytes.add(bodyBytesSent);
    }

    /** All figures in Prometheus' text format 0.0.4, sorted. */
    public void write(PrometheusText out) {
        out.family("firn_requests_total", "counter", "Requests answered, by operation and status.");
        Map<String, Long> counts = new TreeMap<>();
        requests.forEach((key, count) ->
                counts.put("{operation=\"" + key.api() + "\",status=\"" + key.status() + "\"}", count.sum()));
        counts.forEach((labels, count) -> out.sample("firn_requests_total", labels, count));

        out.family("firn_request_seconds", "histogram", "Time from a request's head to its reply handed over.");
        new TreeMap<>(latencies).forEach((api, latency) -> {
            long total = 0;
            for (int i = 0; i <= BUCKET_SECONDS.length; i++) {
                total += latency.counts[i].sum();
                String bound = i == BUCKET_SECONDS.length ? "+Inf" : BUCKET_SECONDS[i];
                out.sample("firn_request_seconds_bucket", "{operation=\"" + api + "\",le=\"" + bound + "\"}", total);
            }
            out.sample("firn_request_seconds_sum", "{operation=\"" + api + "\"}", latency.sumNanos.sum() / 1e9);
            out.sample("firn_request_seconds_count", "{operation=\"" + api + "\"}", total);
        });

        out.family("firn_received_bytes_total", "counter", "Bytes of request bodies.");
        out.sample("firn_received_bytes_total", "", receivedBytes.sum());
        out.family("firn_sent_bytes_total", "counter", "Bytes of reply bodies.");
        out.sample("firn_sent_bytes_total", "", sentBytes.sum());
    }
}
