package io.firn.server.cli;

import io.firn.server.FirnServer;
import io.firn.server.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Goes through what a start does, once, in a folder that is thrown away: the launcher makes its class cache from it. */
@Command(name = "rehearse", hidden = true, description = "Trains the class cache.")
final class RehearseCommand implements Runnable {
    @Parameters(paramLabel = "DIR")
    private Path folder;

    @Override
    public void run() {
        CommandLine line = Firn.commandLine();
        line.getUsageMessage();
        line.getSubcommands().values().forEach(CommandLine::getUsageMessage);
        Firn.execute("--version");
        Firn.execute("user", "add", "rehearsal", "--data", folder.toString());
        Firn.execute("user", "ls", "--data", folder.toString());
        ServerOptions options = new ServerOptions(
                folder,
                List.of(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ServerOptions.Security.Plain(),
                new ServerOptions.Time.Machine(),
                "us-east-1",
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false);
        // A new folder, then one that has something in it: the second start reads what the first wrote.
        for (int start = 0; start < 2; start++) {
            try (FirnServer server = FirnServer.start(options)) {
                AdminClient client = new AdminClient(
                        server.endpoint(),
                        options.region(),
                        server.users().root().keys());
                for (int i = 0; i < 20; i++) {
                    client.call("GET", "/_firn/health", new byte[0]);
                }
            }
        }
    }
}
