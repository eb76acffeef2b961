package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.nbd.Protocol.Style;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class TransmissionTest {
    private static final int SIZE = 8 << 20;
    private final MemoryExport export = new MemoryExport(ExportProfile.writable(SIZE, "test"), true);
    private final NbdServer server = start(export);

    static NbdServer start(MemoryExport export) {
        return NbdServer.start(
                new SystemClock(),
                MemoryServer.only(export),
                NbdOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    @AfterEach
    void closes() {
        server.close();
        assertEquals(0, export.sessions.get());
        assertEquals(0, server.openConnections());
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        Randomness.seeded(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void readsWhatWasWritten(Style style) throws Exception {
        try (TestClient client = TestClient.transmission(server, style)) {
            for (int length : new int[] {1, 511, 4096, 40_000, 300_000, 6 << 20}) {
                byte[] bytes = random(length, length);
                assertEquals(0, client.write(777, bytes, 0));
                assertArrayEquals(bytes, client.read(777, length, 0));
                if (style != Style.SIMPLE) {
                    assertArrayEquals(bytes, client.read(777, length, Protocol.CMD_FLAG_DF));
                }
            }
            assertEquals(0, client.command(Protocol.CMD_WRITE_ZEROES, Protocol.CMD_FLAG_FAST_ZERO, 0, SIZE));
            assertArrayEquals(new byte[1 << 20], client.read(5, 1 << 20, 0));
            client.out.write(client.request(Protocol.CMD_DISC, 0, 0, 0, 0, new byte[0]));
            assertTrue(client.isCutOff());
        }
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void refusesAsTheSpecificationSays(Style style) throws Exception {
        int payloadFlag = style == Style.EXTENDED ? Protocol.CMD_FLAG_PAYLOAD_LEN : 0;
        byte[] none = {};
        try (TestClient client = TestClient.transmission(server, style)) {
            assertEquals(22, client.command(Protocol.CMD_READ, 0, SIZE - 1, 2));
            assertEquals(22, client.command(Protocol.CMD_READ, 0, -1, 1));
            assertEquals(22, client.command(Protocol.CMD_READ, 0, 0, 0));
            assertEquals(28, client.write(SIZE - 1, new byte[2], 0));
            assertEquals(28, client.command(Protocol.CMD_WRITE_ZEROES, 0, 1, SIZE));
            assertEquals(22, client.command(Protocol.CMD_TRIM, 0, 1, 0xffff_ffffL));
            assertEquals(22, client.command(Protocol.CMD_CACHE, 0, 1, 0xffff_ffffL));
            assertEquals(22, client.command(Protocol.CMD_FLUSH, 0, 1, 0));
            assertEquals(22, client.command(99, 0, 0, 0));
            assertEquals(22, client.command(Protocol.CMD_READ, Protocol.CMD_FLAG_NO_HOLE, 0, 1));
            assertEquals(22, client.command(Protocol.CMD_TRIM, 1 << 9, 0, 1));
            assertEquals(22, client.command(Protocol.CMD_BLOCK_STATUS, 0, 0, 4096));
            // A payload is drained with the refusal, or the next request would be read out of it.
            assertEquals(
                    22,
                    client.call(Protocol.CMD_WRITE, payloadFlag | 1 << 9, 0, 70_000, new byte[70_000])
                            .error());
            assertEquals(
                    22,
                    client.call(Protocol.CMD_WRITE, payloadFlag, 0, 33 << 20, new byte[33 << 20])
                            .error());
            if (style == Style.EXTENDED) {
                assertEquals(
                        22,
                        client.call(Protocol.CMD_READ, payloadFlag, 0, 100, new byte[100])
                                .error());
                assertEquals(
                        22, client.call(Protocol.CMD_WRITE, 0, 0, 100, none).error());
                assertEquals(22, client.command(Protocol.CMD_TRIM, 0, 0, 1L << 60));
            }
            assertEquals(0, client.command(Protocol.CMD_READ, Protocol.CMD_FLAG_FUA, 0, 1));
        }
    }

    @Test
    void endsAConnectionThatBreaksTheProtocol() throws Exception {
        try (TestClient other = TestClient.transmission(server, Style.SIMPLE);
                TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            client.out.write(new byte[28]);
            assertTrue(client.isCutOff());
            assertEquals(0, other.command(Protocol.CMD_READ, 0, 0, 0 + 512));
        }
    }

    @Test
    void mapsStorageFailures() throws Exception {
        try (TestClient client = TestClient.transmission(server, Style.STRUCTURED)) {
            export.failure.set(new StorageException.OutOfSpace("full", null));
            assertEquals(28, client.write(0, new byte[10], 0));
            export.failure.set(new StorageException.Corrupt("rot"));
            assertEquals(5, client.command(Protocol.CMD_READ, 0, 0, 10));
            // Midway under one header: padded, then told.
            assertEquals(5, client.command(Protocol.CMD_READ, Protocol.CMD_FLAG_DF, 0, 2 << 20));
            assertEquals(5, client.command(Protocol.CMD_FLUSH, 0, 0, 0));
            export.failure.set(new StorageException.Fenced("another"));
            assertEquals(108, client.command(Protocol.CMD_TRIM, 0, 0, 10));
            export.failure.set(null);
            assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 10));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Style.class, names = "SIMPLE", mode = EnumSource.Mode.EXCLUDE)
    void tellsBlockStatus(Style style) throws Exception {
        try (TestClient client =
                TestClient.transmission(server, style, "base:allocation", "base:", "qemu:dirty-bitmap:a..b")) {
            assertEquals(0, client.write(8192, random(4096, 1), 0));
            TestClient.Reply reply = client.call(Protocol.CMD_BLOCK_STATUS, 0, 4096, 16384, new byte[0]);
            assertEquals(0, reply.error());
            assertEquals(2, reply.chunks().size());
            assertArrayEquals(
                    style == Style.EXTENDED
                            ? status64(1, 4096, 3, 4096, 0, 8192, 3)
                            : status32(1, 4096, 3, 4096, 0, 8192, 3),
                    reply.chunks().getFirst().payload());
            reply = client.call(Protocol.CMD_BLOCK_STATUS, Protocol.CMD_FLAG_REQ_ONE, 4096, 16384, new byte[0]);
            assertArrayEquals(
                    style == Style.EXTENDED ? status64(1, 4096, 3) : status32(1, 4096, 3),
                    reply.chunks().getFirst().payload());
            if (style == Style.EXTENDED) {
                assertTrue((client.flags & Protocol.FLAG_BLOCK_STATUS_PAYLOAD) != 0);
                byte[] second = ByteBuffer.allocate(12).putLong(4096).putInt(2).array();
                reply = client.call(Protocol.CMD_BLOCK_STATUS, Protocol.CMD_FLAG_PAYLOAD_LEN, 0, 12, second);
                assertEquals(1, reply.chunks().size());
                assertArrayEquals(
                        status64(2, 4096, 0), reply.chunks().getFirst().payload());
                byte[] unknown = ByteBuffer.allocate(12).putLong(4096).putInt(9).array();
                assertEquals(
                        22,
                        client.call(Protocol.CMD_BLOCK_STATUS, Protocol.CMD_FLAG_PAYLOAD_LEN, 0, 12, unknown)
                                .error());
            }
        }
    }

    private static byte[] status32(int id, int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * words.length).putInt(id);
        Arrays.stream(words).forEach(bytes::putInt);
        return bytes.array();
    }

    private static byte[] status64(int id, long... words) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 8 * words.length).putInt(id).putInt(words.length / 2);
        Arrays.stream(words).forEach(bytes::putLong);
        return bytes.array();
    }

    @Test
    void submitsABurstOnce() throws Exception {
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            ByteArrayOutputStream burst = new ByteArrayOutputStream();
            for (int i = 0; i < 16; i++) {
                burst.writeBytes(client.request(Protocol.CMD_WRITE, 0, i, i * 100L, 100, random(100, i)));
            }
            client.out.write(burst.toByteArray());
            Set<Long> cookies = new HashSet<>();
            for (int i = 0; i < 16; i++) {
                TestClient.Reply reply = client.reply(0);
                assertEquals(0, reply.error());
                cookies.add(reply.cookie());
            }
            assertEquals(16, cookies.size());
            assertTrue(export.submits.get() < 16, "submissions: " + export.submits.get());
        }
    }

    @Test
    void readsGoOnBesideASlowFlush() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        export.flushWaits.set(latch);
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            client.out.write(client.request(Protocol.CMD_WRITE, Protocol.CMD_FLAG_FUA, 1, 0, 4, new byte[4]));
            client.out.write(client.request(Protocol.CMD_FLUSH, 0, 2, 0, 0, new byte[0]));
            client.out.write(client.request(Protocol.CMD_READ, 0, 3, 0, 8, new byte[0]));
            assertEquals(3, client.reply(8).cookie());
            latch.countDown();
            long first = client.reply(0).cookie();
            long second = client.reply(0).cookie();
            assertEquals(Set.of(1L, 2L), Set.of(first, second));
        }
    }

    @Test
    void aFlushCoversWhatAnyConnectionWrote() throws Exception {
        byte[] bytes = random(5000, 3);
        try (TestClient one = TestClient.transmission(server, Style.STRUCTURED);
                TestClient two = TestClient.transmission(server, Style.EXTENDED)) {
            assertTrue((one.flags & Protocol.FLAG_CAN_MULTI_CONN) != 0);
            assertEquals(0, one.write(100, bytes, 0));
            assertEquals(0, two.command(Protocol.CMD_FLUSH, 0, 0, 0));
            byte[] found = new byte[bytes.length];
            java.util.Objects.requireNonNull(export.durable).get(100, found);
            assertArrayEquals(bytes, found);
            assertArrayEquals(bytes, two.read(100, bytes.length, 0));
        }
    }

    @Test
    void servesAReconnectAfterTheWritesOfTheDeadConnection() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        export.writeWaits.set(latch);
        TestClient dead = TestClient.transmission(server, Style.SIMPLE);
        // Two writes: one under way, one still in the socket, when the client dies.
        dead.out.write(dead.request(Protocol.CMD_WRITE, 0, 1, 0, 4, new byte[] {1, 1, 1, 1}));
        while (export.submits.get() == 0 && server.openConnections() == 0) {
            Thread.onSpinWait();
        }
        dead.out.write(dead.request(Protocol.CMD_WRITE, 0, 2, 0, 4, new byte[] {2, 2, 2, 2}));
        dead.close();
        Thread opener = new Thread(() -> {
            try {
                Thread.sleep(300);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            export.writeWaits.set(null);
            latch.countDown();
        });
        opener.start();
        try (TestClient back = TestClient.transmission(server, Style.SIMPLE)) {
            assertEquals(0, latch.getCount(), "served while a write was under way");
            assertEquals(0, back.write(0, new byte[] {3, 3, 3, 3}, 0));
            opener.join();
            Thread.sleep(100);
            assertArrayEquals(new byte[] {3, 3, 3, 3}, back.read(0, 4, 0));
        }
    }
}
