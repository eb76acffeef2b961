package io.firn.bench.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty 12 core (no servlets), its own thread pool and its asynchronous handler API; the loosest URI compliance it has. */
final class JettyContender implements Contender {
    @Override
    public Ports start() throws Exception {
        Server server = new Server();
        HttpConfiguration http = new HttpConfiguration();
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        ServerConnector plain = new ServerConnector(server, new HttpConnectionFactory(http));

        HttpConfiguration https = new HttpConfiguration(http);
        https.addCustomizer(new SecureRequestCustomizer(false));
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(Contender.tlsContext());
        ServerConnector secure = new ServerConnector(
                server, new SslConnectionFactory(tls, "http/1.1"), new HttpConnectionFactory(https));
        for (ServerConnector connector : new ServerConnector[] {plain, secure}) {
            connector.setHost("127.0.0.1");
            connector.setAcceptQueueSize(1024);
            server.addConnector(connector);
        }
        server.setHandler(new Routes());
        server.start();
        return new Ports(plain.getLocalPort(), secure.getLocalPort());
    }

    private static final class Routes extends Handler.Abstract.NonBlocking {
        private final ByteBuffer hello = direct(Contender.hello());
        private final ByteBuffer piece = direct(new byte[Contender.PIECE_BYTES]);

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String target = request.getHttpURI().getPathQuery();
            switch (target) {
                case "/hello" -> {
                    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, hello.remaining());
                    response.write(true, hello.slice(), callback);
                }
                case "/big" -> {
                    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, Contender.BIG_BYTES);
                    new Pieces(response, callback).iterate();
                }
                case "/sink" -> {
                    if (request.getHeaders().contains(Contender.REFUSE)) {
                        response.setStatus(HttpStatus.PRECONDITION_FAILED_412);
                        response.write(true, ByteBuffer.allocate(0), callback);
                    } else {
                        // Jetty sends 100 Continue itself when the body is first demanded.
                        Content.Source.consumeAll(
                                request, Callback.from(() -> response.write(true, null, callback), callback::failed));
                    }
                }
                default -> response.write(true, ByteBuffer.wrap(target.getBytes(StandardCharsets.UTF_8)), callback);
            }
            return true;
        }

        private static ByteBuffer direct(byte[] content) {
            return ByteBuffer.allocateDirect(content.length).put(content).flip().asReadOnlyBuffer();
        }

        private final class Pieces extends IteratingNestedCallback {
            private final Response response;
            private int left = Contender.BIG_BYTES / Contender.PIECE_BYTES;

            Pieces(Response response, Callback callback) {
                super(callback);
                this.response = response;
            }

            @Override
            protected Action process() {
                if (left == 0) {
                    return Action.SUCCEEDED;
                }
                left--;
                response.write(left == 0, piece.slice(), this);
                return Action.SCHEDULED;
            }
        }
    }
}
