package io.firn.bench.library;

import io.firn.bench.Environment;
import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.ByteSize;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn bench volume}: the volume store in this process, on a folder of the disk to measure. */
@Command(
        name = "volume",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures the volume store as a library: seals under load, reads with views, opening after a kill, a full log.",
        footer = {
            "",
            "Examples:",
            "  firn bench volume --data /mnt/disk/firn-bench > result.md",
            "  firn bench volume --data DIR --only seals,views --seconds 30 --rounds 5",
            "  firn bench volume --data DIR --only steady --log 8GiB",
            "",
            "Needs about 8 GiB in DIR, removed at the end; nothing else in DIR is touched."
        })
public final class VolumeCommand implements Callable<Integer> {
    private enum Question {
        SEALS,
        VIEWS,
        REOPEN,
        STEADY
    }

    private static final class Size implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return ByteSize.parse(text).bytes();
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "folder on the disk to measure; made if missing")
    private Path data;

    @Option(names = "--seconds", defaultValue = "20", description = "of each measurement (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "of each, in turn; the full log once (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--only", split = ",", description = "some of ${COMPLETION-CANDIDATES}; all unless given")
    private Set<Question> questions = EnumSet.allOf(Question.class);

    @Option(
            names = "--size",
            defaultValue = "1GiB",
            converter = Size.class,
            description = "of the volumes (${DEFAULT-VALUE}); but see --log")
    private long volumeBytes;

    @Option(
            names = "--rate",
            defaultValue = "20000",
            description = "4 KiB writes a second beside seals (${DEFAULT-VALUE})")
    private int perSecond;

    @Option(names = "--seal-millis", defaultValue = "100", description = "from seal to seal (${DEFAULT-VALUE})")
    private int sealMillis;

    @Option(names = "--views", defaultValue = "1000", description = "of the volume that is read (${DEFAULT-VALUE})")
    private int views;

    @Option(
            names = "--tail",
            defaultValue = "1GiB",
            converter = Size.class,
            description = "of log behind the last checkpoint (${DEFAULT-VALUE})")
    private long tailBytes;

    @Option(
            names = "--log",
            defaultValue = "4GiB",
            converter = Size.class,
            description = "what the log of the steady state may take (${DEFAULT-VALUE})")
    private long logBytes;

    @Option(names = "--full", defaultValue = "0.8", description = "its share that is needed (${DEFAULT-VALUE})")
    private double full;

    @Option(
            names = "--overwrites",
            defaultValue = "10800000",
            description = "4 KiB writes in the steady state (${DEFAULT-VALUE}, an hour of gp3's 3,000 a second)")
    private long overwrites;

    @Option(names = "--burst", defaultValue = "32", description = "4 KiB writes to a batch (${DEFAULT-VALUE})")
    private int burst;

    @Option(names = "--json", description = "machine-readable result")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scratch scratch = new Scratch(data.toAbsolutePath(), new SystemClock());
        Figures figures = new Figures();
        if (questions.contains(Question.SEALS)) {
            new SealStalls(scratch, volumeBytes, perSecond, seconds, Duration.ofMillis(sealMillis))
                    .measure(figures, rounds);
        }
        if (questions.contains(Question.VIEWS)) {
            new ViewReads(scratch, volumeBytes, views, seconds).measure(figures, rounds);
        }
        if (questions.contains(Question.REOPEN)) {
            TailReopen reopen = new TailReopen(scratch, volumeBytes, tailBytes);
            for (int round = 0; round < rounds; round++) {
                reopen.measure(figures, burst);
                reopen.measure(figures, 1);
            }
        }
        if (questions.contains(Question.STEADY)) {
            new SteadyState(scratch, logBytes, full, overwrites, burst).measure(figures);
        }
        Result result = new Result(
                "The volume store in one process", spec, Environment.here(scratch.clock()), seconds, rounds, figures);
        if (isJson) {
            result.printJson();
        } else {
            result.printMarkdown();
        }
        return 0;
    }
}
