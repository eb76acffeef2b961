package io.firn.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.SystemClock;
import io.firn.io.Threads;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TlsTest {
    private static final Instant NOW = new SystemClock().now();
    private final Tls tls =
            SelfSigned.generate(NOW, List.of("localhost", "*.localhost"), List.of(InetAddress.getLoopbackAddress()));

    private X509Certificate certificate(Tls of) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(of.certificatePem()));
    }

    @Test
    void certificateIsWhatTheJdkReads() throws Exception {
        X509Certificate certificate = certificate(tls);
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(NOW));
        assertEquals(
                "CN=Firn self-signed", certificate.getSubjectX500Principal().getName());
        assertEquals(
                List.of(List.of(2, "localhost"), List.of(2, "*.localhost"), List.of(7, "127.0.0.1")),
                List.copyOf(certificate.getSubjectAlternativeNames()));
        assertEquals(Integer.MAX_VALUE, certificate.getBasicConstraints());
        X509Certificate late =
                certificate(SelfSigned.generate(Instant.parse("2048-06-01T00:00:00Z"), List.of("a"), List.of()));
        late.checkValidity(Date.from(Instant.parse("2055-01-01T00:00:00Z")));
    }

    private SSLSocket connect(InetSocketAddress address) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("firn", certificate(tls));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // checks the name too
        socket.setSSLParameters(parameters);
        return socket;
    }

    @Test
    void servesOverTls() throws Exception {
        HttpHandler echo = exchange -> {
            assertTrue(exchange.isTls());
            ByteBuffer body = ByteBuffer.allocate((int) exchange.contentLength().orElseThrow());
            exchange.body().readFully(body);
            exchange.respond(200, new HeaderList(), body.flip());
        };
        HttpServerOptions options = HttpServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withTls(tls);
        try (ExecutorService threads = Threads.virtualPerTask("tls-test-");
                HttpServer server = HttpServer.start(new SystemClock(), threads, options, echo);
                RawClient client = new RawClient(connect(server.address()))) {
            for (int size : new int[] {0, 5, 16_384, 2 << 20}) {
                byte[] body = new byte[size];
                new Random(size).nextBytes(body);
                client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size + "\r\n\r\n")
                        .send(body);
                assertArrayEquals(body, client.reply().body());
            }
            client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertEquals(200, client.reply().status());
            assertTrue(client.isClosed());
        }
    }

    @Test
    void unusableKeyIsTheCallersMistake() {
        Tls broken = new Tls(tls.certificatePem(), new byte[] {'x'});
        HttpServerOptions options = HttpServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withTls(broken);
        assertThrows(
                IllegalArgumentException.class,
                () -> HttpServer.start(new SystemClock(), Runnable::run, options, exchange -> {}));
    }
}
