package io.firn.server.cli;

import io.firn.server.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code firn} command. */
@Command(
        name = "firn",
        mixinStandardHelpOptions = true,
        versionProvider = Firn.Versions.class,
        description = "A storage engine: objects over S3, volumes, snapshots and tiers that behave.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  firn serve --data ./data                      an S3 endpoint on 127.0.0.1:9000",
            "  eval \"$(firn credentials --data ./data)\"      its keys for aws, boto3, rclone ...",
            "  firn user add ann --data ./data               one more user",
            "  firn bench s3 --endpoint http://127.0.0.1:9000 --op put   how fast is it?",
            "",
            "'firn COMMAND --help' tells more about each."
        })
public final class Firn implements Runnable {
    private static final Map<String, Class<?>> SUBCOMMANDS = subcommands();

    /** What is run without the other subcommands at hand; the rest (help, completion, a slip of the pen) needs to know them all. */
    private static final Set<String> QUICK = Set.of(
            "serve",
            "user",
            "credentials",
            "clock",
            "volume",
            "snapshot",
            "verify",
            "scrub",
            "repair",
            "-V",
            "--version");

    private Firn() {}

    private static Map<String, Class<?>> subcommands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>(); // the order of the help
        commands.put("serve", ServeCommand.class);
        commands.put("user", UserCommand.class);
        commands.put("credentials", CredentialsCommand.class);
        commands.put("clock", ClockCommand.class);
        commands.put("volume", VolumeCommand.class);
        commands.put("snapshot", SnapshotCommand.class);
        commands.put("verify", CareCommands.Verify.class);
        commands.put("scrub", CareCommands.Scrub.class);
        commands.put("repair", CareCommands.Repair.class);
        commands.put("completion", CompletionCommand.class);
        commands.put("rehearse", RehearseCommand.class);
        return commands;
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"firn " + Version.text()};
        }
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Runs a command; returns what the process exits with. */
    static int execute(String... arguments) {
        return commandLineFor(arguments).execute(arguments);
    }

    /** The command with all its subcommands. */
    static CommandLine commandLine() {
        CommandLine line = bare();
        SUBCOMMANDS.forEach(line::addSubcommand);
        return handling(line);
    }

    /** The command with what these arguments need: reading the annotations of all commands takes longer than most of them run. */
    private static CommandLine commandLineFor(String... arguments) {
        if (arguments.length == 0 || !QUICK.contains(arguments[0])) {
            return commandLine();
        }
        CommandLine line = bare();
        Class<?> subcommand = SUBCOMMANDS.get(arguments[0]);
        if (subcommand != null) {
            line.addSubcommand(arguments[0], subcommand);
        }
        return handling(line);
    }

    private static CommandLine bare() {
        return new CommandLine(new Firn());
    }

    private static CommandLine handling(CommandLine line) {
        return line.setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(command.getColorScheme().errorText("firn: " + Failures.text(failure)));
                    return failure instanceof IllegalArgumentException
                            ? CommandLine.ExitCode.USAGE
                            : CommandLine.ExitCode.SOFTWARE;
                })
                .setUsageHelpAutoWidth(true);
    }

    public static void main(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println("firn " + Version.text()); // asked by scripts, often: without the parser
            return;
        }
        int exit = execute(arguments);
        if (exit != 0) {
            System.exit(exit);
        }
    }
}
