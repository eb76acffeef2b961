package io.firn.bench.library;

import io.firn.bench.Environment;
import io.firn.bench.Figures;
import io.firn.bench.Scratch;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn bench library}: the store in this process, on a folder of the disk to measure. */
@Command(
        name = "library",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures the object store as a library beside the disk's own limits.",
        footer = {
            "",
            "Examples:",
            "  firn bench library --data /mnt/disk/firn-bench",
            "  firn bench library --data DIR --keys 100000,1000000,5000000 --seconds 10 --rounds 5 > result.md",
            "",
            "The filled stores stay in DIR for the next run unless --clear is given."
        })
public final class LibraryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "folder on the disk to measure; made if missing")
    private Path data;

    @Option(names = "--seconds", defaultValue = "5", description = "of each measurement (${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "of everything, in turn (${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--keys",
            split = ",",
            defaultValue = "100000,1000000",
            description = "sizes of the stores that are listed and opened (${DEFAULT-VALUE}); 0 for none")
    private List<Integer> keys;

    @Option(names = "--no-puts", description = "leave the small puts out")
    private boolean isWithoutPuts;

    @Option(names = "--clear", description = "remove the filled stores at the end")
    private boolean isCleared;

    @Option(names = "--json", description = "machine-readable result")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scratch scratch = new Scratch(data.toAbsolutePath(), new SystemClock());
        Figures figures = new Figures();
        List<ManyKeys> stores = keys.stream()
                .filter(count -> count > 0)
                .map(count -> new ManyKeys(scratch, count))
                .toList();
        for (ManyKeys store : stores) {
            store.fill(figures);
        }
        SmallPuts puts = new SmallPuts(scratch, seconds);
        if (!isWithoutPuts) {
            puts.warmUp();
        }
        for (int round = 0; round < rounds; round++) {
            if (!isWithoutPuts) {
                puts.measure(figures);
            }
            for (ManyKeys store : stores) {
                store.measure(figures, seconds);
            }
        }
        SmallPuts.ratios(figures);
        if (isCleared) {
            stores.forEach(ManyKeys::clear);
        }
        Result result = new Result(
                "The library beside the disk", spec, Environment.here(scratch.clock()), seconds, rounds, figures);
        if (isJson) {
            result.printJson();
        } else {
            result.printMarkdown();
        }
        return 0;
    }
}
