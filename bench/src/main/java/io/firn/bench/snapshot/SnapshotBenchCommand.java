package io.firn.bench.snapshot;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.bench.Environment;
import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.ByteSize;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn bench snapshot}: the stores in this process, on a folder of the disk to measure. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures snapshots of volumes beside the bars they have to keep.",
        footer = {
            "",
            "Bars:",
            "  incremental   what an incremental of 1 % random 4 KiB blocks uploads",
            "  load          create, and foreground writes while uploading, under 20,000 writes a second",
            "  throughput    upload and restore beside LZ4 and the disk",
            "  first-byte    restore to the first byte read",
            "  diff          two of 16 TiB with 1,000 changed chunks",
            "  chain         read at depth 1 and 1,000, delete of one of 1,000",
            "  deduplication a lineage that has nothing in common, or everything, with it and without (only when named)",
            "",
            "Examples:",
            "  firn bench snapshot --data /mnt/disk/firn-bench",
            "  firn bench snapshot --data DIR --bars chain,diff --rounds 5 --json",
            "",
            "Up to 15 GB in DIR, removed at the end."
        })
public final class SnapshotBenchCommand implements Callable<Integer> {
    private enum BarName {
        INCREMENTAL,
        LOAD,
        THROUGHPUT,
        FIRST_BYTE,
        DIFF,
        CHAIN,
        DEDUPLICATION
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "folder on the disk to measure; made if missing")
    private Path data;

    @Option(
            names = "--bars",
            split = ",",
            paramLabel = "BAR",
            defaultValue = "incremental,load,throughput,first-byte,diff,chain",
            description = "which ones (all that have a bar unless given)")
    private List<String> bars;

    @Option(names = "--rounds", defaultValue = "3", description = "of each bar (${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "of each load: of writes, of reads (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "64GiB",
            description = "of the thin volume of the incremental (${DEFAULT-VALUE})")
    private String size;

    @Option(
            names = "--written",
            paramLabel = "SIZE",
            defaultValue = "2GiB",
            description = "how much of it is written before its first snapshot (${DEFAULT-VALUE})")
    private String written;

    @Option(
            names = "--hot",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "how much of its volume the load writes to (${DEFAULT-VALUE})")
    private String hot;

    @Option(
            names = "--volume",
            paramLabel = "SIZE",
            defaultValue = "2GiB",
            description =
                    "how much is uploaded and restored for the throughput, and put for each lineage of the deduplication (${DEFAULT-VALUE})")
    private String volume;

    @Option(names = "--json", description = "machine-readable result")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scratch scratch = new Scratch(data.toAbsolutePath(), new SystemClock());
        Figures figures = new Figures();
        List<BarName> wanted = bars.stream().map(SnapshotBenchCommand::bar).toList();
        for (BarName bar : wanted) {
            try (Question question = question(bar, scratch)) {
                question.prepare(figures);
                for (int round = 0; round < rounds; round++) {
                    question.measure(figures);
                }
            }
        }
        print(scratch, figures);
        return 0;
    }

    private static BarName bar(String text) {
        return switch (text) {
            case "incremental" -> BarName.INCREMENTAL;
            case "load" -> BarName.LOAD;
            case "throughput" -> BarName.THROUGHPUT;
            case "first-byte" -> BarName.FIRST_BYTE;
            case "diff" -> BarName.DIFF;
            case "chain" -> BarName.CHAIN;
            case "deduplication" -> BarName.DEDUPLICATION;
            default -> throw new IllegalArgumentException("there is no bar \"" + text + "\"");
        };
    }

    private Question question(BarName bar, Scratch scratch) {
        return switch (bar) {
            case INCREMENTAL -> new Incremental(scratch, bytes(size), bytes(written));
            case LOAD -> new UnderLoad(scratch, seconds, bytes(hot));
            case THROUGHPUT -> new Throughput(scratch, bytes(volume));
            case FIRST_BYTE -> new FirstByte(scratch);
            case DIFF -> new WideDiff(scratch);
            case CHAIN -> new Chain(scratch, seconds);
            case DEDUPLICATION -> new Deduplicating(scratch, bytes(volume));
        };
    }

    private static long bytes(String text) {
        return ByteSize.parse(text).bytes();
    }

    private void print(Scratch scratch, Figures figures) throws IOException {
        Environment here = Environment.here(scratch.clock());
        if (isJson) {
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            ObjectNode root = json.createObjectNode();
            here.putInto(root.putObject("environment"));
            root.put("seconds", seconds).put("rounds", rounds);
            figures.putInto(root.putObject("figures"));
            System.out.println(json.writeValueAsString(root));
            return;
        }
        System.out.println("# Snapshots and their bars\n");
        System.out.println(here.markdown());
        System.out.println("- command: `firn bench "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs()) + "`");
        System.out.println("- " + rounds + " rounds, loads of " + seconds + " s; the base of the incremental is "
                + written + " of " + size + ", scaled down\n");
        figures.printMarkdown(System.out);
    }
}
