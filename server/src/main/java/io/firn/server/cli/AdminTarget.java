package io.firn.server.cli;

import io.firn.io.DirectoryLock;
import io.firn.io.FileChannelDisk;
import io.firn.server.FirnServer;
import io.firn.server.users.UserStore;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command works on: a running server, or a data folder that no server runs on. */
final class AdminTarget {
    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "A running server; calls are signed with FIRN_ROOT_ACCESS_KEY and FIRN_ROOT_SECRET_KEY.")
    private @Nullable URI endpoint;

    @Option(names = "--data", paramLabel = "DIR", description = "A data folder that no server is running on.")
    private @Nullable Path data;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            defaultValue = "us-east-1",
            description = "Region of the server (default: ${DEFAULT-VALUE}).")
    private String region;

    /** Does it over HTTP or on the users of the folder. */
    <T> T run(Function<AdminClient, T> remotely, Function<UserStore, T> offline) {
        return runOn(
                remotely,
                folder -> offline.apply(UserStore.open(
                        FileChannelDisk.openOwnerOnly(FirnServer.privateFolder(folder)), Optional.empty())));
    }

    /** Does it over HTTP or in the folder, which is locked meanwhile. */
    <T> T runOn(Function<AdminClient, T> remotely, Function<Path, T> offline) {
        if ((endpoint == null) == (data == null)) {
            throw new IllegalArgumentException("give either --endpoint URL or --data DIR");
        }
        Path folder = data;
        if (folder == null) {
            return remotely.apply(client());
        }
        DirectoryLock lock = DirectoryLock.acquire(folder);
        try {
            return offline.apply(folder);
        } finally {
            lock.close();
        }
    }

    /** Refuses a folder, for what lasts no longer than a server. */
    URI requireServer() {
        URI url = endpoint;
        if (url == null) {
            throw new IllegalArgumentException("this needs a running server: --endpoint URL");
        }
        return url;
    }

    /** A client of the server; for what cannot be done offline. */
    AdminClient client() {
        return new AdminClient(
                requireServer(),
                region,
                RootKeys.fromEnvironment()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "set " + RootKeys.ACCESS_KEY + " and " + RootKeys.SECRET_KEY + " to root's keys")));
    }
}
