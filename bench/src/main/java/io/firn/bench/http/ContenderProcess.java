package io.firn.bench.http;

import io.netty.handler.ssl.SslProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A contender in a JVM of its own: the handle on it, and (as {@link #main}) the JVM's entry.
 *
 * <p>CPU time is the process's own (user and system, garbage collection and compilation included), resolution 10 ms. Closing kills
 * the process.
 */
final class ContenderProcess implements AutoCloseable {
    private final Process process;
    private final Contender.Ports ports;

    private ContenderProcess(Process process, Contender.Ports ports) {
        this.process = process;
        this.ports = ports;
    }

    /** The contenders by name: the axes are transport, TLS engine and where the operation runs. */
    static Contender contender(String name) {
        return switch (name) {
            case "netty" ->
                new NettyContender(NettyContender.Transport.EPOLL, SslProvider.OPENSSL, NettyLoopHandler::new);
            case "netty-virtual" ->
                new NettyContender(NettyContender.Transport.EPOLL, SslProvider.OPENSSL, NettyVirtualHandler::new);
            case "netty-nio-virtual" ->
                new NettyContender(NettyContender.Transport.NIO, SslProvider.JDK, NettyVirtualHandler::new);
            case "jetty" -> new JettyContender();
            case "helidon" -> new HelidonContender();
            default -> throw new IllegalArgumentException("no contender " + name);
        };
    }

    /** Starts the contender with {@code heapMegabytes} of heap on this JVM's class path; returns when it listens. */
    static ContenderProcess fork(String name, int heapMegabytes) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx" + heapMegabytes + "m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ContenderProcess.class.getName(),
                        name))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("ready")) {
                return new ContenderProcess(
                        process, new Contender.Ports(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            }
        }
        throw new IOException(name + " ended before it listened");
    }

    /** Runs the contender named by the first argument until its parent ends; says {@code ready PORT TLSPORT}. */
    public static void main(String[] arguments) throws Exception {
        Contender.Ports ports = contender(arguments[0]).start();
        System.out.println("ready " + ports.plain() + " " + ports.tls());
        System.out.flush();
        // Ends with its parent, however that ends.
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().join());
        System.exit(0);
    }

    int port() {
        return ports.plain();
    }

    int tlsPort() {
        return ports.tls();
    }

    long cpuNanos() {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("this system tells no CPU time"))
                .toNanos();
    }

    /** Memory resident, as the kernel counts it. */
    long residentKilobytes() throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(process.pid())).start();
        return Long.parseLong(new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
