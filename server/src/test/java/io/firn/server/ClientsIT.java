package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The scripts of {@code src/test/clients}, each over HTTP and over HTTPS. One whose client is not on this machine is skipped and says
 * so, except in continuous integration, which installs all but Terraform.
 */
final class ClientsIT {
    private static final Path SCRIPTS = Path.of("src", "test", "clients");
    private static final String DEDUPLICATION = "snapshot-deduplication.sh";
    private static final int NO_CLIENT = 77;
    private static final int MAX_MINUTES = 8;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess plain;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess secure;

    /** Deduplicates snapshots, and exports volumes. */
    @SuppressWarnings("NullAway.Init")
    private static ServerProcess linking;

    @BeforeAll
    static void start() throws IOException {
        plain = ServerProcess.start(folder.resolve("plain"), folder.resolve("plain.log"), List.of());
        secure = ServerProcess.start(
                folder.resolve("secure"), folder.resolve("secure.log"), List.of("--tls", "self-signed"));
        linking = ServerProcess.start(
                folder.resolve("linking"),
                folder.resolve("linking.log"),
                List.of("--snapshot-deduplication", "--nbd-socket", socket().toString()));
    }

    private static Path socket() {
        return folder.resolve("nbd.sock");
    }

    @AfterAll
    static void stop() {
        assertTrue(plain.stop() >= 0);
        assertTrue(secure.stop() >= 0);
        assertTrue(linking.stop() >= 0);
    }

    static List<String> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".sh") && !name.endsWith("prelude.sh"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void overHttp(String script) throws Exception {
        run(script, script.equals(DEDUPLICATION) ? linking : plain);
    }

    /** The door of EC2 is behind the same connections as that of S3: one of its scripts is enough, each takes a minute or two. */
    static List<String> secureScripts() throws IOException {
        return scripts().stream()
                .filter(name -> name.equals("ec2-ebs.sh") || !name.contains("ec2"))
                .filter(name -> !name.equals(DEDUPLICATION))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("secureScripts")
    void overHttps(String script) throws Exception {
        run(script, secure);
    }

    private static void run(String script, ServerProcess server) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                SCRIPTS.resolve(script).toString(),
                server.endpoint().toString(),
                ServerProcess.ACCESS_KEY,
                ServerProcess.SECRET_KEY));
        server.certificate().ifPresent(path -> command.add(path.toString()));
        Path log = Files.createTempFile(folder, script, ".log");
        ProcessBuilder firn = ServerProcess.command(folder.resolve("firn.log"), List.of());
        ProcessBuilder client = new ProcessBuilder(command);
        client.environment().put("FIRN", String.join(" ", firn.command()));
        client.environment().put("NBD_SOCKET", socket().toString());
        Process process = client.redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        boolean isDone = process.waitFor(MAX_MINUTES, TimeUnit.MINUTES);
        if (!isDone) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = new String(Files.readAllBytes(log), UTF_8);
        assertTrue(isDone, () -> script + " takes more than " + MAX_MINUTES + " minutes:\n" + said);
        if (process.exitValue() == NO_CLIENT) {
            assertFalse(
                    "true".equals(System.getenv("CI")) && !script.startsWith("terraform"),
                    () -> "not to be skipped in continuous integration: " + said);
            abort(said.strip());
        }
        assertEquals(0, process.exitValue(), said);
    }
}
