package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.firn.io.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.ebs.EbsClient;
import software.amazon.awssdk.services.ebs.model.Block;
import software.amazon.awssdk.services.ebs.model.ChangedBlock;
import software.amazon.awssdk.services.ebs.model.ChecksumAggregationMethod;
import software.amazon.awssdk.services.ebs.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.ebs.model.ConflictException;
import software.amazon.awssdk.services.ebs.model.GetSnapshotBlockResponse;
import software.amazon.awssdk.services.ebs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.ebs.model.ResourceNotFoundExceptionReason;
import software.amazon.awssdk.services.ebs.model.StartSnapshotRequest;
import software.amazon.awssdk.services.ebs.model.StartSnapshotResponse;
import software.amazon.awssdk.services.ebs.model.Status;
import software.amazon.awssdk.services.ebs.model.Tag;
import software.amazon.awssdk.services.ebs.model.ValidationException;
import software.amazon.awssdk.services.ebs.model.ValidationExceptionReason;

/** The EBS direct APIs through the AWS SDK for Java 2: all six calls, a server killed under puts, and snapshots that go both ways. */
@Timeout(300)
final class EbsDirectIT {
    private static final int BLOCK = 512 << 10;
    private static final int WRITERS = 4;
    private static final int ACKNOWLEDGED_AT_LEAST = 12;

    @TempDir
    Path folder;

    private ServerProcess start() throws IOException {
        return ServerProcess.start(folder.resolve("data"), folder.resolve("log"), List.of());
    }

    private static byte[] content(long seed) {
        byte[] bytes = new byte[BLOCK];
        RandomGenerator random = Randomness.seeded(seed);
        for (int i = 0; i < BLOCK / 2; i += 1024) {
            byte[] some = new byte[512];
            random.nextBytes(some);
            System.arraycopy(some, 0, bytes, i * 2, some.length);
        }
        return bytes;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String checksum(byte[] bytes) {
        return Base64.getEncoder().encodeToString(sha256(bytes));
    }

    private static EbsClient client(ServerProcess server) {
        return JavaSdk.connected(EbsClient.builder(), server)
                // What fails is to be seen.
                .overrideConfiguration(override -> override.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    private static void put(EbsClient ebs, String id, int index, byte[] bytes) {
        String stored = ebs.putSnapshotBlock(
                        block -> block.snapshotId(id)
                                .blockIndex(index)
                                .dataLength(BLOCK)
                                .checksum(checksum(bytes))
                                .checksumAlgorithm(ChecksumAlgorithm.SHA256),
                        RequestBody.fromBytes(bytes))
                .checksum();
        assertEquals(checksum(bytes), stored);
    }

    private static void complete(EbsClient ebs, String id, Map<Integer, byte[]> blocks) throws Exception {
        MessageDigest linear = MessageDigest.getInstance("SHA-256");
        new TreeMap<>(blocks).values().forEach(bytes -> linear.update(sha256(bytes)));
        String checksum = Base64.getEncoder().encodeToString(linear.digest());
        Status status = ebs.completeSnapshot(snapshot -> snapshot.snapshotId(id)
                        .changedBlocksCount(blocks.size())
                        .checksum(checksum)
                        .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                        .checksumAggregationMethod(ChecksumAggregationMethod.LINEAR))
                .status();
        assertEquals(Status.COMPLETED, status);
    }

    private static Map<Integer, byte[]> read(EbsClient ebs, String id) {
        Map<Integer, byte[]> found = new TreeMap<>();
        for (Block block : ebs
                .listSnapshotBlocksPaginator(list -> list.snapshotId(id).maxResults(100))
                .stream()
                .flatMap(page -> page.blocks().stream())
                .toList()) {
            found.put(block.blockIndex(), get(ebs, id, block.blockIndex(), block.blockToken()));
        }
        return found;
    }

    private static byte[] get(EbsClient ebs, String id, int index, String token) {
        ResponseBytes<GetSnapshotBlockResponse> got = ebs.getSnapshotBlockAsBytes(
                block -> block.snapshotId(id).blockIndex(index).blockToken(token));
        byte[] bytes = got.asByteArray();
        assertEquals(checksum(bytes), got.response().checksum());
        assertEquals(BLOCK, got.response().dataLength());
        return bytes;
    }

    private static List<ChangedBlock> changed(EbsClient ebs, String first, String second) {
        return ebs.listChangedBlocks(list -> list.firstSnapshotId(first).secondSnapshotId(second))
                .changedBlocks();
    }

    private static StartSnapshotRequest.Builder gibibyte() {
        return StartSnapshotRequest.builder().volumeSize(1L);
    }

    private static void assertSame(Map<Integer, byte[]> expected, Map<Integer, byte[]> found) {
        assertEquals(new ArrayList<>(new TreeMap<>(expected).keySet()), new ArrayList<>(found.keySet()));
        found.forEach((index, bytes) -> assertArrayEquals(expected.get(index), bytes, "block " + index));
    }

    @Test
    void allSixCalls() throws Exception {
        try (ServerProcess server = start()) {
            EbsClient ebs = client(server);
            StartSnapshotResponse started = ebs.startSnapshot(gibibyte()
                    .clientToken("first")
                    .description("a disk")
                    .tags(Tag.builder().key("day").value("one").build())
                    .build());
            assertEquals(Status.PENDING, started.status());
            assertEquals("one", started.tags().getFirst().value());
            String first = started.snapshotId();
            StartSnapshotRequest larger =
                    gibibyte().volumeSize(2L).clientToken("first").build();
            assertThrows(ConflictException.class, () -> ebs.startSnapshot(larger));
            Map<Integer, byte[]> image = new TreeMap<>();
            for (int index : List.of(2047, 3, 700)) {
                image.put(index, content(index));
                put(ebs, first, index, content(index));
            }
            complete(ebs, first, image);
            assertSame(image, read(ebs, first));
            String second = ebs.startSnapshot(gibibyte().parentSnapshotId(first).build())
                    .snapshotId();
            Map<Integer, byte[]> changes = Map.of(3, content(50), 4, content(51));
            changes.forEach((index, bytes) -> put(ebs, second, index, bytes));
            complete(ebs, second, changes);
            List<ChangedBlock> changed = changed(ebs, first, second);
            assertEquals(
                    List.of(3, 4),
                    changed.stream().map(ChangedBlock::blockIndex).toList());
            String before = changed.getFirst().firstBlockToken();
            assertArrayEquals(content(3), get(ebs, first, 3, before));
            assertArrayEquals(
                    content(50), get(ebs, second, 3, changed.getFirst().secondBlockToken()));
            ValidationException other = assertThrows(ValidationException.class, () -> get(ebs, second, 3, before));
            assertEquals(ValidationExceptionReason.INVALID_BLOCK_TOKEN, other.reason());
            ResourceNotFoundException absent = assertThrows(
                    ResourceNotFoundException.class,
                    () -> ebs.listSnapshotBlocks(list -> list.snapshotId("snap-0123456789abcdef0")));
            assertEquals(ResourceNotFoundExceptionReason.SNAPSHOT_NOT_FOUND, absent.reason());
        }
    }

    @Test
    void draftsGoOnAfterKills() throws Exception {
        Map<Integer, byte[]> acknowledged = new ConcurrentSkipListMap<>();
        Set<Integer> tried = ConcurrentHashMap.newKeySet();
        String id;
        try (ServerProcess server = start()) {
            EbsClient ebs = client(server);
            id = ebs.startSnapshot(gibibyte().build()).snapshotId();
        }
        for (int life = 0; life < 3; life++) {
            try (ServerProcess server = start()) {
                EbsClient ebs = client(server);
                putUntilKilled(server, ebs, id, life, acknowledged, tried);
            }
        }
        try (ServerProcess server = start()) {
            EbsClient ebs = client(server);
            Set<Integer> doubtful = new HashSet<>(tried);
            doubtful.removeAll(acknowledged.keySet());
            assertTrue(!doubtful.isEmpty(), "the server was killed with puts under way");
            for (int index : doubtful) {
                put(ebs, id, index, content(index));
                acknowledged.put(index, content(index));
            }
            complete(ebs, id, acknowledged);
            server.kill();
        }
        try (ServerProcess server = start()) {
            EbsClient ebs = client(server);
            assertSame(acknowledged, read(ebs, id));
        }
    }

    private static void putUntilKilled(
            ServerProcess server,
            EbsClient ebs,
            String id,
            int life,
            Map<Integer, byte[]> acknowledged,
            Set<Integer> tried)
            throws InterruptedException {
        int before = acknowledged.size();
        List<Thread> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int from = (life * WRITERS + writer) * 100;
            writers.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int index = from; index < from + 100; index++) {
                        tried.add(index);
                        put(ebs, id, index, content(index));
                        acknowledged.put(index, content(index));
                    }
                } catch (SdkClientException killed) {
                    // As it is meant to be.
                }
            }));
        }
        while (acknowledged.size() < before + ACKNOWLEDGED_AT_LEAST) {
            assertTrue(writers.stream().anyMatch(Thread::isAlive), "writers gave up before the server was killed");
            Thread.sleep(5);
        }
        server.kill();
        for (Thread writer : writers) {
            writer.join();
        }
    }

    @Test
    void snapshotsGoBothWays() throws Exception {
        try (ServerProcess server = start()) {
            EbsClient ebs = client(server);
            String id = ebs.startSnapshot(gibibyte().build()).snapshotId();
            Map<Integer, byte[]> image = new TreeMap<>();
            for (int index : List.of(0, 9, 2047)) {
                image.put(index, content(index + 1));
                put(ebs, id, index, content(index + 1));
            }
            complete(ebs, id, image);
            Path raw = folder.resolve("exported.raw");
            firn(server, "snapshot", "export", id, raw.toString());
            try (var file = Files.newByteChannel(raw)) {
                for (var block : image.entrySet()) {
                    java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(BLOCK);
                    file.position((long) block.getKey() * BLOCK);
                    while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
                    assertArrayEquals(block.getValue(), bytes.array());
                }
            }
            firn(server, "snapshot", "restore", id, "restored", "--fast");
            String taken = firn(server, "snapshot", "create", "restored", "--wait")
                    .at("/0/id")
                    .asText();
            assertSame(image, read(ebs, taken));
            assertEquals(List.of(), changed(ebs, id, taken));
        }
    }

    private JsonNode firn(ServerProcess server, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(words));
        command.addAll(List.of("--endpoint", server.endpoint().toString(), "--json"));
        Path output = folder.resolve("output");
        Process process = ServerProcess.command(folder.resolve("log"), command)
                .redirectOutput(output.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> command + " failed");
        return new ObjectMapper().readTree(Files.readString(output, UTF_8));
    }
}
