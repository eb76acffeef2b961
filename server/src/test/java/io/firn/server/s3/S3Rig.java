package io.firn.server.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.io.Disk;
import io.firn.io.MemoryDisk;
import io.firn.io.SystemClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.auth.AccessKey;
import io.firn.server.auth.SigV4Options;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.http.HttpServer;
import io.firn.server.http.HttpServerOptions;
import io.firn.server.http.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The door over a store in memory behind a real HTTP server on loopback, with root and two accounts, and a client that signs. */
final class S3Rig implements AutoCloseable {
    static final String REGION = "us-east-1";
    static final RequestSigner ROOT = new RequestSigner("ROOTKEY", "root-secret", REGION);
    static final RequestSigner ALICE = new RequestSigner("ALICEKEY", "alice-secret", REGION);
    static final RequestSigner BOB = new RequestSigner("BOBKEY", "bob-secret", REGION);

    private static final Map<String, Caller> CALLERS = Map.of(
            ROOT.accessKey(), new Caller("root-id", "Root", true),
            ALICE.accessKey(), new Caller("alice-id", "Alice", false),
            BOB.accessKey(), new Caller("bob-id", "Bob", false));
    private static final Map<String, RequestSigner> SIGNERS =
            Map.of(ROOT.accessKey(), ROOT, ALICE.accessKey(), ALICE, BOB.accessKey(), BOB);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ObjectStore store;
    private final HttpServer server;

    S3Rig() {
        this(new MemoryDisk(), ObjectStoreOptions.DEFAULT);
    }

    S3Rig(Disk disk, ObjectStoreOptions options) {
        store = ObjectStore.openInMemory(List.of(disk), new SystemClock(), new Random(1), options);
        Accounts accounts = new Accounts() {
            @Override
            public Optional<Caller> byAccessKey(String accessKeyId) {
                return Optional.ofNullable(CALLERS.get(accessKeyId));
            }

            @Override
            public Optional<String> displayName(String canonicalId) {
                return CALLERS.values().stream()
                        .filter(caller -> caller.id().equals(canonicalId))
                        .map(Caller::displayName)
                        .findFirst();
            }
        };
        SigV4Verifier verifier = new SigV4Verifier(
                id -> Optional.ofNullable(SIGNERS.get(id)).map(key -> new AccessKey(id, key.secretKey())),
                SigV4Options.s3(REGION));
        S3Door door = new S3Door(
                store, new Authenticator(verifier, accounts, new SystemClock()), new Random(1), S3Options.DEFAULT);
        HttpServerOptions http = HttpServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(2));
        server = HttpServer.start(new SystemClock(), threads, http, door);
    }

    RawClient connect() {
        try {
            return new RawClient(server.address());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** One signed request on a connection of its own. */
    Reply send(RequestSigner signer, String method, String target, Map<String, String> headers, byte[] body) {
        try (RawClient client = connect()) {
            client.send(head(signer, method, target, headers, body.length, RequestSigner.sha256(body)));
            client.send(body);
            return new Reply(client.reply(!method.equals("HEAD")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    Reply send(RequestSigner signer, String method, String target) {
        return send(signer, method, target, Map.of(), new byte[0]);
    }

    Reply send(RequestSigner signer, String method, String target, String body) {
        return send(signer, method, target, Map.of(), body.getBytes(UTF_8));
    }

    /** The head of a signed request, ready to be sent. */
    String head(
            RequestSigner signer,
            String method,
            String target,
            Map<String, String> headers,
            long length,
            String payloadHash) {
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question + 1);
        Map<String, String> all = new TreeMap<>(headers);
        all.put("host", "127.0.0.1:" + server.address().getPort());
        Map<String, String> signed = signer.sign(method, path, query, all, payloadHash, new SystemClock().now());
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        signed.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("Content-Length: ").append(length).append("\r\n\r\n").toString();
    }

    ObjectStore store() {
        return store;
    }

    @Override
    public void close() {
        server.close();
        store.close();
        threads.close();
    }

    /** A reply with what tests ask of it. */
    record Reply(RawClient.Reply raw) {
        int status() {
            return raw.status();
        }

        String header(String name) {
            return raw.headers().getOrDefault(name, "");
        }

        String body() {
            return new String(raw.body(), ISO_8859_1);
        }

        /** The code of the error document, or the status when there is none. */
        String code() {
            return body().contains("<Error>") ? element("Code") : String.valueOf(status());
        }

        /** The text of the first element of this name. */
        String element(String name) {
            int start = body().indexOf("<" + name + ">");
            int end = body().indexOf("</" + name + ">");
            return start < 0 || end < start ? "" : body().substring(start + name.length() + 2, end);
        }
    }
}
