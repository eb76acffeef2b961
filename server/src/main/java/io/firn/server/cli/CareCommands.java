package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.firn.io.DirectoryLock;
import io.firn.io.FileChannelDisk;
import io.firn.io.SystemClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.FirnServer;
import io.firn.server.StoreCare;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn verify}, {@code scrub} and {@code repair}: the care of a store, running or not. */
final class CareCommands {
    private static final byte[] NOTHING = {};

    private CareCommands() {}

    /** What all three have in common. Exits 0 when all is well. */
    abstract static class Common implements Callable<Integer> {
        @Option(
                names = "--endpoint",
                paramLabel = "URL",
                description = "A running server; calls are signed with FIRN_ROOT_ACCESS_KEY and FIRN_ROOT_SECRET_KEY.")
        private @Nullable URI endpoint;

        @Option(names = "--data", paramLabel = "DIR", description = "A data folder that no server is running on.")
        private @Nullable Path data;

        @Option(
                names = "--zones",
                paramLabel = "DIR",
                split = ",",
                description = "The zones' folders, as 'firn serve' was given them; with --data.")
        private @Nullable List<Path> zones;

        @Option(
                names = "--region",
                paramLabel = "REGION",
                defaultValue = "us-east-1",
                description = "Region of the server (default: ${DEFAULT-VALUE}).")
        private String region;

        @Option(names = "--json", description = "Prints JSON.")
        private boolean isJson;

        @Spec
        private CommandSpec spec;

        JsonNode run(String call, byte[] body, Function<StoreCare, JsonNode> offline) {
            if (endpoint != null && data == null) {
                AdminClient client = new AdminClient(
                        endpoint,
                        region,
                        RootKeys.fromEnvironment()
                                .orElseThrow(() -> new IllegalArgumentException("set " + RootKeys.ACCESS_KEY + " and "
                                        + RootKeys.SECRET_KEY + " to root's keys")));
                return client.call("POST", "/_firn/" + call, body);
            }
            if (data == null || endpoint != null) {
                throw new IllegalArgumentException("give either --endpoint URL or --data DIR");
            }
            Path folder = data;
            FileChannelDisk.openExisting(folder);
            DirectoryLock lock = DirectoryLock.acquire(folder);
            try (ObjectStore store = ObjectStore.open(
                    folder,
                    FirnServer.zones(folder, zones == null ? List.of() : zones),
                    new SystemClock(),
                    ObjectStoreOptions.DEFAULT)) {
                return offline.apply(new StoreCare(store));
            } finally {
                lock.close();
            }
        }

        void print(JsonNode answer, String text) {
            spec.commandLine().getOut().println(isJson ? answer.toString() : text);
            spec.commandLine().getOut().flush();
        }
    }

    /** {@code firn verify}. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description =
                    "Checks every frame, reference and counter of a store. Exits 1 when something is not as it should be.",
            footerHeading = "%nExamples:%n",
            footer = {"  firn verify --data ./data", "  firn verify --endpoint http://127.0.0.1:9000 --json"})
    static final class Verify extends Common {
        @Override
        public Integer call() {
            JsonNode report = run("verify", NOTHING, StoreCare::verify);
            StringBuilder text = new StringBuilder();
            report.path("problems")
                    .forEach(problem -> text.append(problem.asText()).append(System.lineSeparator()));
            text.append(report.path("clean").asBoolean() ? "all is well: " : "NOT as it should be: ")
                    .append(report.path("versions").asLong())
                    .append(" versions, ")
                    .append(report.path("frames").asLong())
                    .append(" frames, ")
                    .append(report.path("bytes").asLong())
                    .append(" bytes");
            print(report, text.toString());
            return report.path("clean").asBoolean() ? 0 : 1;
        }
    }

    /** {@code firn scrub}. */
    @Command(
            name = "scrub",
            mixinStandardHelpOptions = true,
            description = "Reads everything once and mends damaged frames from another zone.",
            footerHeading = "%nExamples:%n",
            footer = "  firn scrub --endpoint http://127.0.0.1:9000")
    static final class Scrub extends Common {
        @Override
        public Integer call() {
            JsonNode answer = run("scrub", NOTHING, StoreCare::scrub);
            print(answer, "mended " + answer.path("mendedFrames").asLong() + " frames");
            return 0;
        }
    }

    /** {@code firn repair}. */
    @Command(
            name = "repair",
            mixinStandardHelpOptions = true,
            description = "Gives a zone that was lost or failed everything the others have.",
            footerHeading = "%nExamples:%n",
            footer = "  firn repair --data ./data --zones /disk1/firn,/disk2/firn,/disk3/firn")
    static final class Repair extends Common {
        @Parameters(
                paramLabel = "ZONE",
                arity = "0..1",
                defaultValue = "",
                description = "The zone's name (default: all).")
        private String zone;

        @Override
        public Integer call() {
            byte[] body = JsonNodeFactory.instance
                    .objectNode()
                    .put("zone", zone)
                    .toString()
                    .getBytes(UTF_8);
            JsonNode answer = run("repair", body, care -> care.repair(zone));
            StringBuilder text = new StringBuilder();
            answer.path("writtenFrames")
                    .properties()
                    .forEach(each -> text.append(text.isEmpty() ? "" : System.lineSeparator())
                            .append("zone ")
                            .append(each.getKey())
                            .append(": wrote ")
                            .append(each.getValue().asLong())
                            .append(" frames"));
            print(answer, text.toString());
            return 0;
        }
    }
}
