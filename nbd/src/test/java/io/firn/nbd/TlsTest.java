package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.nbd.NbdTls.Mode;
import io.firn.nbd.Protocol.Style;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class TlsTest {
    private static final byte[] NOTHING = {};

    @TempDir
    Path folder;

    private NbdServer start(Mode mode, MemoryExport export, boolean clientCertificates) throws Exception {
        // keytool comes with every JDK; openssl may be missing.
        Path store = folder.resolve("server.p12");
        if (!Files.exists(store)) {
            keytool(
                    "-genkeypair",
                    "-alias",
                    "s",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "san=ip:127.0.0.1");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        byte[] certificate = pem("CERTIFICATE", keys.getCertificate("s").getEncoded());
        byte[] key = pem("PRIVATE KEY", keys.getKey("s", "secret".toCharArray()).getEncoded());
        NbdTls tls =
                NbdTls.ofPem(mode, certificate, key, clientCertificates ? Optional.of(certificate) : Optional.empty());
        return NbdServer.start(
                new SystemClock(),
                MemoryServer.only(export),
                NbdOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .withTls(tls));
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", folder.resolve("server.p12").toString(), "-storepass", "secret"));
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    private static byte[] pem(String kind, byte[] der) {
        return ("-----BEGIN " + kind + "-----\n"
                        + java.util.Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind + "-----\n")
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private SSLSocket secure(TestClient client, String version) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(folder.resolve("server.p12"))) {
            trusted.load(in, "secret".toCharArray());
        }
        trusted.setCertificateEntry("trusted", trusted.getCertificate("s"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(client.socket, "127.0.0.1", client.socket.getPort(), true);
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        client.use(socket);
        return socket;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void servesThroughTlsAndForgetsWhatCameBefore(String version) throws Exception {
        MemoryExport export = new MemoryExport(ExportProfile.writable(4 << 20, ""), false);
        try (NbdServer server = start(Mode.SELECTIVE, export, false);
                TestClient client = TestClient.connect(server)) {
            client.option(Protocol.OPT_EXTENDED_HEADERS, NOTHING);
            assertEquals(
                    Protocol.REP_ERR_INVALID,
                    client.option(Protocol.OPT_STARTTLS, new byte[1]).getLast().type());
            assertEquals(
                    Protocol.REP_ACK,
                    client.option(Protocol.OPT_STARTTLS, NOTHING).getLast().type());
            secure(client, version);
            assertEquals(
                    Protocol.REP_ERR_INVALID,
                    client.option(Protocol.OPT_STARTTLS, NOTHING).getLast().type());
            client.style = Style.SIMPLE; // the extended headers of before are gone
            client.go("");
            byte[] bytes = new byte[3 << 20];
            Randomness.seeded(1).nextBytes(bytes);
            assertEquals(0, client.write(5, bytes, Protocol.CMD_FLAG_FUA));
            assertArrayEquals(bytes, client.read(5, bytes.length, 0));
        }
    }

    @Test
    void forcedTlsAnswersNothingElse() throws Exception {
        MemoryExport export = new MemoryExport(ExportProfile.writable(1 << 20, ""), false);
        try (NbdServer server = start(Mode.FORCED, export, false)) {
            try (TestClient client = TestClient.connect(server)) {
                for (int option : new int[] {3, 6, 7, 8, 9, 10, 11, 99}) {
                    assertEquals(
                            Protocol.REP_ERR_TLS_REQD,
                            client.option(option, NOTHING).getLast().type());
                }
                assertEquals(
                        Protocol.REP_ACK,
                        client.option(Protocol.OPT_STARTTLS, NOTHING).getLast().type());
                secure(client, "TLSv1.3");
                client.go("");
                assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 512));
            }
            try (TestClient client = TestClient.connect(server)) {
                client.sendOption(Protocol.OPT_EXPORT_NAME, NOTHING);
                assertTrue(client.isCutOff());
            }
        }
    }

    @Test
    void dropsWhatCameBeforeTheHandshake() throws Exception {
        MemoryExport export = new MemoryExport(ExportProfile.writable(1 << 20, ""), false);
        try (NbdServer server = start(Mode.FORCED, export, false);
                TestClient client = TestClient.connect(server)) {
            byte[] go = TestClient.infoData("");
            java.nio.ByteBuffer both = java.nio.ByteBuffer.allocate(16 + 16 + go.length);
            both.putLong(Protocol.IHAVEOPT).putInt(Protocol.OPT_STARTTLS).putInt(0);
            both.putLong(Protocol.IHAVEOPT)
                    .putInt(Protocol.OPT_GO)
                    .putInt(go.length)
                    .put(go);
            client.out.write(both.array());
            client.in.readNBytes(20);
            secure(client, "TLSv1.3");
            client.go(""); // answered once: the injected one is gone
            assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 512));
        }
    }

    @Test
    void hidesTlsOnlyExportsAndWantsCertificates() throws Exception {
        ExportProfile secret =
                new ExportProfile(1 << 20, false, true, "", ExportProfile.BlockSizes.DEFAULT, true, false, true);
        try (NbdServer server = start(Mode.SELECTIVE, new MemoryExport(secret, false), false);
                TestClient client = TestClient.connect(server)) {
            assertEquals(
                    Protocol.REP_ERR_TLS_REQD,
                    client.option(Protocol.OPT_GO, TestClient.infoData(""))
                            .getLast()
                            .type());
            assertEquals(
                    Protocol.REP_ERR_TLS_REQD,
                    client.option(Protocol.OPT_GO, TestClient.infoData("no"))
                            .getLast()
                            .type());
        }
        try (NbdServer server = start(Mode.FORCED, new MemoryExport(secret, false), true);
                TestClient client = TestClient.connect(server)) {
            client.option(Protocol.OPT_STARTTLS, NOTHING);
            assertThrows(IOException.class, () -> {
                secure(client, "TLSv1.2");
                client.go("");
            });
        }
    }
}
