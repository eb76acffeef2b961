package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.ByteSize;
import io.firn.io.SystemClock;
import io.firn.io.Threads;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.FirnServer;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.snapshots.SnapshotCare;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn snapshot}: snapshots of volumes, on a running server or in a folder. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        description = "Takes, shows, compares, restores, exports, imports and removes snapshots of volumes.",
        subcommands = {
            SnapshotCommand.Create.class,
            SnapshotCommand.Ls.class,
            SnapshotCommand.Show.class,
            SnapshotCommand.Diff.class,
            SnapshotCommand.Restore.class,
            SnapshotCommand.ExportImage.class,
            SnapshotCommand.ImportImage.class,
            SnapshotCommand.Verify.class,
            SnapshotCommand.Lock.class,
            SnapshotCommand.Unlock.class,
            SnapshotCommand.Rm.class
        })
final class SnapshotCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Where calls go: over HTTP or into the folder. */
    interface Calls {
        JsonNode call(ObjectNode request);

        /** The bytes of a block of a snapshot, zeros beyond its end. */
        byte[] read(String snapshot, int block);

        /** Puts the bytes of a block into an import. */
        void put(String snapshot, int block, byte[] bytes);
    }

    private record RemoteCalls(AdminClient client) implements Calls {
        private static final String PATH = "/_firn/snapshots";

        @Override
        public JsonNode call(ObjectNode request) {
            return client.call("POST", PATH, request.toString().getBytes(UTF_8));
        }

        @Override
        public byte[] read(String snapshot, int block) {
            return client.bytes("GET", block(snapshot, block), new byte[0]);
        }

        @Override
        public void put(String snapshot, int block, byte[] bytes) {
            client.call("PUT", block(snapshot, block), bytes);
        }

        private static String block(String snapshot, int block) {
            return PATH + "/" + snapshot + "/blocks/" + block;
        }
    }

    private record FolderCalls(SnapshotCare care) implements Calls {
        @Override
        public JsonNode call(ObjectNode request) {
            return care.call(request);
        }

        @Override
        public byte[] read(String snapshot, int block) {
            return care.readBlock(snapshot, block);
        }

        @Override
        public void put(String snapshot, int block, byte[] bytes) {
            care.putBlock(snapshot, block, bytes);
        }
    }

    /** What all of them have in common. */
    abstract static class Common extends AdminCommand {
        private static final Duration POLL = Duration.ofMillis(200);

        @Option(
                names = "--zone",
                paramLabel = "DIR",
                description =
                        "With --data: a zone's folder, where the server was given some; once for each, in the same order.")
        private List<Path> zones = List.of();

        /** Makes its calls and returns the answer. */
        abstract JsonNode run(Calls calls);

        @Override
        JsonNode answer() {
            return target.runOn(client -> run(new RemoteCalls(client)), this::runIn);
        }

        private JsonNode runIn(Path folder) {
            SystemClock clock = new SystemClock();
            try (ObjectStore objects = ObjectStore.open(
                            folder, FirnServer.zones(folder, zones), clock, ObjectStoreOptions.DEFAULT);
                    BlockStorage blocks = BlockStorage.open(folder, objects, clock)) {
                return run(new FolderCalls(new SnapshotCare(blocks)));
            }
        }

        static ObjectNode ask(String action) {
            return JsonNodeFactory.instance.objectNode().put("do", action);
        }

        static ObjectNode ask(String action, String snapshot) {
            return ask(action).put("snapshot", snapshot);
        }

        /** A bar of progress on standard error; nothing with {@code --json}. */
        ProgressBar bar(String what) {
            return new ProgressBar(what, isJson ? null : spec.commandLine().getErr());
        }

        /** Waits until a snapshot is not pending any more; what it is then. */
        JsonNode await(Calls calls, String snapshot) {
            JsonNode now = await(
                    () -> calls.call(ask("show", snapshot)),
                    bar(snapshot),
                    answer -> answer.path("progress").asLong(),
                    answer -> !answer.path("state").asText().equals("pending"));
            if (now.path("state").asText().equals("error")) {
                throw new CommandFailed("snapshot " + snapshot + " failed: "
                        + now.path("reason").asText());
            }
            return now;
        }

        /** Waits until a restored volume is filled. */
        JsonNode awaitFilled(Calls calls, String volume, long bytes) {
            JsonNode now = await(
                    () -> calls.call(ask("volume").put("name", volume)),
                    bar(volume),
                    answer -> answer.path("allocatedBytes").asLong() * 100 / Math.max(1, bytes),
                    answer -> !answer.path("filling").asBoolean()
                            || answer.path("stuck").asBoolean());
            if (now.path("stuck").asBoolean()) {
                throw new CommandFailed("volume " + volume + " stays based on its snapshot, which is damaged");
            }
            return now;
        }

        /** Looks again and again until it is over; what was seen last. */
        private static JsonNode await(
                Supplier<JsonNode> look,
                ProgressBar bar,
                ToLongFunction<JsonNode> percent,
                Predicate<JsonNode> isOver) {
            JsonNode now = look.get();
            while (!isOver.test(now)) {
                bar.at(percent.applyAsLong(now), 100);
                Threads.sleep(POLL);
                now = look.get();
            }
            bar.end();
            return now;
        }

        static void printSnapshot(JsonNode snapshot, PrintWriter out) {
            out.printf(
                    "%-22s %-20s %-11s %4d%% %10s %10s  %s%n",
                    snapshot.path("id").asText(),
                    snapshot.path("volume").asText(),
                    snapshot.path("state").asText(),
                    snapshot.path("progress").asLong(),
                    new ByteSize(snapshot.path("sizeBytes").asLong()),
                    new ByteSize(snapshot.path("incrementalBytes").asLong()),
                    snapshot.path("description").asText());
        }

        static void printFields(JsonNode answer, PrintWriter out) {
            answer.properties()
                    .forEach(each -> out.printf(
                            "%-16s %s%n",
                            each.getKey(),
                            each.getValue().isTextual() ? each.getValue().asText() : each.getValue()));
        }
    }

    /** Those that name a snapshot. */
    abstract static class Named extends Common {
        private final String action;

        @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "The snapshot, such as snap-0123456789abcdef0.")
        String snapshot;

        Named(String action) {
            this.action = action;
        }

        ObjectNode request() {
            return ask(action, snapshot);
        }

        @Override
        JsonNode run(Calls calls) {
            return calls.call(request());
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            printFields(answer, out);
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Takes a snapshot of a volume, or of some at one instant, as they are now.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  firn snapshot create disk --description monday --endpoint http://127.0.0.1:9000 --wait",
                "  firn snapshot create data log --tag app=shop --data ./data"
            })
    static final class Create extends Common {
        @Parameters(paramLabel = "VOLUME", arity = "1..*", description = "The volumes.")
        private List<String> volumes;

        @Option(names = "--description", paramLabel = "TEXT", defaultValue = "", description = "For people.")
        private String description;

        @Option(names = "--tag", paramLabel = "KEY=VALUE", description = "A tag; may be given again.")
        private Map<String, String> tags = Map.of();

        @Option(
                names = "--wait",
                description =
                        "Returns when it is completed; without it, at once, and the server uploads. Always so with --data.")
        private boolean isWaiting;

        @Override
        JsonNode run(Calls calls) {
            ObjectNode request = ask("create").put("description", description);
            ArrayNode names = request.putArray("volumes");
            volumes.forEach(names::add);
            ObjectNode given = request.putObject("tags");
            tags.forEach(given::put);
            JsonNode made = calls.call(request);
            if (!isWaiting && isRemote()) {
                return made;
            }
            ArrayNode whole = JsonNodeFactory.instance.arrayNode();
            made.forEach(one -> whole.add(await(calls, one.path("id").asText())));
            return whole;
        }

        private boolean isRemote() {
            return spec.commandLine().getParseResult().hasMatchedOption("--endpoint");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.forEach(one -> printSnapshot(one, out));
        }
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the snapshots.")
    static final class Ls extends Common {
        @Override
        JsonNode run(Calls calls) {
            return calls.call(ask("ls"));
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.printf("%-22s %-20s %-11s %5s %10s %10s%n", "SNAPSHOT", "VOLUME", "STATE", "DONE", "SIZE", "ADDED");
            answer.forEach(one -> printSnapshot(one, out));
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows one snapshot and what it costs.")
    static final class Show extends Named {
        Show() {
            super("show");
        }
    }

    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            description = "Shows where a snapshot may differ from another one, in units of 64 KiB.",
            footerHeading = "%nExamples:%n",
            footer = "  firn snapshot diff snap-0123456789abcdef0 snap-0fedcba987654321f --data ./data")
    static final class Diff extends Common {
        @Parameters(index = "0", paramLabel = "SINCE", description = "The one to compare with.")
        private String since;

        @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "The one whose content is told.")
        private String snapshot;

        @Override
        JsonNode run(Calls calls) {
            ArrayNode runs = JsonNodeFactory.instance.arrayNode();
            for (JsonNode next = JsonNodeFactory.instance.numberNode(0); !next.isMissingNode(); ) {
                JsonNode page =
                        calls.call(ask("diff", snapshot).put("since", since).put("from", next.asInt()));
                page.path("runs").forEach(runs::add);
                next = page.path("next");
            }
            return runs;
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            long bytes = 0;
            for (JsonNode run : answer) {
                bytes += run.path("length").asLong();
                out.printf(
                        "%16d %12d %s%n",
                        run.path("offset").asLong(),
                        run.path("length").asLong(),
                        run.path("state").asText());
            }
            out.println(new ByteSize(bytes) + " in " + answer.size() + " places");
        }
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = "Makes a volume from a snapshot: it serves at once and is filled in the background.",
            footerHeading = "%nExamples:%n",
            footer = "  firn snapshot restore snap-0123456789abcdef0 copy --fast --endpoint http://127.0.0.1:9000")
    static final class Restore extends Named {
        @Parameters(index = "1", paramLabel = "VOLUME", description = "The new volume.")
        private String volume;

        @Option(names = "--size", paramLabel = "SIZE", description = "A larger size than the snapshot's.")
        private @Nullable String size;

        @Option(names = "--type", paramLabel = "TYPE", defaultValue = "gp3", description = "As of firn volume create.")
        private String type;

        @Option(names = "--encrypted", description = "AES-256-XTS with a key of its own.")
        private boolean isEncrypted;

        @Option(names = "--fast", description = "Returns when everything is in.")
        private boolean isFast;

        @Option(names = "--rate", paramLabel = "SIZE", description = "Fills at most so many bytes a second.")
        private @Nullable String rate;

        Restore() {
            super("restore");
        }

        @Override
        JsonNode run(Calls calls) {
            ObjectNode request =
                    request().put("newName", volume).put("type", type).put("encrypted", isEncrypted);
            if (size != null) {
                request.put("size", size);
            }
            if (rate != null) {
                request.put("rate", rate);
            }
            JsonNode made = calls.call(request);
            if (!isFast) {
                return made;
            }
            long bytes = calls.call(ask("show", snapshot)).path("fullBytes").asLong();
            return awaitFilled(calls, volume, bytes);
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes a snapshot to a file: a sparse raw image, or qcow2 where qemu-img is installed.",
            footerHeading = "%nExamples:%n",
            footer = "  firn snapshot export snap-0123456789abcdef0 disk.img --data ./data")
    static final class ExportImage extends Named {
        @Parameters(index = "1", paramLabel = "FILE", description = "The file to make.")
        private Path file;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "raw",
                description = "raw or qcow2 (default: ${DEFAULT-VALUE}).")
        private String format;

        ExportImage() {
            super("export");
        }

        @Override
        JsonNode run(Calls calls) {
            ImageFile.export(calls, snapshot, file, ImageFile.Format.parse(format), bar(snapshot));
            return JsonNodeFactory.instance.objectNode().put("exported", file.toString());
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = "Makes a snapshot from an image, raw, or qcow2 where qemu-img is installed.",
            footerHeading = "%nExamples:%n",
            footer = "  firn snapshot import disk.qcow2 --description golden --endpoint http://127.0.0.1:9000")
    static final class ImportImage extends Common {
        @Parameters(index = "0", paramLabel = "FILE", description = "The image.")
        private Path file;

        @Option(names = "--description", paramLabel = "TEXT", defaultValue = "", description = "For people.")
        private String description;

        @Override
        JsonNode run(Calls calls) {
            return ImageFile.load(calls, file, description, bar(String.valueOf(file.getFileName())));
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            printSnapshot(answer, out);
        }
    }

    @Command(name = "verify", mixinStandardHelpOptions = true, description = "Checks a snapshot against its checksums.")
    static final class Verify extends Named {
        @Option(names = "--full", description = "Reads every chunk, not only what describes them.")
        private boolean isFull;

        Verify() {
            super("verify");
        }

        @Override
        ObjectNode request() {
            return super.request().put("full", isFull);
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            answer.path("problems").forEach(problem -> out.println(problem.asText()));
            out.println((answer.path("clean").asBoolean() ? "all is well: " : "NOT as it should be: ")
                    + answer.path("pages").asLong() + " pages, "
                    + answer.path("chunks").asLong() + " chunks");
        }
    }

    @Command(name = "lock", mixinStandardHelpOptions = true, description = "Locks a snapshot against removal.")
    static final class Lock extends Named {
        @Option(names = "--days", paramLabel = "DAYS", required = true, description = "1 to 36500.")
        private int days;

        @Option(names = "--compliance", description = "Nobody may lift it once the cool-off is over.")
        private boolean isCompliance;

        @Option(
                names = "--cool-off-hours",
                paramLabel = "HOURS",
                defaultValue = "0",
                description = "1 to 72; none unless given.")
        private int coolOffHours;

        Lock() {
            super("lock");
        }

        @Override
        ObjectNode request() {
            return super.request()
                    .put("days", days)
                    .put("compliance", isCompliance)
                    .put("coolOffHours", coolOffHours);
        }
    }

    @Command(name = "unlock", mixinStandardHelpOptions = true, description = "Lifts a lock, where its mode allows.")
    static final class Unlock extends Named {
        Unlock() {
            super("unlock");
        }
    }

    @Command(
            name = "rm",
            mixinStandardHelpOptions = true,
            description = "Removes a snapshot; the others, and volumes made from it, stay whole.")
    static final class Rm extends Named {
        Rm() {
            super("rm");
        }

        @Override
        void print(JsonNode answer, PrintWriter out) {
            out.println("removed " + answer.path("id").asText());
        }
    }
}
