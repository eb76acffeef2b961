package io.firn.bench.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against an HTTP server that is not ours (the JDK's), which answers by the path it is asked. */
class S3ClientTest {
    private static final Credentials CREDENTIALS = new Credentials("access", "secret", "us-east-1");

    private final Set<Integer> clientPorts = ConcurrentHashMap.newKeySet();
    private HttpServer server;
    private Endpoint endpoint;
    private S3Client client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        endpoint = new Endpoint(false, "127.0.0.1", server.getAddress().getPort());
        client = new S3Client(endpoint, CREDENTIALS, new SystemClock());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        clientPorts.add(exchange.getRemoteAddress().getPort());
        byte[] received = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith("/bucket/missing")) {
            byte[] error = "<Error><Code>NoSuchKey</Code></Error>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(404, error.length);
            exchange.getResponseBody().write(error);
        } else if (path.startsWith("/bucket/chunked")) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[300_000]);
        } else if (exchange.getRequestMethod().toUpperCase(Locale.ROOT).equals("GET")) {
            exchange.sendResponseHeaders(200, 100_000);
            exchange.getResponseBody().write(new byte[100_000]);
        } else {
            exchange.getResponseHeaders().add("ETag", "\"" + received.length + "\"");
            exchange.sendResponseHeaders(200, -1);
        }
        exchange.close();
    }

    @Test
    void bodiesAreSentAndCountedOnOneConnection() throws IOException {
        ByteBuffer body = ByteBuffer.allocateDirect(1 << 20);
        S3Client.Answer put = client.send("PUT", "/bucket/key", "", RequestSigner.UNSIGNED, body, true);
        assertEquals("\"1048576\"", put.etag());
        assertEquals(100_000, client.send("GET", "/bucket/key", "", false).bodyBytes());
        assertEquals(300_000, client.send("GET", "/bucket/chunked", "", false).bodyBytes());
        assertEquals(100_000, client.send("GET", "/bucket/key", "", false).bodyBytes());
        assertEquals(1, clientPorts.size());
    }

    @Test
    void errorsAreNamedByTheirCode() throws IOException {
        S3Client.Answer answer = client.send("GET", "/bucket/missing", "", false);
        assertFalse(answer.isGood());
        assertEquals("NoSuchKey", answer.errorCode());
    }

    @Test
    void aLoadRunCountsErrorsByCodeAndGoodRequests() throws Exception {
        LoadPlan good = new LoadPlan(Operation.PUT, 4096, 8 << 20, 2, 10, "bucket", true);
        try (LoadRun run = new LoadRun(good, endpoint, CREDENTIALS, new SystemClock(), 1)) {
            run.prepare();
            LoadRun.Round round = run.run(Duration.ofMillis(300));
            assertTrue(round.tally().requests() > 0);
            assertEquals(round.tally().requests() * 4096, round.tally().bytes());
            assertEquals(0, round.tally().errors().size());
        }
        // The server answers 100,000 bytes where 4,096 were put.
        LoadPlan wrong = new LoadPlan(Operation.GET, 4096, 8 << 20, 2, 10, "bucket", true);
        try (LoadRun run = new LoadRun(wrong, endpoint, CREDENTIALS, new SystemClock(), 1)) {
            LoadRun.Round round = run.run(Duration.ofMillis(200));
            assertEquals(0, round.tally().requests());
            assertEquals(Set.of("wrong length 100000"), round.tally().errors().keySet());
        }
    }

    @Test
    void theRequestAfterALostConnectionOpensANewOne() throws IOException {
        client.send("GET", "/bucket/key", "", false);
        server.stop(0);
        assertThrows(IOException.class, () -> client.send("GET", "/bucket/key", "", false));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port()), 0);
        server.createContext("/", this::answer);
        server.start();
        assertTrue(client.send("GET", "/bucket/key", "", false).isGood());
    }
}
