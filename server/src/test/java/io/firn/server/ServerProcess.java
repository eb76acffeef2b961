package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code firn serve} as a process of its own, from the jar that was built, on a free port of loopback. */
final class ServerProcess implements AutoCloseable {
    static final String ACCESS_KEY = "ROOTOFITS";
    static final String SECRET_KEY = "rootOfIntegrationTests0123456789abcdef";

    private static final Path JAR = Path.of("target", "server.jar").toAbsolutePath();

    private final Process process;
    private final Path log;
    private final URI endpoint;
    private final Optional<Path> certificate;
    private final List<String> nbd;

    private ServerProcess(Process process, Path log, URI endpoint, Optional<Path> certificate, List<String> nbd) {
        this.process = process;
        this.log = log;
        this.endpoint = endpoint;
        this.certificate = certificate;
        this.nbd = nbd;
    }

    /** Starts and waits until it said that it is ready; {@code log} receives what it says on standard error. */
    static ServerProcess start(Path data, Path log, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("serve", "--data", data.toString(), "--port", "0", "--json"));
        command.addAll(arguments);
        Process process = command(log, command).start();
        BufferedReader out = process.inputReader(UTF_8);
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the server ended: " + Files.readString(log));
        }
        JsonNode ready = new ObjectMapper().readTree(line);
        return new ServerProcess(
                process,
                log,
                URI.create(ready.path("endpoint").asText()),
                ready.has("certificate")
                        ? Optional.of(Path.of(ready.path("certificate").asText()))
                        : Optional.empty(),
                ready.path("nbd").valueStream().map(JsonNode::asText).toList());
    }

    /** The temporary folder of the processes that log to {@code log}. */
    static Path temporary(Path log) throws IOException {
        return Files.createDirectories(log.resolveSibling(log.getFileName() + ".tmp"));
    }

    /** Another command of the same jar, not started; it speaks on standard output alone when it may. */
    static ProcessBuilder command(Path log, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + temporary(log),
                "-jar",
                JAR.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("FIRN_ROOT_ACCESS_KEY", ACCESS_KEY);
        builder.environment().put("FIRN_ROOT_SECRET_KEY", SECRET_KEY);
        return builder;
    }

    URI endpoint() {
        return endpoint;
    }

    Optional<Path> certificate() {
        return certificate;
    }

    /** What the process has in memory now, as the kernel counts it. */
    long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("the kernel does not tell the memory of process " + process.pid());
    }

    /** The TCP port of its NBD server. */
    int nbdPort() {
        String address = nbd.getFirst();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** SIGKILL: the process has no say in it. */
    void kill() {
        process.destroyForcibly();
        await();
    }

    /** SIGTERM: requests under way are finished. Returns the exit code. */
    int stop() {
        process.destroy();
        return await();
    }

    private int await() {
        try {
            if (!process.waitFor(Duration.ofSeconds(60).toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
