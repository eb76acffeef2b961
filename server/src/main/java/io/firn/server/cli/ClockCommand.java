package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn clock}: reads and moves the clock of a server. */
@Command(
        name = "clock",
        mixinStandardHelpOptions = true,
        description = "Shows a server's clock, or moves a virtual one.",
        subcommands = {ClockCommand.Advance.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  firn clock --endpoint http://127.0.0.1:9000",
            "  firn clock advance P30D --endpoint http://127.0.0.1:9000"
        })
final class ClockCommand implements Runnable {
    private static final byte[] NOTHING = {};

    @Mixin
    private AdminTarget target;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        print(spec.commandLine().getOut(), isJson, target.client().call("GET", "/_firn/clock", NOTHING));
    }

    private static void print(PrintWriter out, boolean isJson, JsonNode answer) {
        out.println(isJson ? answer.toString() : answer.path("now").asText());
        out.flush();
    }

    @Command(
            name = "advance",
            mixinStandardHelpOptions = true,
            description = "Moves a virtual clock forward: what falls due in between happens.")
    static final class Advance implements Runnable {
        @Parameters(paramLabel = "DURATION", description = "For example 30d, P30D, 12h.")
        private String duration;

        @Mixin
        private AdminTarget target;

        @Option(names = "--json", description = "Prints JSON.")
        private boolean isJson;

        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            String body = JsonNodeFactory.instance
                    .objectNode()
                    .put("advance", Durations.parse(duration).toString())
                    .toString();
            print(
                    spec.commandLine().getOut(),
                    isJson,
                    target.client().call("POST", "/_firn/clock", body.getBytes(UTF_8)));
        }
    }
}
