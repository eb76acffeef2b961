package io.firn.bench.s3;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.bench.Environment;
import io.firn.bench.Spread;
import io.firn.io.ByteSize;
import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn bench s3}: load on any S3 endpoint, or on two in turn. */
@Command(
        name = "s3",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Puts load on an S3 endpoint and reports rate, latency percentiles and errors by code.",
        footer = {
            "",
            "Examples:",
            "  firn bench s3 --endpoint http://127.0.0.1:9000 --op put --size 4KiB --concurrency 64 --duration 30s",
            "  firn bench s3 --endpoint http://127.0.0.1:9000 --vs http://127.0.0.1:8081 --op get --size 64MiB \\",
            "      --concurrency 4 --objects 8 --duration 60s --json",
            "",
            "With --vs both endpoints get the same load in turn, --rounds times, and the ratio of each pair of rounds",
            "is taken: what else the machine does hits both. The certificate of an https endpoint is not checked.",
            "Objects stay in the bucket and are used again by the next run of the same size.",
            "Exit codes: 0 all good, 1 some requests failed, 2 wrong usage or no endpoint."
        })
public final class S3Command implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--endpoint",
            required = true,
            paramLabel = "URL",
            description = "http://HOST:PORT or https://HOST:PORT")
    private String endpoint;

    @Option(names = "--vs", paramLabel = "URL", description = "a second endpoint to alternate with")
    private @Nullable String versus;

    @Option(names = "--op", required = true, description = "one of ${COMPLETION-CANDIDATES}, in either case")
    private Operation operation;

    @Option(names = "--size", defaultValue = "4KiB", description = "size of an object (${DEFAULT-VALUE})")
    private String size;

    @Option(names = "--part-size", defaultValue = "8MiB", description = "size of an uploaded part (${DEFAULT-VALUE})")
    private String partSize;

    @Option(
            names = "--concurrency",
            defaultValue = "64",
            description = "connections, each with a thread (${DEFAULT-VALUE})")
    private int concurrency;

    @Option(
            names = "--duration",
            defaultValue = "30s",
            description = "of all rounds against one endpoint (${DEFAULT-VALUE})")
    private String duration;

    @Option(
            names = "--warmup",
            defaultValue = "3s",
            description = "before the first round of each endpoint (${DEFAULT-VALUE})")
    private String warmup;

    @Option(names = "--rounds", defaultValue = "0", description = "parts the duration is cut into (1, or 5 with --vs)")
    private int rounds;

    @Option(names = "--objects", defaultValue = "10000", description = "keys that are gone round (${DEFAULT-VALUE})")
    private int objects;

    @Option(names = "--bucket", defaultValue = "firn-bench", description = "made if missing (${DEFAULT-VALUE})")
    private String bucket;

    @Option(names = "--access-key", description = "else AWS_ACCESS_KEY_ID, else FIRN_ROOT_ACCESS_KEY")
    private @Nullable String accessKey;

    @Option(names = "--secret-key", description = "else AWS_SECRET_ACCESS_KEY, else FIRN_ROOT_SECRET_KEY")
    private @Nullable String secretKey;

    @Option(
            names = "--region",
            defaultValue = "us-east-1",
            description = "that requests are signed for (${DEFAULT-VALUE})")
    private String region;

    @Option(names = "--unsigned-payload", description = "sign UNSIGNED-PAYLOAD in place of the body's SHA-256")
    private boolean isUnsigned;

    @Option(names = "--pid", description = "process of the first endpoint on this machine: reports its CPU per request")
    private long pid;

    @Option(names = "--vs-pid", description = "the same for the second")
    private long versusPid;

    @Option(names = "--json", description = "machine-readable result on standard output")
    private boolean isJson;

    private final Clock clock = new SystemClock();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Credentials credentials = new Credentials(
                credential(accessKey, "AWS_ACCESS_KEY_ID", "FIRN_ROOT_ACCESS_KEY"),
                credential(secretKey, "AWS_SECRET_ACCESS_KEY", "FIRN_ROOT_SECRET_KEY"),
                region);
        LoadPlan plan =
                new LoadPlan(operation, bytes(size), bytes(partSize), concurrency, objects, bucket, !isUnsigned);
        long seed = Randomness.freshSeed();
        List<Side> sides = new ArrayList<>();
        try {
            sides.add(new Side(new LoadRun(plan, Endpoint.parse(endpoint), credentials, clock, seed), pid));
            if (versus != null) {
                sides.add(new Side(new LoadRun(plan, Endpoint.parse(versus), credentials, clock, seed), versusPid));
            }
            measure(sides);
        } finally {
            for (Side side : sides) {
                side.run.close();
            }
        }
        if (isJson) {
            printJson(plan, sides);
        } else {
            printTable(plan, sides);
        }
        return sides.stream().allMatch(side -> side.total.errors().isEmpty()) ? 0 : 1;
    }

    private void measure(List<Side> sides) throws IOException, InterruptedException {
        int count = rounds > 0 ? rounds : sides.size() == 1 ? 1 : 5;
        Duration each = duration(duration).dividedBy(count);
        for (Side side : sides) {
            side.run.prepare();
            if (operation != Operation.DELETE) {
                side.run.run(duration(warmup));
            }
        }
        for (int round = 0; round < count; round++) {
            // Turn about, so that neither side is always the one that runs into the other's flushing.
            for (Side side : round % 2 == 0 ? sides : sides.reversed()) {
                side.measure(each);
            }
        }
    }

    private void printTable(LoadPlan plan, List<Side> sides) {
        System.out.printf(
                Locale.ROOT,
                "%s, %s objects, %d connections, %d rounds of %s%n%n",
                plan.operation(),
                new ByteSize(plan.objectBytes()),
                plan.concurrency(),
                sides.getFirst().rounds.size(),
                duration(duration).dividedBy(sides.getFirst().rounds.size()));
        System.out.println("| endpoint | requests/s | MiB/s | keys/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms"
                + " | server CPU us/request | errors |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
        for (Side side : sides) {
            Tally total = side.total;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f | %s | %s |%n",
                    side.run.endpoint(),
                    side.spread(LoadRun.Round::requestsPerSecond).text(),
                    total.bytes() == 0
                            ? "-"
                            : side.spread(LoadRun.Round::mebibytesPerSecond).text(),
                    total.keys() == 0
                            ? "-"
                            : side.spread(LoadRun.Round::keysPerSecond).text(),
                    total.percentileMillis(50),
                    total.percentileMillis(90),
                    total.percentileMillis(99),
                    total.percentileMillis(99.9),
                    total.maxMillis(),
                    side.cpuMicros.text(),
                    total.errors().isEmpty() ? "none" : total.errors());
        }
        ratio(sides)
                .ifPresent(ratio ->
                        System.out.printf(Locale.ROOT, "%nrate of the first over the second: %s%n", ratio.text()));
    }

    private static java.util.Optional<Spread> ratio(List<Side> sides) {
        if (sides.size() < 2) {
            return java.util.Optional.empty();
        }
        Spread ratio = new Spread();
        for (int i = 0; i < sides.getFirst().rounds.size(); i++) {
            double second = sides.getLast().rounds.get(i).requestsPerSecond();
            if (second > 0) {
                ratio.add(sides.getFirst().rounds.get(i).requestsPerSecond() / second);
            }
        }
        return ratio.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(ratio);
    }

    private void printJson(LoadPlan plan, List<Side> sides) throws IOException {
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = json.createObjectNode();
        root.put("operation", plan.operation().name().toLowerCase(Locale.ROOT));
        root.put("objectBytes", plan.objectBytes());
        root.put("concurrency", plan.concurrency());
        root.put("objects", plan.objects());
        root.put("payloadSigned", plan.isPayloadSigned());
        Environment.here(clock).putInto(root.putObject("environment"));
        ArrayNode endpoints = root.putArray("endpoints");
        for (Side side : sides) {
            endpoints.add(side.json(json));
        }
        ratio(sides).ifPresent(ratio -> put(root.putObject("ratio"), ratio));
        System.out.println(json.writeValueAsString(root));
    }

    private static void put(ObjectNode node, Spread spread) {
        node.put("median", spread.median()).put("lowest", spread.lowest()).put("highest", spread.highest());
    }

    private String credential(@Nullable String given, String variable, String fallback) {
        String value = given != null
                ? given
                : System.getenv(variable) != null ? System.getenv(variable) : System.getenv(fallback);
        if (value == null || value.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "no credentials: give --access-key and --secret-key, or set " + variable);
        }
        return value;
    }

    private int bytes(String text) {
        long bytes = ByteSize.parse(text).bytes();
        if (bytes > 1 << 30) {
            throw new ParameterException(spec.commandLine(), text + " is more than 1GiB");
        }
        return (int) bytes;
    }

    /** {@code 30s}, {@code 500ms}, {@code 2m} or ISO-8601. */
    private Duration duration(String text) {
        try {
            if (text.endsWith("ms")) {
                return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
            }
            return Duration.parse(text.startsWith("P") ? text : "PT" + text);
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new ParameterException(spec.commandLine(), "not a duration such as 30s: " + text, e);
        }
    }

    /** One endpoint's rounds. */
    private static final class Side {
        private final LoadRun run;
        private final long pid;
        private final List<LoadRun.Round> rounds = new ArrayList<>();
        private final Spread cpuMicros = new Spread();
        private final Tally total = new Tally();

        Side(LoadRun run, long pid) {
            this.run = run;
            this.pid = pid;
        }

        void measure(Duration duration) throws InterruptedException {
            OptionalDouble before = cpuMicros();
            LoadRun.Round round = run.run(duration);
            OptionalDouble after = cpuMicros();
            rounds.add(round);
            total.add(round.tally());
            if (before.isPresent() && after.isPresent() && round.tally().requests() > 0) {
                cpuMicros.add((after.getAsDouble() - before.getAsDouble())
                        / round.tally().requests());
            }
        }

        private OptionalDouble cpuMicros() {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .map(spent -> OptionalDouble.of(spent.toNanos() / 1e3))
                    .orElseGet(OptionalDouble::empty);
        }

        Spread spread(java.util.function.ToDoubleFunction<LoadRun.Round> figure) {
            Spread spread = new Spread();
            rounds.forEach(round -> spread.add(figure.applyAsDouble(round)));
            return spread;
        }

        ObjectNode json(ObjectMapper json) {
            ObjectNode node = json.createObjectNode();
            node.put("endpoint", run.endpoint().toString());
            put(node.putObject("requestsPerSecond"), spread(LoadRun.Round::requestsPerSecond));
            put(node.putObject("mebibytesPerSecond"), spread(LoadRun.Round::mebibytesPerSecond));
            put(node.putObject("keysPerSecond"), spread(LoadRun.Round::keysPerSecond));
            node.putObject("latencyMillis")
                    .put("mean", total.meanMillis())
                    .put("p50", total.percentileMillis(50))
                    .put("p90", total.percentileMillis(90))
                    .put("p99", total.percentileMillis(99))
                    .put("p999", total.percentileMillis(99.9))
                    .put("max", total.maxMillis());
            if (!cpuMicros.isEmpty()) {
                put(node.putObject("serverCpuMicrosPerRequest"), cpuMicros);
            }
            node.put("requests", total.requests());
            ObjectNode errors = node.putObject("errors");
            for (Map.Entry<String, Long> error : total.errors().entrySet()) {
                errors.put(error.getKey(), error.getValue());
            }
            return node;
        }
    }
}
