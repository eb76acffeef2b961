package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.SystemClock;
import io.firn.nbd.Protocol.Style;
import io.firn.nbd.TestClient.OptionReply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HandshakeTest {
    private static final byte[] NOTHING = {};
    private final MemoryExport export = new MemoryExport(ExportProfile.writable(1 << 20, "a disk"), false);
    private final NbdServer server = TransmissionTest.start(export);

    @AfterEach
    void closes() {
        server.close();
        assertEquals(0, server.openConnections());
    }

    private static int end(List<OptionReply> replies) {
        return replies.getLast().type();
    }

    private static List<String> names(List<OptionReply> replies) {
        return replies.stream()
                .filter(reply -> reply.type() == Protocol.REP_META_CONTEXT)
                .map(reply -> new String(reply.data(), 4, reply.data().length - 4, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void answersEveryOption() throws Exception {
        try (TestClient client = TestClient.connect(server)) {
            assertEquals(Protocol.REP_ERR_UNSUP, end(client.option(4, NOTHING)));
            assertEquals(Protocol.REP_ERR_UNSUP, end(client.option(77, new byte[5000])));
            assertEquals(Protocol.REP_ERR_UNSUP, end(client.option(77, new byte[1 << 20])));
            assertEquals(Protocol.REP_ERR_TOO_BIG, end(client.option(Protocol.OPT_GO, new byte[1 << 20])));
            assertEquals(Protocol.REP_ERR_POLICY, end(client.option(Protocol.OPT_STARTTLS, NOTHING)));
            assertEquals(Protocol.REP_ERR_INVALID, end(client.option(Protocol.OPT_LIST, new byte[1])));
            List<OptionReply> list = client.option(Protocol.OPT_LIST, NOTHING);
            assertEquals(2, list.size());
            assertArrayEquals(
                    "\0\0\0\0a disk".getBytes(StandardCharsets.UTF_8),
                    list.getFirst().data());
            assertEquals(Protocol.REP_ERR_UNKNOWN, end(client.option(Protocol.OPT_INFO, TestClient.infoData("no"))));
            assertEquals(
                    Protocol.REP_ERR_TOO_BIG,
                    end(client.option(Protocol.OPT_INFO, TestClient.infoData("n".repeat(4097)))));
            assertEquals(
                    Protocol.REP_ERR_UNKNOWN,
                    end(client.option(Protocol.OPT_INFO, TestClient.infoData("n".repeat(4096)))));
            assertEquals(Protocol.REP_ERR_INVALID, end(client.option(Protocol.OPT_INFO, new byte[3])));
            assertEquals(Protocol.REP_ERR_INVALID, end(client.option(Protocol.OPT_INFO, new byte[] {
                0, 0, 0, 2, 'a', (byte) 0xff, 0, 0
            })));
            assertEquals(
                    Protocol.REP_ERR_INVALID,
                    end(client.option(Protocol.OPT_LIST_META_CONTEXT, TestClient.metaQuery(""))));
            assertEquals(Protocol.REP_ACK, end(client.option(Protocol.OPT_STRUCTURED_REPLY, NOTHING)));
            assertEquals(
                    3,
                    names(client.option(Protocol.OPT_LIST_META_CONTEXT, TestClient.metaQuery("")))
                            .size());
            assertEquals(
                    List.of("qemu:allocation-depth", "qemu:dirty-bitmap:open"),
                    names(client.option(Protocol.OPT_LIST_META_CONTEXT, TestClient.metaQuery("", "qemu:"))));
            assertEquals(
                    List.of("qemu:dirty-bitmap:open", "qemu:dirty-bitmap:a..b"),
                    names(client.option(
                            Protocol.OPT_LIST_META_CONTEXT,
                            TestClient.metaQuery("", "qemu:dirty-bitmap:", "qemu:dirty-bitmap:a..b", "x-else:y"))));
            assertEquals(
                    List.of("base:allocation"),
                    names(client.option(
                            Protocol.OPT_SET_META_CONTEXT,
                            TestClient.metaQuery("", "base:", "base:allocation", "base:no"))));
            assertEquals(Protocol.REP_ACK, end(client.option(Protocol.OPT_EXTENDED_HEADERS, NOTHING)));
            assertEquals(Protocol.REP_ERR_EXT_HEADER_REQD, end(client.option(Protocol.OPT_STRUCTURED_REPLY, NOTHING)));
            assertEquals(Protocol.REP_ACK, end(client.option(Protocol.OPT_ABORT, new byte[3])));
            assertTrue(client.isCutOff());
        }
        assertEquals(0, export.sessions.get());
    }

    @Test
    void servesByExportNameWithAndWithoutZeroes() throws Exception {
        for (int clientFlags : new int[] {0, 1, 3}) {
            try (TestClient client = TestClient.connect(server, clientFlags)) {
                client.sendOption(Protocol.OPT_EXPORT_NAME, NOTHING);
                ByteBuffer answer = ByteBuffer.wrap(client.in.readNBytes((clientFlags & 2) != 0 ? 10 : 134));
                assertEquals(1 << 20, answer.getLong());
                assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 512));
            }
        }
        try (TestClient client = TestClient.connect(server)) {
            client.sendOption(Protocol.OPT_EXPORT_NAME, "no".getBytes(StandardCharsets.UTF_8));
            assertTrue(client.isCutOff());
        }
        try (TestClient client = TestClient.connect(server, 4)) {
            assertTrue(client.isCutOff());
        }
    }

    @Test
    void endsAFloodOfOptions() throws Exception {
        try (TestClient client = TestClient.connect(server)) {
            int answered = 0;
            try {
                while (answered < 10_000) {
                    client.option(Protocol.OPT_LIST, NOTHING);
                    answered++;
                }
            } catch (java.io.IOException e) {
                // cut off
            }
            assertEquals(4096, answered);
        }
    }

    @Test
    void refusesToWriteWhatIsReadOnly() throws Exception {
        MemoryExport sealed = new MemoryExport(ExportProfile.readOnly(1 << 20, ""), false);
        try (NbdServer readOnly = TransmissionTest.start(sealed);
                TestClient client = TestClient.transmission(readOnly, Style.STRUCTURED)) {
            assertTrue((client.flags & Protocol.FLAG_READ_ONLY) != 0);
            assertEquals(1, client.write(0, new byte[100], 0));
            assertEquals(1, client.command(Protocol.CMD_TRIM, 0, 0, 100));
            assertEquals(1, client.command(Protocol.CMD_WRITE_ZEROES, 0, 0, 100));
            assertEquals(0, client.command(Protocol.CMD_FLUSH, 0, 0, 0));
            assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 100));
        }
        assertEquals(1, sealed.closes.get());
    }

    @Test
    void cutsOffWhoDoesNotFinishTheHandshake() throws Exception {
        NbdOptions options = NbdOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withTimeouts(
                        Duration.ofMillis(200),
                        Duration.ofMillis(300),
                        Duration.ofMillis(300),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5));
        try (NbdServer hasty = NbdServer.start(new SystemClock(), MemoryServer.only(export), options);
                TestClient slow = TestClient.raw(hasty);
                TestClient idle = TestClient.transmission(hasty, Style.SIMPLE);
                TestClient midway = TestClient.transmission(hasty, Style.SIMPLE)) {
            midway.out.write(midway.request(Protocol.CMD_WRITE, 0, 1, 0, 100_000, new byte[50_000]));
            assertTrue(slow.isCutOff());
            assertTrue(idle.isCutOff());
            assertTrue(midway.isCutOff());
        }
    }

    @Test
    void closesWithClientsInTransmission() throws Exception {
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 100));
            server.close();
            assertTrue(client.isCutOff());
            assertEquals(0, export.sessions.get());
            assertEquals(1, export.closes.get());
        }
    }
}
