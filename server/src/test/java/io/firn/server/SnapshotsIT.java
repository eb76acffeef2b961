package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Snapshots of a real server through its commands and real NBD clients, killed while a snapshot uploads and while restored volumes are
 * filled. What the clients do is {@code src/test/volumes/snapshots.sh}.
 */
@Timeout(900)
final class SnapshotsIT {
    private static final List<String> TOOLS =
            List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io", "nbdfuse", "mkfs.ext4");

    @TempDir
    Path folder;

    @Test
    void snapshotsAndRestoredVolumesSurviveKills() throws Exception {
        List<String> missing = TOOLS.stream().filter(tool -> !isInstalled(tool)).toList();
        assumeTrue(
                missing.isEmpty() || Boolean.parseBoolean(System.getenv("CI")),
                "not installed: " + missing + "; .ci/run installs them");
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        Files.createDirectories(data);
        for (String name : List.of("disk", "files")) {
            run(ServerProcess.command(
                    log, List.of("volume", "create", name, "--size", "256MiB", "--data", data.toString())));
        }
        List<String> arguments =
                List.of("--nbd-socket", folder.resolve("nbd.sock").toString());
        for (String phase : List.of("days", "restore", "check")) {
            try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
                clients(server, phase);
                server.kill();
            }
        }
        run(ServerProcess.command(log, List.of("snapshot", "ls", "--data", data.toString())));
        run(ServerProcess.command(log, List.of("volume", "verify", "--data", data.toString())));
    }

    private void clients(ServerProcess server, String phase) throws Exception {
        Path script = Path.of("src", "test", "volumes", "snapshots.sh").toAbsolutePath();
        ProcessBuilder firn = ServerProcess.command(folder.resolve("log"), List.of());
        ProcessBuilder clients = new ProcessBuilder(
                "bash",
                script.toString(),
                folder.resolve("nbd.sock").toString(),
                folder.toString(),
                server.endpoint().toString(),
                phase);
        clients.environment().putAll(firn.environment());
        clients.environment().put("FIRN", String.join(" ", firn.command()));
        run(clients);
    }

    private void run(ProcessBuilder command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = command.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> command.command() + " said:\n" + read(output));
    }

    private static String read(Path output) {
        try {
            return Files.readString(output, UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean isInstalled(String tool) {
        return java.util.regex.Pattern.compile(":")
                .splitAsStream(System.getenv("PATH"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}
