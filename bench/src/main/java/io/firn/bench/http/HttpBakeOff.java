package io.firn.bench.http;

import io.firn.bench.Environment;
import io.firn.bench.Spread;
import io.firn.io.Clock;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * Which HTTP server should the S3 door stand on? Each contender in a forked JVM with 512 MiB of heap, in turn, {@code rounds}
 * times; the report (Markdown on standard output) gives median and spread over the rounds.
 *
 * <p>Command: {@code java -cp bench/target/bench.jar io.firn.bench.http.HttpBakeOff 5 > bench/results/http-bake-off.md}
 *
 * <p>The client runs on the same processors, so rates compare contenders on this machine only; server CPU per request is the column
 * that other load on the machine moves least.
 */
public final class HttpBakeOff {
    private static final List<String> CONTENDERS =
            List.of("netty", "netty-virtual", "netty-nio-virtual", "jetty", "helidon");
    private static final int HEAP_MEGABYTES = 512;
    private static final int CONNECTIONS = 64;
    private static final int BIG_CONNECTIONS = 4;
    private static final int TLS_CONNECTIONS = 16;
    private static final int SLOW_CLIENTS = 500;
    private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Warm by count, so that a contender measured while the machine is busy elsewhere is compiled as far as the others. */
    private static final long WARM_REQUESTS = 100_000;

    private static final long RUN_REQUESTS = 100_000;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Clock clock = new SystemClock();
    private final SequencedMap<String, SequencedMap<String, Spread>> table = new java.util.LinkedHashMap<>();
    private final SequencedMap<String, SequencedMap<String, String>> protocol = new TreeMap<>();

    private HttpBakeOff() {}

    /** Runs as many rounds as the first argument says (5). */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        HttpBakeOff bakeOff = new HttpBakeOff();
        for (int round = 0; round < rounds; round++) {
            for (String contender : CONTENDERS) {
                System.err.println("round " + (round + 1) + " of " + rounds + ": " + contender);
                bakeOff.measure(contender);
            }
        }
        bakeOff.print(rounds);
    }

    private void measure(String contender) throws Exception {
        try (ContenderProcess server = ContenderProcess.fork(contender, HEAP_MEGABYTES)) {
            SequencedMap<String, String> answers = new ProtocolProbe(server.port()).answers();
            answers.forEach((question, answer) -> protocol.computeIfAbsent(question, any -> new TreeMap<>())
                    .merge(contender, answer, (before, now) -> before.equals(now) ? now : before + " / " + now));
            byte[] get = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            byte[] put = put(4096);
            small(contender, server, "GET 4 KiB", get);
            small(contender, server, "PUT 4 KiB", put);
            streams(contender, server, "GET 64 MiB", this::getBig);
            streams(contender, server, "PUT 64 MiB", this::putBig);
            tls(contender, server, get);
        }
        try (ContenderProcess server = ContenderProcess.fork(contender, HEAP_MEGABYTES)) {
            add("memory: RSS at start (MiB)", contender, server.residentKilobytes() / 1024.0);
            SlowClients.dribble(
                    clock,
                    server.port(),
                    SLOW_CLIENTS,
                    TimeUnit.SECONDS.toNanos(8),
                    () -> add("memory: RSS with 500 slow PUTs (MiB)", contender, server.residentKilobytes() / 1024.0));
        }
    }

    private void small(String contender, ContenderProcess server, String what, byte[] request) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(request.length).put(request).flip();
        try (LoopLoad load = new LoopLoad(clock, server.port(), bytes, CONNECTIONS)) {
            load.run(WARM_REQUESTS, LIMIT_NANOS);
            Meter meter = new Meter(clock, server);
            long answers = load.run(RUN_REQUESTS, LIMIT_NANOS);
            meter.stop();
            add(what + ": rate (1/s)", contender, answers / meter.seconds());
            add(what + ": server CPU (us/request)", contender, meter.cpuNanos() / 1e3 / answers);
        }
    }

    private void streams(String contender, ContenderProcess server, String what, Transfer transfer) throws Exception {
        long[] deadlineNanos = {clock.nanoTime() + WARM_NANOS / 2};
        onThreads(BIG_CONNECTIONS, () -> transfer.repeat(server.port(), deadlineNanos[0]));
        Meter meter = new Meter(clock, server);
        deadlineNanos[0] = clock.nanoTime() + RUN_NANOS;
        long bytes = onThreads(BIG_CONNECTIONS, () -> transfer.repeat(server.port(), deadlineNanos[0]));
        meter.stop();
        double mebibytes = bytes / (double) (1 << 20);
        add(what + ": throughput (MiB/s)", contender, mebibytes / meter.seconds());
        add(what + ": server CPU (ms/GiB)", contender, meter.cpuNanos() / 1e6 / (mebibytes / 1024));
    }

    private long getBig(int port, long deadlineNanos) throws IOException {
        long bytes = 0;
        try (Wire wire = Wire.plain(port)) {
            while (clock.nanoTime() < deadlineNanos) {
                wire.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
                bytes += wire.drain();
            }
        }
        return bytes;
    }

    private long putBig(int port, long deadlineNanos) throws IOException {
        long bytes = 0;
        byte[] piece = new byte[Contender.PIECE_BYTES];
        try (Wire wire = Wire.plain(port)) {
            while (clock.nanoTime() < deadlineNanos) {
                wire.send("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: " + Contender.BIG_BYTES + "\r\n\r\n");
                for (int sent = 0; sent < Contender.BIG_BYTES; sent += piece.length) {
                    wire.send(piece);
                }
                wire.drain();
                bytes += Contender.BIG_BYTES;
            }
        }
        return bytes;
    }

    private void tls(String contender, ContenderProcess server, byte[] get) throws Exception {
        SSLContext context = Wire.trustingContext();
        long warmUntilNanos = clock.nanoTime() + WARM_NANOS;
        onThreads(TLS_CONNECTIONS, () -> secureGets(context, server.tlsPort(), get, warmUntilNanos));
        Meter meter = new Meter(clock, server);
        long untilNanos = clock.nanoTime() + RUN_NANOS;
        long answers = onThreads(TLS_CONNECTIONS, () -> secureGets(context, server.tlsPort(), get, untilNanos));
        meter.stop();
        add("TLS GET 4 KiB: rate (1/s)", contender, answers / meter.seconds());
        add("TLS GET 4 KiB: server CPU (us/request)", contender, meter.cpuNanos() / 1e3 / answers);
    }

    private long secureGets(SSLContext context, int port, byte[] get, long untilNanos) throws IOException {
        long answers = 0;
        try (Wire wire = Wire.secure(context, port)) {
            while (clock.nanoTime() < untilNanos) {
                wire.send(get);
                wire.drain();
                answers++;
            }
        }
        return answers;
    }

    private static byte[] put(int bodyBytes) {
        byte[] head = ("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: " + bodyBytes + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return java.util.Arrays.copyOf(head, head.length + bodyBytes);
    }

    private static long onThreads(int threads, Work work) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Long>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                results.add(pool.submit(work::run));
            }
            long sum = 0;
            for (Future<Long> result : results) {
                sum += result.get();
            }
            return sum;
        }
    }

    private void add(String row, String contender, double value) {
        table.computeIfAbsent(row, any -> new TreeMap<>())
                .computeIfAbsent(contender, any -> new Spread())
                .add(value);
    }

    private void print(int rounds) throws IOException {
        System.out.println("# HTTP server bake-off\n");
        System.out.println(Environment.here(clock).markdown());
        System.out.printf(
                Locale.ROOT,
                "- command: `java -cp bench/target/bench.jar io.firn.bench.http.HttpBakeOff %d`%n"
                        + "- %d rounds, contenders in turn; median (lowest to highest); %d connections for small requests, %d for"
                        + " large, %d for TLS; server heap %d MiB%n%n",
                rounds,
                rounds,
                CONNECTIONS,
                BIG_CONNECTIONS,
                TLS_CONNECTIONS,
                HEAP_MEGABYTES);
        System.out.println("| question | " + String.join(" | ", CONTENDERS) + " |");
        System.out.println("|---|" + "---|".repeat(CONTENDERS.size()));
        for (Map.Entry<String, SequencedMap<String, Spread>> row : table.entrySet()) {
            printRow(
                    row.getKey(),
                    contender ->
                            row.getValue().getOrDefault(contender, new Spread()).text());
        }
        for (Map.Entry<String, SequencedMap<String, String>> row : protocol.entrySet()) {
            printRow(row.getKey(), contender -> row.getValue().getOrDefault(contender, "not asked"));
        }
    }

    private static void printRow(String question, java.util.function.UnaryOperator<String> cell) {
        System.out.println("| " + question + " | "
                + String.join(" | ", CONTENDERS.stream().map(cell).toList()) + " |");
    }

    /** Elapsed time and server CPU between construction and {@link #stop}. */
    private static final class Meter {
        private final Clock clock;
        private final ContenderProcess server;
        private final long startNanos;
        private final long startCpuNanos;
        private long elapsedNanos;
        private long cpuNanos;

        Meter(Clock clock, ContenderProcess server) {
            this.clock = clock;
            this.server = server;
            this.startCpuNanos = server.cpuNanos();
            this.startNanos = clock.nanoTime();
        }

        void stop() {
            elapsedNanos = clock.nanoTime() - startNanos;
            cpuNanos = server.cpuNanos() - startCpuNanos;
        }

        double seconds() {
            return elapsedNanos / 1e9;
        }

        double cpuNanos() {
            return cpuNanos;
        }
    }

    @FunctionalInterface
    private interface Work {
        long run() throws Exception;
    }

    @FunctionalInterface
    private interface Transfer {
        long repeat(int port, long deadlineNanos) throws IOException;
    }
}
