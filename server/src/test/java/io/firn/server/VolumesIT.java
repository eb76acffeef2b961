package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volumes of a real server through real NBD clients, killed in between: nbdinfo, nbdcopy, qemu-img, qemu-io, fio and, where it may be
 * mounted, ext4 with PostgreSQL on it. What the clients do is in {@code src/test/volumes/}.
 */
@Timeout(600)
final class VolumesIT {
    private static final int KILLS = Integer.getInteger("firn.kills", 2);

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void makesFolders() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        log = folder.resolve("log");
    }

    private static void need(String... tools) {
        List<String> missing =
                Stream.of(tools).filter(tool -> !isInstalled(tool)).toList();
        assumeTrue(
                missing.isEmpty() || Boolean.parseBoolean(System.getenv("CI")),
                "not installed: " + missing + "; .ci/run installs them");
    }

    private void create(String name, String size) throws Exception {
        run(ServerProcess.command(log, List.of("volume", "create", name, "--size", size, "--data", data.toString())));
    }

    @Test
    void whatClientsWroteIsThereAfterAKill() throws Exception {
        need("nbdinfo", "nbdcopy", "qemu-img", "qemu-io", "fio", "nbdfuse", "mkfs.ext4");
        Path socket = folder.resolve("nbd.sock");
        create("disk", "256MiB");
        create("files", "256MiB");
        List<String> arguments = List.of("--nbd-socket", socket.toString());
        try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
            script("volumes.sh", socket.toString(), folder.toString(), "write");
            server.kill();
        }
        try (ServerProcess again = ServerProcess.start(data, log, arguments)) {
            script("volumes.sh", socket.toString(), folder.toString(), "check");
            again.stop();
        }
        run(ServerProcess.command(log, List.of("volume", "verify", "--data", data.toString())));
    }

    /** Blocks, an ext4 file system and PostgreSQL at work, the server killed under them, and all of them look at what they find. */
    @Test
    void whatWasAtWorkGoesOnAfterAKill() throws Exception {
        need("nbdsh", "nbdfuse", "mkfs.ext4", "setpriv", "fio");
        Path socket = folder.resolve("nbd.sock");
        create("disk", "200MiB");
        create("files", "512MiB");
        create("verified", "64MiB");
        List<String> arguments = List.of("--nbd-socket", socket.toString());
        for (int kill = 1; kill <= KILLS; kill++) {
            try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
                Process load = start(plug(socket, "load"));
                while (load.isAlive() && !Files.exists(folder.resolve("running"))) {
                    Thread.sleep(50);
                }
                Thread.sleep(1_000 + 300L * kill);
                server.kill();
                assertEquals(0, load.waitFor(), () -> "the load said:\n" + read(folder.resolve("output")));
            }
        }
        try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
            run(plug(socket, "check"));
            server.stop();
        }
        run(ServerProcess.command(log, List.of("volume", "verify", "--data", data.toString())));
    }

    private ProcessBuilder plug(Path socket, String phase) {
        return bash("plug.sh", socket.toString(), folder.toString(), phase);
    }

    /** A server that makes its own certificate, which clients are told to trust. */
    @Test
    void servesNothingWithoutTlsWhereItIsRequired() throws Exception {
        need("nbdinfo", "nbdcopy", "qemu-img");
        create("disk", "64MiB");
        try (ServerProcess server =
                ServerProcess.start(data, log, List.of("--nbd-port", "0", "--nbd-tls", "required"))) {
            Path trusted = Files.createDirectories(folder.resolve("tls"));
            Files.copy(server.certificate().orElseThrow(), trusted.resolve("ca-cert.pem"));
            script("tls.sh", String.valueOf(server.nbdPort()), folder.toString(), "required");
        }
    }

    /** Certificates on both sides; plain NBD beside them. */
    @Test
    void asksClientsForCertificates() throws Exception {
        need("nbdinfo", "nbdcopy", "qemu-img", "openssl");
        create("disk", "64MiB");
        script("tls.sh", "make", folder.toString());
        List<String> arguments = new ArrayList<>(List.of("--nbd-port", "0", "--nbd-tls", "selective"));
        arguments.addAll(
                List.of("--nbd-tls-cert", folder.resolve("server-cert.pem").toString()));
        arguments.addAll(
                List.of("--nbd-tls-key", folder.resolve("server-key.pem").toString()));
        arguments.addAll(
                List.of("--nbd-tls-ca", folder.resolve("tls/ca-cert.pem").toString()));
        try (ServerProcess server = ServerProcess.start(data, log, arguments)) {
            script("tls.sh", String.valueOf(server.nbdPort()), folder.toString(), "selective");
        }
    }

    private void script(String name, String... arguments) throws Exception {
        run(bash(name, arguments));
    }

    private static ProcessBuilder bash(String name, String... arguments) {
        Path script = Path.of("src", "test", "volumes", name).toAbsolutePath();
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private void run(ProcessBuilder command) throws IOException, InterruptedException {
        Process process = start(command);
        assertEquals(0, process.waitFor(), () -> command.command() + " said:\n" + read(folder.resolve("output")));
    }

    private Process start(ProcessBuilder command) throws IOException {
        return command.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
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
