package io.firn.bench.http;

import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Helidon 4 WebServer: a virtual thread per connection, blocking handlers; path validation off, 100-continue on demand. */
final class HelidonContender implements Contender {
    /** Held here because the logging framework holds it weakly. */
    private static final Logger LOG = Logger.getLogger("io.helidon");

    private static final byte[] HELLO = Contender.hello();
    private static final byte[] PIECE = new byte[Contender.PIECE_BYTES];

    @Override
    public Ports start() throws Exception {
        LOG.setLevel(Level.WARNING);
        WebServer plain = builder().build().start();
        WebServer secure = builder()
                .tls(Tls.builder().sslContext(Contender.tlsContext()).build())
                .build()
                .start();
        return new Ports(plain.port(), secure.port());
    }

    private static io.helidon.webserver.WebServerConfig.Builder builder() {
        Http1Config http = Http1Config.builder()
                .validatePath(false)
                .validatePrologue(false)
                .continueImmediately(false)
                .build();
        return WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .shutdownHook(false)
                .addConnectionSelector(
                        Http1ConnectionSelector.builder().config(http).build())
                .routing(HttpRouting.builder().any(HelidonContender::serve));
    }

    private static void serve(ServerRequest request, ServerResponse response) throws IOException {
        String path = request.path().rawPath();
        switch (path) {
            case "/hello" -> response.send(HELLO);
            case "/big" -> {
                response.headers().contentLength(Contender.BIG_BYTES);
                try (OutputStream body = response.outputStream()) {
                    for (int piece = Contender.BIG_BYTES / Contender.PIECE_BYTES; piece > 0; piece--) {
                        body.write(PIECE);
                    }
                }
            }
            case "/sink" -> {
                if (request.headers().contains(HeaderNames.create(Contender.REFUSE))) {
                    response.status(Status.PRECONDITION_FAILED_412).send();
                    return;
                }
                byte[] chunk = new byte[64 << 10];
                try (InputStream body = request.content().inputStream()) {
                    while (body.read(chunk) >= 0) {
                        // Drained.
                    }
                }
                response.send();
            }
            default -> {
                String query = request.query().rawValue();
                String target = query.isEmpty() ? path : path + "?" + query;
                response.send(target.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
