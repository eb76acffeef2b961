package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeStore;
import io.firn.io.ByteSize;
import io.firn.io.SystemClock;
import io.firn.io.VirtualClock;
import io.firn.server.FirnServer;
import io.firn.server.ec2.Register;
import io.firn.server.ec2.VolumeDeletion;
import io.firn.server.volumes.VolumeCare;
import io.firn.server.volumes.VolumeFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            VolumeCommand.Throttle.class,
            VolumeCommand.Verify.class
        })
final class VolumeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** What all of them have in common: a call that has the command's name, filled in with its options, and an answer. */
    abstract static class Common extends AdminCommand {
        /** Refuses a target that the command makes no sense for. */
        void requireTarget(AdminTarget wanted) {}

        /** Puts into the call what was given. */
        void fill(ObjectNode request) {}

        @Override
        JsonNode answer() {
            ObjectNode request = JsonNodeFactory.instance.objectNode().put("do", spec.name());
            fill(request);
            requireTarget(target);
            return target.runOn(
                    client -> client.call(
                            "POST", "/_firn/volumes", request.toString().getBytes(UTF_8)),
                    folder -> {
                        try (VolumeStore store = VolumeFolder.open(folder, new SystemClock())) {
                            return new VolumeCare(store, volume -> delete(folder, store, volume)).call(request);
                        }
                    });
        }

        private static void delete(Path folder, VolumeStore store, Volume volume) {
            // With a clock that stands at the beginning of time: nothing that EC2 knows is too old for a command.
            try (Register register = Register.open(FirnServer.ec2Disk(folder), new VirtualClock(Instant.EPOCH))) {
                new VolumeDeletion(store, register).delete(volume);
            }
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
                            + (volume.path("throttled").asBoolean() ? "throttled " : "")
                            + (volume.path("impaired").asBoolean() ? "IMPAIRED " : "")
                            + (volume.path("views").isEmpty() ? "" : "sealed views " + volume.path("views")));
        }
    }

    /** Those that name a volume. */
    abstract static class Named extends Common {
        @Parameters(index = "0", paramLabel = "NAME", description = "The volume; a sealed view is NAME@EPOCH.")
        private String name;

        @Override
        void fill(ObjectNode request) {
            request.put("name", name);
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            printVolume(answer, out);
        }
    }

    /** Those that name a new one besides. */
    abstract static class Renaming extends Named {
        @Parameters(index = "1", paramLabel = "NEW-NAME", description = "The new name.")
        private String newName;

        @Override
        void fill(ObjectNode request) {
            super.fill(request);
            request.put("newName", newName);
        }
    }

    /** Those whose volume or view is gone afterwards. */
    abstract static class Removing extends Named {
        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.properties()
                    .forEach(each ->
                            out.println(each.getKey() + " " + each.getValue().asText()));
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

        @Override
        void fill(ObjectNode request) {
            super.fill(request);
            request.put("size", size).put("type", type).put("encrypted", isEncrypted);
            if (owner != null) {
                request.put("owner", owner);
            }
        }
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the volumes.")
    static final class Ls extends Common {
        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.printf("%-24s %10s %10s %-5s%n", "NAME", "SIZE", "ALLOCATED", "TYPE");
            answer.forEach(volume -> printVolume(volume, out));
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows one volume.")
    static final class Show extends Named {
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

        @Override
        void fill(ObjectNode request) {
            super.fill(request);
            request.put("size", size);
        }
    }

    @Command(name = "rename", mixinStandardHelpOptions = true, description = "Gives a volume another name.")
    static final class Rename extends Renaming {}

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes a volume; clones of it stay.")
    static final class Rm extends Removing {}

    @Command(
            name = "seal",
            mixinStandardHelpOptions = true,
            description =
                    "Ends the open epoch: the volume as it is now stays readable as NAME@EPOCH, its changed blocks are known.",
            footerHeading = "%nExamples:%n",
            footer = "  firn volume seal disk --endpoint http://127.0.0.1:9000")
    static final class Seal extends Named {
        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println(answer.path("view").asText() + ": "
                    + answer.path("dirtyBlocks").asLong() + " blocks changed in this epoch");
        }
    }

    @Command(name = "release", mixinStandardHelpOptions = true, description = "Gives up a sealed view, NAME@EPOCH.")
    static final class Release extends Removing {}

    @Command(
            name = "clone",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a writable, independent volume of a sealed view, or of a volume as it is now; no data is copied.",
            footerHeading = "%nExamples:%n",
            footer = "  firn volume clone disk@3 copy --data ./data")
    static final class Clone extends Renaming {}

    @Command(
            name = "throttle",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a volume as slow as its type and size are on EBS, or lets it go as fast as it can (the default).",
                "Lasts until the server stops. With --clock virtual an I/O over the limit waits until the clock is moved."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  firn volume throttle disk on --endpoint http://127.0.0.1:9000",
                "  firn volume throttle disk on --iops 6000 --throughput 500 --endpoint http://127.0.0.1:9000",
                "  firn volume throttle disk off --endpoint http://127.0.0.1:9000"
            })
    static final class Throttle extends Named {
        @Parameters(index = "1", paramLabel = "on|off", description = "Whether the limits are enforced.")
        private String state;

        @Option(names = "--iops", paramLabel = "N", description = "Provisioned I/Os a second, for gp3 and io2.")
        private int iops;

        @Option(names = "--throughput", paramLabel = "N", description = "Provisioned MiB a second, for gp3.")
        private int throughput;

        @Override
        void fill(ObjectNode request) {
            super.fill(request);
            request.put("state", state).put("iops", iops).put("throughput", throughput);
        }

        @Override
        void requireTarget(AdminTarget target) {
            target.requireServer();
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads and verifies every block of every volume.")
    static final class Verify extends Common {
        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.path("problems").forEach(problem -> out.println(problem.asText()));
            out.println((answer.path("clean").asBoolean() ? "all is well: " : "NOT as it should be: ")
                    + answer.path("blocks").asLong() + " blocks");
        }
    }
}
