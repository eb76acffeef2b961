package io.firn.server.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.firn.io.FileChannelDisk;
import io.firn.server.FirnServer;
import io.firn.server.users.KeyPair;
import io.firn.server.users.User;
import io.firn.server.users.UserStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn credentials}: shows the keys of a user to whoever may read the data folder. */
@Command(
        name = "credentials",
        mixinStandardHelpOptions = true,
        description = "Prints a user's keys as shell exports, from a data folder (a server may be running on it).",
        footerHeading = "%nExamples:%n",
        footer = {"  eval \"$(firn credentials --data ./data)\"", "  firn credentials ann --data ./data --json"})
final class CredentialsCommand implements Runnable {
    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            defaultValue = User.ROOT,
            description = "The user (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The server's data folder.")
    private Path data;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Path folder = FirnServer.privateFolder(data);
        if (!FileChannelDisk.openExisting(data).exists(String.valueOf(folder.getFileName()))) {
            throw new CommandFailed(data + " is no data folder: 'firn serve --data " + data + "' makes it one");
        }
        KeyPair keys = UserStore.open(FileChannelDisk.openOwnerOnly(folder), RootKeys.fromEnvironment())
                .byName(name)
                .orElseThrow(() -> new CommandFailed("there is no user " + name))
                .keys();
        PrintWriter out = spec.commandLine().getOut();
        if (isJson) {
            out.println(JsonNodeFactory.instance
                    .objectNode()
                    .put("name", name)
                    .put("accessKey", keys.accessKey())
                    .put("secretKey", keys.secretKey().reveal()));
        } else {
            out.println("export AWS_ACCESS_KEY_ID=" + quoted(keys.accessKey()));
            out.println(
                    "export AWS_SECRET_ACCESS_KEY=" + quoted(keys.secretKey().reveal()));
        }
        out.flush();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
