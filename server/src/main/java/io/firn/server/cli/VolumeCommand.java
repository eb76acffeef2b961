package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.blockstore.VolumeStore;
import io.firn.io.ByteSize;
import io.firn.io.SystemClock;
import io.firn.server.volumes.VolumeCare;
import io.firn.server.volumes.VolumeFolder;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn volume}: block volumes, on a running server or in a folder. */
@Command(
        name = "volume",
        mixinStandardHelpOptions = true,
        description = "Makes, shows, seals, clones and removes block volumes.",
        subcommands = {
            VolumeCommand.Create.class,
            VolumeCommand.Ls.class,
            VolumeCommand.Show.class,
            VolumeCommand.Resize.class,
            VolumeCommand.Rename.class,
            VolumeCommand.Rm.class,
            VolumeCommand.Seal.class,
            VolumeCommand.Release.class,
            VolumeCommand.Clone.class,
            VolumeCommand.Verify.class
        })
final class VolumeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** What all of them have in common. */
    abstract static class Common implements Runnable {
        @Mixin
        private AdminTarget target;

        @Option(names = "--json", description = "Prints JSON.")
        private boolean isJson;

        @Spec
        CommandSpec spec;

        /** The call to make. */
        abstract ObjectNode request();

        /** The answer for people. */
        abstract void print(JsonNode answer, PrintWriter out);

        @Override
        public void run() {
            JsonNode answer = call(request());
            PrintWriter out = spec.commandLine().getOut();
            if (isJson) {
                out.println(answer);
            } else {
                print(answer, out);
            }
            out.flush();
        }

        static ObjectNode ask(String action) {
            return JsonNodeFactory.instance.objectNode().put("do", action);
        }

        private JsonNode call(ObjectNode request) {
            return target.runOn(
                    client -> client.call(
                            "POST", "/_firn/volumes", request.toString().getBytes(UTF_8)),
                    folder -> {
                        try (VolumeStore store = VolumeFolder.open(folder, new SystemClock())) {
                            return new VolumeCare(store).call(request);
                        }
                    });
        }

        static void printVolume(JsonNode volume, PrintWriter out) {
            out.printf(
                    "%-24s %10s %10s %-5s epoch %-6d %s%n",
                    volume.path("name").asText(),
                    new ByteSize(volume.path("sizeBytes").asLong()),
                    new ByteSize(volume.path("allocatedBytes").asLong()),
                    volume.path("type").asText(),
                    volume.path("epoch").asLong(),
                    (volume.path("encrypted").asBoolean() ? "encrypted " : "")
                            + (volume.path("impaired").asBoolean() ? "IMPAIRED " : "")
                            + (volume.path("views").isEmpty() ? "" : "sealed views " + volume.path("views")));
        }
    }

    /** Those that name a volume. */
    abstract static class Named extends Common {
        private final String action;

        @Parameters(index = "0", paramLabel = "NAME", description = "The volume; a sealed view is NAME@EPOCH.")
        private String name;

        Named(String action) {
            this.action = action;
        }

        @Override
        ObjectNode request() {
            return ask(action).put("name", name);
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            printVolume(answer, out);
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a volume that reads as zeros and takes no space until it is written.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  firn volume create disk --size 10GiB --data ./data",
                "  firn volume create secret --size 1GiB --encrypted --endpoint http://127.0.0.1:9000"
            })
    static final class Create extends Named {
        @Option(names = "--size", paramLabel = "SIZE", required = true, description = "1 byte to 64TiB, such as 10GiB.")
        private String size;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                defaultValue = "gp3",
                description = "gp3, gp2, io2, st1 or sc1 (default: ${DEFAULT-VALUE}).")
        private String type;

        @Option(names = "--encrypted", description = "AES-256-XTS with a key of its own.")
        private boolean isEncrypted;

        @Option(
                names = "--owner",
                paramLabel = "INSTANCE",
                description = "An instance store, discarded when its owner ends.")
        private @Nullable String owner;

        Create() {
            super("create");
        }

        @Override
        ObjectNode request() {
            ObjectNode request =
                    super.request().put("size", size).put("type", type).put("encrypted", isEncrypted);
            return owner == null ? request : request.put("owner", owner);
        }
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the volumes.")
    static final class Ls extends Common {
        @Override
        ObjectNode request() {
            return ask("ls");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.printf("%-24s %10s %10s %-5s%n", "NAME", "SIZE", "ALLOCATED", "TYPE");
            answer.forEach(volume -> printVolume(volume, out));
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows one volume.")
    static final class Show extends Named {
        Show() {
            super("show");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.properties()
                    .forEach(each -> out.printf(
                            "%-16s %s%n",
                            each.getKey(),
                            each.getValue().isTextual() ? each.getValue().asText() : each.getValue()));
        }
    }

    @Command(
            name = "resize",
            mixinStandardHelpOptions = true,
            description = "Makes a volume larger; clients see it when they connect again.")
    static final class Resize extends Named {
        @Option(names = "--size", paramLabel = "SIZE", required = true, description = "The new size.")
        private String size;

        Resize() {
            super("resize");
        }

        @Override
        ObjectNode request() {
            return super.request().put("size", size);
        }
    }

    @Command(name = "rename", mixinStandardHelpOptions = true, description = "Gives a volume another name.")
    static final class Rename extends Named {
        @Parameters(index = "1", paramLabel = "NEW-NAME", description = "The new name.")
        private String newName;

        Rename() {
            super("rename");
        }

        @Override
        ObjectNode request() {
            return super.request().put("newName", newName);
        }
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes a volume; clones of it stay.")
    static final class Rm extends Named {
        Rm() {
            super("rm");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println("removed " + answer.path("removed").asText());
        }
    }

    @Command(
            name = "seal",
            mixinStandardHelpOptions = true,
            description =
                    "Ends the open epoch: the volume as it is now stays readable as NAME@EPOCH, its changed blocks are known.",
            footerHeading = "%nExamples:%n",
            footer = "  firn volume seal disk --endpoint http://127.0.0.1:9000")
    static final class Seal extends Named {
        Seal() {
            super("seal");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println(answer.path("view").asText() + ": "
                    + answer.path("dirtyBlocks").asLong() + " blocks changed in this epoch");
        }
    }

    @Command(name = "release", mixinStandardHelpOptions = true, description = "Gives up a sealed view, NAME@EPOCH.")
    static final class Release extends Named {
        Release() {
            super("release");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println("released " + answer.path("released").asText());
        }
    }

    @Command(
            name = "clone",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a writable, independent volume of a sealed view, or of a volume as it is now; no data is copied.",
            footerHeading = "%nExamples:%n",
            footer = "  firn volume clone disk@3 copy --data ./data")
    static final class Clone extends Named {
        @Parameters(index = "1", paramLabel = "NEW-NAME", description = "The new volume.")
        private String newName;

        Clone() {
            super("clone");
        }

        @Override
        ObjectNode request() {
            return super.request().put("newName", newName);
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads and verifies every block of every volume.")
    static final class Verify extends Common {
        @Override
        ObjectNode request() {
            return ask("verify");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.path("problems").forEach(problem -> out.println(problem.asText()));
            out.println((answer.path("clean").asBoolean() ? "all is well: " : "NOT as it should be: ")
                    + answer.path("blocks").asLong() + " blocks");
        }
    }
}
