package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.SystemClock;
import io.firn.server.http.RawClient;
import io.firn.server.s3.RequestSigner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * An upload of 10,000 parts of one byte, its parts sent again and again: memory and disk stay bounded, what was sent last is what is
 * listed, one part more is refused, and nothing is left over.
 *
 * <p>A million: {@code mvn -pl server -am verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=TinyPartsIT
 * -Dfailsafe.failIfNoSpecifiedTests=false -Dfirn.parts=1000000}.
 */
@EnabledOnOs(OS.LINUX) // the kernel is asked for the server's memory
final class TinyPartsIT {
    private static final int SENT = Integer.getInteger("firn.parts", 12_000);
    private static final int PARTS = 10_000;

    /** A divisor of the number of parts, so that each part is always sent by the same one. */
    private static final int CONNECTIONS = 16;

    /** Half a gigabyte of heap, the buffers of 48 bodies, the index's caches, code: whatever number of parts is sent. */
    private static final long RESIDENT_BYTES = 900L << 20;

    /** Two extents are open or being cleaned, and two of the journal's segments and their spare: all of it many times over. */
    private static final long DISK_BYTES = 2L << 30;

    private static final RequestSigner ROOT =
            new RequestSigner(ServerProcess.ACCESS_KEY, ServerProcess.SECRET_KEY, "us-east-1");

    @TempDir
    Path folder;

    @Test
    void tenThousandPartsAreTheMostHoweverOftenTheyAreSent() throws Exception {
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        try (ServerProcess server = ServerProcess.start(data, log, List.of());
                S3Client s3 = JavaSdk.blocking(server)) {
            s3.createBucket(request -> request.bucket("bucket"));
            String uploadId = s3.createMultipartUpload(
                            request -> request.bucket("bucket").key("key"))
                    .uploadId();
            String upload = "uploadId=" + uploadId;
            sendAll(server, data, upload);
            for (String number : List.of("10001", "0", "-1", "2147483648", "x")) {
                try (Connection connection = new Connection(server.endpoint())) {
                    RawClient.Reply reply = connection.put("partNumber=" + number + "&" + upload, new byte[1]);
                    assertEquals(400, reply.status(), number);
                    assertTrue(reply.text().contains("<Code>InvalidArgument</Code>"), reply::text);
                }
            }
            List<Part> listed = s3
                    .listPartsPaginator(
                            request -> request.bucket("bucket").key("key").uploadId(uploadId))
                    .parts()
                    .stream()
                    .toList();
            assertEquals(Math.min(SENT, PARTS), listed.size());
            assertEquals(listed.size(), listed.stream().mapToLong(Part::size).sum());
            List<CompletedPart> whole = listed.stream()
                    .map(part -> CompletedPart.builder()
                            .partNumber(part.partNumber())
                            .eTag(part.eTag())
                            .build())
                    .toList();
            S3Exception refused = assertThrows(S3Exception.class, () -> complete(s3, uploadId, whole));
            assertEquals("EntityTooSmall", refused.awsErrorDetails().errorCode());
            complete(s3, uploadId, List.of(whole.getLast()));
            assertArrayEquals(
                    body(lastSent(whole.size() - 1)),
                    s3.getObjectAsBytes(request -> request.bucket("bucket").key("key"))
                            .asByteArray());
        }
        Path verified = folder.resolve("verified");
        Process verify = ServerProcess.command(log, List.of("verify", "--data", data.toString()))
                .redirectOutput(verified.toFile())
                .start();
        int exit = verify.waitFor();
        assertEquals(0, exit, "firn verify: " + Files.readString(verified));
    }

    private static void complete(S3Client s3, String uploadId, List<CompletedPart> parts) {
        s3.completeMultipartUpload(request -> request.bucket("bucket")
                .key("key")
                .uploadId(uploadId)
                .multipartUpload(completed -> completed.parts(parts)));
    }

    /** Which sending of a part, counted from 0, was its last. */
    private static int lastSent(int part) {
        return part + (SENT - 1 - part) / PARTS * PARTS;
    }

    private static byte[] body(int sending) {
        return new byte[] {(byte) (sending * 31 + sending / PARTS)};
    }

    private static void sendAll(ServerProcess server, Path data, String upload) throws Exception {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int first = i;
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                    .start(() -> send(server, upload, first)));
        }
        long resident = 0;
        long disk = 0;
        for (Thread thread : threads) {
            while (!thread.join(Duration.ofSeconds(1))) {
                resident = Math.max(resident, server.residentBytes());
                disk = Math.max(disk, bytesOf(data));
            }
        }
        assertEquals(List.of(), failures);
        System.out.printf(
                "%,d parts sent: at most %,d MiB resident, %,d MiB on disk%n", SENT, resident >> 20, disk >> 20);
        assertTrue(resident < RESIDENT_BYTES, resident + " bytes resident");
        assertTrue(disk < DISK_BYTES, disk + " bytes on disk");
    }

    private static void send(ServerProcess server, String upload, int first) {
        try (Connection connection = new Connection(server.endpoint())) {
            for (int sending = first; sending < SENT; sending += CONNECTIONS) {
                RawClient.Reply reply =
                        connection.put("partNumber=" + (1 + sending % PARTS) + "&" + upload, body(sending));
                assertEquals(200, reply.status(), reply::text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long bytesOf(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** A kept connection that signs. */
    private static final class Connection implements AutoCloseable {
        private final RawClient client;
        private final String host;

        Connection(URI endpoint) throws IOException {
            client = new RawClient(new InetSocketAddress(endpoint.getHost(), endpoint.getPort()));
            host = endpoint.getAuthority();
        }

        RawClient.Reply put(String query, byte[] body) throws IOException {
            Map<String, String> headers = new TreeMap<>(Map.of("host", host));
            Map<String, String> signed = ROOT.sign(
                    "PUT", "/bucket/key", query, headers, RequestSigner.sha256(body), new SystemClock().now());
            StringBuilder head = new StringBuilder("PUT /bucket/key?" + query + " HTTP/1.1\r\n");
            signed.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            client.send(head.append("Content-Length: 1\r\n\r\n").toString()).send(body);
            return client.reply();
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
