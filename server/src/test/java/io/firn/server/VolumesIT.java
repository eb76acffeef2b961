package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volumes of a real server through real NBD clients, killed in between: nbdinfo, nbdcopy, qemu-img, qemu-io, fio and, where it may be
 * mounted, ext4. What the clients do is {@code src/test/volumes/volumes.sh}.
 */
@Timeout(600)
final class VolumesIT {
    private static final List<String> TOOLS =
            List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io", "fio", "nbdfuse", "mkfs.ext4");

    @TempDir
    Path folder;

    @Test
    void whatClientsWroteIsThereAfterAKill() throws Exception {
        List<String> missing = TOOLS.stream().filter(tool -> !isInstalled(tool)).toList();
        assumeTrue(
                missing.isEmpty() || Boolean.parseBoolean(System.getenv("CI")),
                "not installed: " + missing + "; .ci/run installs them");
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        Path socket = folder.resolve("nbd.sock");
        Files.createDirectories(data);
        for (String name : List.of("disk", "files")) {
            run(ServerProcess.command(
                    log, List.of("volume", "create", name, "--size", "256MiB", "--data", data.toString())));
        }
        List<String> arguments = List.of("--nbd-socket", socket.toString());
        try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
            clients(socket, "write");
            server.kill();
        }
        try (ServerProcess again = ServerProcess.start(data, log, arguments)) {
            clients(socket, "check");
            again.stop();
        }
        run(ServerProcess.command(log, List.of("volume", "verify", "--data", data.toString())));
    }

    private void clients(Path socket, String phase) throws Exception {
        Path script = Path.of("src", "test", "volumes", "volumes.sh").toAbsolutePath();
        run(new ProcessBuilder(
                new ArrayList<>(List.of("bash", script.toString(), socket.toString(), folder.toString(), phase))));
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
