package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.nbd.Protocol.Style;
import io.firn.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What no client should say, to a live server: it answers or cuts off, serves the others, and takes no more memory than its buffers. */
@Timeout(300)
final class ProtocolFuzzTest {
    private static final List<Style> STYLES = List.of(Style.SIMPLE, Style.STRUCTURED, Style.EXTENDED);
    private static final long MOST_DIRECT_BYTES = 64 << 20;

    private final MemoryExport export = new MemoryExport(ExportProfile.writable(1 << 20, "test"), false);

    @Test
    void survivesRandomClients() {
        try (NbdServer server = TransmissionTest.start(export)) {
            long before = directBytes();
            Seeds.forEach(400, (seed, random) -> {
                Style style = STYLES.get(random.nextInt(STYLES.size()));
                try (TestClient client = TestClient.connect(server)) {
                    byte[] script;
                    if (random.nextBoolean()) {
                        client.negotiate(style);
                        client.go("");
                        script = requests(client, random);
                    } else {
                        script = options(random);
                    }
                    // Flip a few bytes of a script that would be understood, or send it whole.
                    for (int i = random.nextInt(4); i > 0; i--) {
                        script[random.nextInt(script.length)] = (byte) random.nextInt();
                    }
                    sendAndDrain(client, script);
                } catch (IOException e) {
                    // cut off while it spoke
                }
                if (seed % 20 == 0) {
                    assertServes(server);
                }
            });
            assertTrue(directBytes() - before < MOST_DIRECT_BYTES, "direct memory: " + (directBytes() - before));
        }
        assertEquals(0, export.sessions.get());
        assertEquals(export.closes.get() > 0, true);
    }

    /** The public seeds of nbdkit (fuzzing/testcase_dir) stay outside this repository: {@code -Dfirn.nbd.seeds=FOLDER} or FIRN_NBD_SEEDS. */
    @Test
    void survivesThePublicSeeds() throws IOException {
        String folder = System.getProperty("firn.nbd.seeds", System.getenv().getOrDefault("FIRN_NBD_SEEDS", ""));
        Assumptions.assumeFalse(folder.isEmpty(), "set FIRN_NBD_SEEDS to nbdkit's fuzzing/testcase_dir");
        try (NbdServer server = TransmissionTest.start(export);
                Stream<Path> files = Files.list(Path.of(folder))) {
            List<Path> seeds = files.filter(Files::isRegularFile).sorted().toList();
            assertTrue(!seeds.isEmpty(), "no seeds in " + folder);
            for (Path seed : seeds) {
                try (TestClient client = TestClient.raw(server)) {
                    sendAndDrain(client, Files.readAllBytes(seed));
                }
                assertServes(server);
            }
        }
    }

    private static void sendAndDrain(TestClient client, byte[] script) throws IOException {
        Thread drain = new Thread(client::isCutOff);
        drain.start();
        try {
            client.out.write(script);
            client.socket.shutdownOutput();
            drain.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertTrue(!drain.isAlive(), "the server neither answers nor ends the connection");
    }

    private static void assertServes(NbdServer server) throws IOException {
        try (TestClient client = TestClient.transmission(server, Style.STRUCTURED)) {
            byte[] bytes = {4, 5, 6};
            assertEquals(0, client.write(10, bytes, 0));
            assertArrayEquals(bytes, client.read(10, 3, 0));
        }
    }

    private static byte[] options(RandomGenerator random) throws IOException {
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        for (int i = random.nextInt(1, 20); i > 0; i--) {
            byte[] data = switch (random.nextInt(4)) {
                case 0 -> new byte[0];
                case 1 -> TestClient.infoData("a".repeat(random.nextInt(5000)), random.nextInt(6));
                case 2 -> TestClient.metaQuery("", "base:allocation", "qemu:", "x".repeat(random.nextInt(100)));
                default -> {
                    byte[] any = new byte[random.nextInt(200_000)];
                    random.nextBytes(any);
                    yield any;
                }
            };
            script.writeBytes(ByteBuffer.allocate(16)
                    .putLong(Protocol.IHAVEOPT)
                    .putInt(random.nextInt(13))
                    .putInt(data.length)
                    .array());
            script.writeBytes(data);
        }
        return script.toByteArray();
    }

    private static byte[] requests(TestClient client, RandomGenerator random) {
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        for (int i = random.nextInt(1, 60); i > 0; i--) {
            int command = random.nextInt(10);
            boolean payload = command == Protocol.CMD_WRITE;
            byte[] data = payload ? new byte[random.nextInt(random.nextBoolean() ? 5000 : 400_000)] : new byte[0];
            long length = payload ? data.length : random.nextLong(1L << random.nextInt(1, 40));
            int flags = random.nextInt(3) > 0 ? 0 : random.nextInt(64);
            flags |= payload && client.style == Style.EXTENDED ? Protocol.CMD_FLAG_PAYLOAD_LEN : 0;
            long offset = random.nextInt(5) == 0 ? random.nextLong() : random.nextInt(1 << 20);
            script.writeBytes(client.request(command, flags, i, offset, length, data));
        }
        return script.toByteArray();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
