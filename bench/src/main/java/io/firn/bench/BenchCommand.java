package io.firn.bench;

import io.firn.bench.library.LibraryCommand;
import io.firn.bench.library.VolumeCommand;
import io.firn.bench.s3.S3Command;
import io.firn.bench.snapshot.SnapshotBenchCommand;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code firn bench}: the questions of this module, from the command line; {@code firn bench micro} hands over to JMH. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures S3 endpoints, the libraries and snapshots.",
        footer = {"", "  firn bench micro REGEX...   runs JMH benchmarks, with JMH's own options"},
        subcommands = {S3Command.class, LibraryCommand.class, VolumeCommand.class, SnapshotBenchCommand.class})
public final class BenchCommand {
    private BenchCommand() {}

    /** What every result begins with, for scripts that gather results. */
    @Command(name = "environment", description = "Prints this machine, JDK and commit as a Markdown list.")
    int environment() {
        System.out.println(Environment.here(new SystemClock()).markdown());
        return CommandLine.ExitCode.OK;
    }

    /** Exits with 0, or 1 when requests failed, or 2 when the question could not be asked. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0 && arguments[0].equals("micro")) {
            // JMH reads its own options.
            org.openjdk.jmh.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        System.exit(new CommandLine(new BenchCommand())
                .setCommandName("firn bench")
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (!(failure instanceof IOException || failure instanceof IllegalArgumentException)) {
                        throw failure;
                    }
                    command.getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(arguments));
    }
}
