package io.firn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.ClientConfiguration;
import com.amazonaws.SdkClientException;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.ebs.AmazonEBS;
import com.amazonaws.services.ebs.AmazonEBSClientBuilder;
import com.amazonaws.services.ebs.model.Block;
import com.amazonaws.services.ebs.model.ChangedBlock;
import com.amazonaws.services.ebs.model.ChecksumAggregationMethod;
import com.amazonaws.services.ebs.model.ChecksumAlgorithm;
import com.amazonaws.services.ebs.model.CompleteSnapshotRequest;
import com.amazonaws.services.ebs.model.ConflictException;
import com.amazonaws.services.ebs.model.GetSnapshotBlockRequest;
import com.amazonaws.services.ebs.model.GetSnapshotBlockResult;
import com.amazonaws.services.ebs.model.ListChangedBlocksRequest;
import com.amazonaws.services.ebs.model.ListChangedBlocksResult;
import com.amazonaws.services.ebs.model.ListSnapshotBlocksRequest;
import com.amazonaws.services.ebs.model.ListSnapshotBlocksResult;
import com.amazonaws.services.ebs.model.PutSnapshotBlockRequest;
import com.amazonaws.services.ebs.model.ResourceNotFoundException;
import com.amazonaws.services.ebs.model.StartSnapshotRequest;
import com.amazonaws.services.ebs.model.StartSnapshotResult;
import com.amazonaws.services.ebs.model.Tag;
import com.amazonaws.services.ebs.model.ValidationException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.firn.io.Randomness;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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

/** The EBS direct APIs through the AWS SDK for Java (its version 1, the one that builds can reach): all six calls, a server killed under puts, and snapshots that go both ways. */
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

    private static AmazonEBS client(ServerProcess server) {
        return AmazonEBSClientBuilder.standard()
                .withEndpointConfiguration(
                        new EndpointConfiguration(server.endpoint().toString(), "us-east-1"))
                .withCredentials(new AWSStaticCredentialsProvider(
                        new BasicAWSCredentials(ServerProcess.ACCESS_KEY, ServerProcess.SECRET_KEY)))
                // What fails is to be seen.
                .withClientConfiguration(new ClientConfiguration().withMaxErrorRetry(0))
                .build();
    }

    private static void put(AmazonEBS ebs, String id, int index, byte[] bytes) {
        PutSnapshotBlockRequest request = new PutSnapshotBlockRequest()
                .withSnapshotId(id)
                .withBlockIndex(index)
                .withBlockData(new ByteArrayInputStream(bytes))
                .withDataLength(BLOCK)
                .withChecksum(checksum(bytes))
                .withChecksumAlgorithm(ChecksumAlgorithm.SHA256);
        assertEquals(checksum(bytes), ebs.putSnapshotBlock(request).getChecksum());
    }

    private static void complete(AmazonEBS ebs, String id, Map<Integer, byte[]> blocks) throws Exception {
        MessageDigest linear = MessageDigest.getInstance("SHA-256");
        new TreeMap<>(blocks).values().forEach(bytes -> linear.update(sha256(bytes)));
        CompleteSnapshotRequest request = new CompleteSnapshotRequest()
                .withSnapshotId(id)
                .withChangedBlocksCount(blocks.size())
                .withChecksum(Base64.getEncoder().encodeToString(linear.digest()))
                .withChecksumAlgorithm(ChecksumAlgorithm.SHA256)
                .withChecksumAggregationMethod(ChecksumAggregationMethod.LINEAR);
        assertEquals("completed", ebs.completeSnapshot(request).getStatus());
    }

    private static Map<Integer, byte[]> read(AmazonEBS ebs, String id) throws IOException {
        Map<Integer, byte[]> found = new TreeMap<>();
        ListSnapshotBlocksRequest request =
                new ListSnapshotBlocksRequest().withSnapshotId(id).withMaxResults(100);
        boolean isLast = false;
        while (!isLast) {
            ListSnapshotBlocksResult page = ebs.listSnapshotBlocks(request);
            for (Block block : page.getBlocks()) {
                found.put(block.getBlockIndex(), get(ebs, id, block.getBlockIndex(), block.getBlockToken()));
            }
            request.setNextToken(page.getNextToken());
            isLast = page.getNextToken() == null;
        }
        return found;
    }

    private static byte[] get(AmazonEBS ebs, String id, int index, String token) throws IOException {
        GetSnapshotBlockResult got = ebs.getSnapshotBlock(new GetSnapshotBlockRequest()
                .withSnapshotId(id)
                .withBlockIndex(index)
                .withBlockToken(token));
        try (InputStream data = got.getBlockData()) {
            byte[] bytes = data.readAllBytes();
            assertEquals(checksum(bytes), got.getChecksum());
            assertEquals(BLOCK, got.getDataLength());
            return bytes;
        }
    }

    private static ListChangedBlocksResult changed(AmazonEBS ebs, String first, String second) {
        return ebs.listChangedBlocks(
                new ListChangedBlocksRequest().withFirstSnapshotId(first).withSecondSnapshotId(second));
    }

    private static StartSnapshotRequest gibibyte() {
        return new StartSnapshotRequest().withVolumeSize(1L);
    }

    private static void assertSame(Map<Integer, byte[]> expected, Map<Integer, byte[]> found) {
        assertEquals(new ArrayList<>(new TreeMap<>(expected).keySet()), new ArrayList<>(found.keySet()));
        found.forEach((index, bytes) -> assertArrayEquals(expected.get(index), bytes, "block " + index));
    }

    @Test
    void allSixCalls() throws Exception {
        try (ServerProcess server = start()) {
            AmazonEBS ebs = client(server);
            StartSnapshotResult started = ebs.startSnapshot(gibibyte()
                    .withClientToken("first")
                    .withDescription("a disk")
                    .withTags(new Tag().withKey("day").withValue("one")));
            assertEquals("pending", started.getStatus());
            assertEquals("one", started.getTags().getFirst().getValue());
            String first = started.getSnapshotId();
            assertThrows(
                    ConflictException.class,
                    () -> ebs.startSnapshot(gibibyte().withVolumeSize(2L).withClientToken("first")));
            Map<Integer, byte[]> image = new TreeMap<>();
            for (int index : List.of(2047, 3, 700)) {
                image.put(index, content(index));
                put(ebs, first, index, content(index));
            }
            complete(ebs, first, image);
            assertSame(image, read(ebs, first));
            String second =
                    ebs.startSnapshot(gibibyte().withParentSnapshotId(first)).getSnapshotId();
            Map<Integer, byte[]> changes = Map.of(3, content(50), 4, content(51));
            changes.forEach((index, bytes) -> put(ebs, second, index, bytes));
            complete(ebs, second, changes);
            List<ChangedBlock> changed = changed(ebs, first, second).getChangedBlocks();
            assertEquals(
                    List.of(3, 4),
                    changed.stream().map(ChangedBlock::getBlockIndex).toList());
            String before = changed.getFirst().getFirstBlockToken();
            assertArrayEquals(content(3), get(ebs, first, 3, before));
            assertArrayEquals(
                    content(50), get(ebs, second, 3, changed.getFirst().getSecondBlockToken()));
            ValidationException other = assertThrows(ValidationException.class, () -> get(ebs, second, 3, before));
            assertEquals("INVALID_BLOCK_TOKEN", other.getReason());
            ResourceNotFoundException absent = assertThrows(
                    ResourceNotFoundException.class,
                    () -> ebs.listSnapshotBlocks(
                            new ListSnapshotBlocksRequest().withSnapshotId("snap-0123456789abcdef0")));
            assertEquals("SNAPSHOT_NOT_FOUND", absent.getReason());
        }
    }

    @Test
    void draftsGoOnAfterKills() throws Exception {
        Map<Integer, byte[]> acknowledged = new ConcurrentSkipListMap<>();
        Set<Integer> tried = ConcurrentHashMap.newKeySet();
        String id;
        try (ServerProcess server = start()) {
            AmazonEBS ebs = client(server);
            id = ebs.startSnapshot(gibibyte()).getSnapshotId();
        }
        for (int life = 0; life < 3; life++) {
            try (ServerProcess server = start()) {
                AmazonEBS ebs = client(server);
                putUntilKilled(server, ebs, id, life, acknowledged, tried);
            }
        }
        try (ServerProcess server = start()) {
            AmazonEBS ebs = client(server);
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
            AmazonEBS ebs = client(server);
            assertSame(acknowledged, read(ebs, id));
        }
    }

    private static void putUntilKilled(
            ServerProcess server,
            AmazonEBS ebs,
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
            AmazonEBS ebs = client(server);
            String id = ebs.startSnapshot(gibibyte()).getSnapshotId();
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
            assertEquals(List.of(), changed(ebs, id, taken).getChangedBlocks());
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
