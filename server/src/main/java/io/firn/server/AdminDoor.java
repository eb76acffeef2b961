package io.firn.server;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.RequestBodyException;
import io.firn.server.log.PrometheusText;
import io.firn.server.log.RequestFacts;
import io.firn.server.snapshots.SnapshotCare;
import io.firn.server.users.UserJson;
import io.firn.server.users.UserStore;
import io.firn.server.volumes.VolumeCare;
import io.firn.server.wire.Json;
import io.firn.snapshot.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operator's calls under {@code /_firn/}: JSON in, JSON out, but for the blocks of images, which are bytes; errors as {@code {"error": "..."}}. Health and figures are open to
 * whoever reaches the port, like any probe's; the rest is for root, signed like an S3 request.
 */
final class AdminDoor implements Door {
    private static final int MAX_BODY_BYTES = 64 << 10;

    private static final String SNAPSHOTS = "/_firn/snapshots";

    /** A block of a snapshot: its bytes are what a GET answers and a PUT carries. */
    private static final Pattern BLOCK = Pattern.compile(SNAPSHOTS + "/([a-z0-9-]{1,40})/blocks/([0-9]{1,8})");

    private static final String USERS = "/_firn/users";

    /** Who may. */
    @FunctionalInterface
    interface RootCheck {
        /** True when root signed this request and this body. */
        boolean isByRoot(HttpExchange exchange, byte[] body);
    }

    /** Loads what the first reply needs. */
    static void prepare() {
        Json.write(JsonNodeFactory.instance.objectNode());
    }

    /** A body that is binary goes as it is. */
    private record Reply(int status, JsonNode body) {
        static Reply error(int status, String message) {
            return new Reply(status, JsonNodeFactory.instance.objectNode().put("error", message));
        }
    }

    private final UserStore users;
    private final ServerTime time;
    private final StoreCare care;
    private final VolumeCare volumes;
    private final SnapshotCare snapshots;
    private final RootCheck rootCheck;
    private final Consumer<PrometheusText> figures;

    AdminDoor(
            UserStore users,
            ServerTime time,
            StoreCare care,
            VolumeCare volumes,
            SnapshotCare snapshots,
            RootCheck rootCheck,
            Consumer<PrometheusText> figures) {
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.users = users;
        this.time = time;
        this.care = care;
        this.rootCheck = rootCheck;
        this.figures = figures;
    }

    @Override
    public RequestFacts serve(HttpExchange exchange) {
        boolean isGet = exchange.method().equals("GET") || exchange.method().equals("HEAD");
        if (isGet && exchange.rawPath().equals("/_firn/metrics")) {
            PrometheusText page = new PrometheusText();
            figures.accept(page);
            exchange.respond(
                    200,
                    new HeaderList().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8"),
                    page.toBytes());
            return RequestFacts.unknown("FirnMetrics");
        }
        if (isGet && exchange.rawPath().equals("/_firn/health")) {
            reply(exchange, new Reply(200, health()));
            return RequestFacts.unknown("FirnHealth");
        }
        reply(exchange, forRoot(exchange));
        return RequestFacts.unknown("FirnAdmin");
    }

    private ObjectNode health() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("status", "ready")
                .put("version", Version.text())
                .put("time", time.clock().now().toString());
    }

    private Reply forRoot(HttpExchange exchange) {
        Matcher block = BLOCK.matcher(exchange.rawPath());
        boolean isPut = block.matches() && exchange.method().equals("PUT");
        int maxBytes = isPut ? Chunk.BLOCK_BYTES + 1 : MAX_BODY_BYTES;
        ByteBuffer body = ByteBuffer.allocate(maxBytes);
        try {
            exchange.body().readFully(body);
        } catch (RequestBodyException broken) {
            return Reply.error(400, "the body is not whole: " + broken.reason());
        }
        if (!body.hasRemaining()) {
            return Reply.error(413, "the body is longer than " + maxBytes + " bytes");
        }
        byte[] bytes = new byte[body.flip().remaining()];
        body.get(bytes);
        if (!rootCheck.isByRoot(exchange, bytes)) {
            return Reply.error(403, "this call must be signed with root's keys");
        }
        try {
            if (block.matches()) {
                return block(exchange.method(), block.group(1), Integer.parseInt(block.group(2)), bytes);
            }
            return answer(exchange, bytes.length == 0 ? JsonNodeFactory.instance.objectNode() : Json.read(bytes));
        } catch (JacksonException e) {
            return Reply.error(400, "the body is not JSON");
        } catch (IOException e) {
            return Reply.error(400, "the body cannot be read");
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            return Reply.error(400, String.valueOf(e.getMessage()));
        }
    }

    private Reply answer(HttpExchange exchange, JsonNode body) {
        String path = exchange.rawPath();
        String call = exchange.method() + " " + path;
        return switch (call) {
            case "GET /_firn/clock" -> new Reply(200, now());
            case "POST /_firn/clock" -> {
                time.advance(Duration.parse(body.path("advance").asText()));
                yield new Reply(200, now());
            }
            case "POST /_firn/verify" -> new Reply(200, care.verify());
            case "POST /_firn/scrub" -> new Reply(200, care.scrub());
            case "POST /_firn/repair" ->
                new Reply(200, care.repair(body.path("zone").asText("")));
            case "POST /_firn/volumes" -> new Reply(200, volumes.call(body));
            case "POST " + SNAPSHOTS -> new Reply(200, snapshots.call(body));
            case "GET /_firn/users" -> {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                users.all().forEach(user -> list.add(UserJson.of(user)));
                yield new Reply(200, list);
            }
            case "POST /_firn/users" ->
                switch (users.add(UserJson.parse(body).complete())) {
                    case UserStore.Added.Done done -> new Reply(201, UserJson.withSecret(done.user()));
                    case UserStore.Added.Taken taken ->
                        Reply.error(409, "another user has this " + taken.what() + " already");
                };
            default -> {
                if (exchange.method().equals("DELETE") && path.startsWith(USERS + "/")) {
                    String name = path.substring(USERS.length() + 1);
                    yield users.remove(name)
                            ? new Reply(
                                    200, JsonNodeFactory.instance.objectNode().put("removed", name))
                            : Reply.error(404, "there is no user " + name);
                }
                yield Reply.error(404, "no such call: " + call);
            }
        };
    }

    private Reply block(String method, String snapshot, int block, byte[] body) {
        return switch (method) {
            case "GET" -> new Reply(200, JsonNodeFactory.instance.binaryNode(snapshots.readBlock(snapshot, block)));
            case "PUT" -> {
                snapshots.putBlock(snapshot, block, body);
                yield new Reply(200, JsonNodeFactory.instance.objectNode());
            }
            default -> Reply.error(404, "no such call: " + method + " of a block");
        };
    }

    private ObjectNode now() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("now", time.clock().now().toString())
                .put("virtual", time.isVirtual());
    }

    private static void reply(HttpExchange exchange, Reply reply) {
        String type = reply.body().isBinary() ? "application/octet-stream" : "application/json";
        exchange.respond(reply.status(), new HeaderList().add("Content-Type", type), encode(reply.body()));
    }

    private static byte[] encode(JsonNode body) {
        try {
            return body.isBinary() ? body.binaryValue() : Json.write(body);
        } catch (IOException e) {
            throw new IllegalStateException("a tree in memory cannot fail to be written", e);
        }
    }
}
