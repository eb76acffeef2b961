package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.firn.io.StorageException;
import io.firn.server.FirnServer;
import io.firn.server.ServerOptions;
import io.firn.server.ServerOptions.Security;
import io.firn.server.ServerOptions.Time;
import io.firn.server.users.KeyPair;
import io.firn.server.users.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The composed server, through its admin calls. */
@Timeout(120)
final class FirnServerTest {
    private static final KeyPair ROOT = new KeyPair("rootkey", new Secret("rootsecret"));
    private static final byte[] NOTHING = {};

    @TempDir
    Path folder;

    private FirnServer start(Time time) {
        return FirnServer.start(new ServerOptions(
                folder,
                List.of(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Security.Plain(),
                time,
                "us-east-1",
                Optional.empty(),
                Optional.of(ROOT),
                List.of(),
                Optional.empty(),
                false));
    }

    private static AdminClient client(FirnServer server, KeyPair keys) {
        return new AdminClient(server.endpoint(), "us-east-1", keys);
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void healthAndFiguresAreOpenToAll() throws Exception {
        try (FirnServer server = start(new Time.Machine())) {
            assertEquals(200, get(server.endpoint().resolve("/_firn/health")).statusCode());
            String figures = get(server.endpoint().resolve("/_firn/metrics")).body();
            assertTrue(figures.contains("firn_requests_total{operation=\"FirnHealth\",status=\"200\"} 1\n"), figures);
            assertTrue(figures.contains("firn_request_seconds_count{operation=\"FirnHealth\"} 1\n"), figures);
        }
    }

    @Test
    void onlyRootManagesUsers() {
        try (FirnServer server = start(new Time.Machine())) {
            AdminClient root = client(server, ROOT);
            JsonNode ann = root.call("POST", "/_firn/users", "{\"name\": \"ann\"}".getBytes(UTF_8));
            assertEquals(2, root.call("GET", "/_firn/users", NOTHING).size());
            KeyPair annsKeys = new KeyPair(
                    ann.path("accessKey").asText(),
                    new Secret(ann.path("secretKey").asText()));
            assertThrows(CommandFailed.class, () -> client(server, annsKeys).call("GET", "/_firn/users", NOTHING));
            KeyPair wrong = new KeyPair("rootkey", new Secret("not the secret"));
            assertThrows(CommandFailed.class, () -> client(server, wrong).call("GET", "/_firn/users", NOTHING));
            root.call("DELETE", "/_firn/users/ann", NOTHING);
            assertEquals(1, root.call("GET", "/_firn/users", NOTHING).size());
        }
    }

    @Test
    void virtualTimeIsMovedByRootAndSurvivesARestart() {
        Instant start = Instant.parse("2030-01-01T00:00:00Z");
        byte[] advance = "{\"advance\": \"P30D\"}".getBytes(UTF_8);
        try (FirnServer server = start(new Time.Virtual(start))) {
            JsonNode now = client(server, ROOT).call("POST", "/_firn/clock", advance);
            assertEquals("2030-01-31T00:00:00Z", now.path("now").asText());
        }
        try (FirnServer server = start(new Time.Virtual(start))) {
            JsonNode now = client(server, ROOT).call("GET", "/_firn/clock", NOTHING);
            assertEquals("2030-01-31T00:00:00Z", now.path("now").asText());
        }
    }

    @Test
    void theMachinesClockIsNotMoved() {
        try (FirnServer server = start(new Time.Machine())) {
            byte[] advance = "{\"advance\": \"P1D\"}".getBytes(UTF_8);
            CommandFailed refused =
                    assertThrows(CommandFailed.class, () -> client(server, ROOT).call("POST", "/_firn/clock", advance));
            assertTrue(String.valueOf(refused.getMessage()).contains("virtual"));
        }
    }

    @Test
    void aSecondServerOnTheFolderIsRefused() {
        try (FirnServer server = start(new Time.Machine())) {
            assertTrue(server.endpoint().getPort() > 0);
            assertThrows(StorageException.Unavailable.class, () -> start(new Time.Machine()));
        }
        start(new Time.Machine()).close();
    }

    @Test
    void requestsAreLogged() throws Exception {
        try (FirnServer server = start(new Time.Machine())) {
            get(server.endpoint().resolve("/bucket/key?X-Amz-Signature=abc&x=1"));
        }
        try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
            String log = Files.readString(files.findFirst().orElseThrow());
            assertTrue(log.contains("\"GET /bucket/key?X-Amz-Signature=-&x=1 HTTP/1.1\""), log);
            assertTrue(
                    log.matches("(?s)- bucket \\[\\d\\d/[A-Z][a-z]{2}/[\\d:]{13} \\+0000] 127\\.0\\.0\\.1 .*\n"), log);
        }
    }
}
