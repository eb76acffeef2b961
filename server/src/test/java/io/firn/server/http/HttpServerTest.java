package io.firn.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.FileStretch;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpServerTest {
    private static final HttpServerOptions OPTIONS = HttpServerOptions.at(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .withTimeouts(Duration.ofMillis(700), Duration.ofSeconds(5), Duration.ofSeconds(5));

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        threads.close();
    }

    private HttpServer start(HttpServerOptions options, HttpHandler handler) {
        HttpServer server = HttpServer.start(new SystemClock(), threads, options, handler);
        open.add(server);
        return server;
    }

    private RawClient connect(HttpServer server) throws IOException {
        RawClient client = new RawClient(server.address());
        open.add(client);
        return client;
    }

    private RawClient serving(HttpHandler handler) throws IOException {
        return connect(start(OPTIONS, handler));
    }

    private static void text(HttpExchange exchange, String text) {
        exchange.respond(200, new HeaderList(), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] readAll(HttpExchange exchange) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8 << 10);
        while (exchange.body().read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toByteArray();
    }

    /** Replies with the number of body bytes, and with the reason when the body fails. */
    private static void count(HttpExchange exchange) {
        try {
            text(exchange, "" + readAll(exchange).length);
        } catch (RequestBodyException broken) {
            exchange.respond(400, new HeaderList(), broken.reason().name().getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void pathQueryAndHeadersPassByteForByte() throws Exception {
        RawClient client = serving(exchange -> text(
                exchange,
                exchange.method() + " " + exchange.rawPath() + " " + exchange.rawQuery() + " "
                        + exchange.headers("x-amz-meta-a") + exchange.headers().name(0)));
        String utf8 = new String("é".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        RawClient.Reply reply = client.send(
                        "GET //b/../a%2F%zz/./" + utf8 + "?x=%20+&y&=?z HTTP/1.1\r\nHOST: h\r\nx-amz-meta-A: " + utf8
                                + "\r\nX-Amz-Meta-a:   two  words \r\n\r\n")
                .reply();
        assertEquals("GET //b/../a%2F%zz/./" + utf8 + " x=%20+&y&=?z [" + utf8 + ", two  words]HOST", reply.text());
    }

    @Test
    void absoluteTargetLosesItsAuthority() throws Exception {
        RawClient client = serving(exchange -> text(exchange, exchange.rawPath() + " " + exchange.rawQuery()));
        assertEquals(
                "/b/k q",
                client.send("GET http://host:9000/b/k?q HTTP/1.1\r\nHost: h\r\n\r\n")
                        .reply()
                        .text());
        assertEquals(
                "/ q",
                client.send("GET http://host?q HTTP/1.1\r\nHost: h\r\n\r\n")
                        .reply()
                        .text());
    }

    @Test
    void pipelinedRequestsAreServedInOrderOneAtATime() throws Exception {
        AtomicLong running = new AtomicLong();
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        RawClient client = serving(exchange -> {
            seen.add(running.incrementAndGet());
            byte[] body = readAll(exchange);
            running.decrementAndGet();
            text(exchange, exchange.rawPath() + body.length);
        });
        StringBuilder many = new StringBuilder();
        int requests = 500;
        for (int i = 0; i < requests; i++) {
            String body = "b".repeat(i % 7);
            many.append("PUT /" + i + "- HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }
        client.send(many.toString());
        for (int i = 0; i < requests; i++) {
            assertEquals("/" + i + "-" + i % 7, client.reply().text());
        }
        assertTrue(seen.stream().allMatch(count -> count == 1), seen.toString());
    }

    @Test
    void continueIsSentOnTheFirstRead() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        RawClient client = serving(exchange -> {
            try {
                mayRead.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            count(exchange);
        });
        client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        client.socket().setSoTimeout(200);
        try {
            client.reply(false);
            throw new AssertionError("continued before the handler read");
        } catch (java.net.SocketTimeoutException expected) {
            client.socket().setSoTimeout(10_000);
        }
        mayRead.countDown();
        assertEquals(100, client.reply(false).status());
        assertEquals("5", client.send("hello").reply().text());
        assertEquals(
                "3",
                client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                        .reply()
                        .text());
    }

    /** botocore 1.43 takes the next reply's status line for a header where 100 was left out, and waits forever. */
    @Test
    void continueIsSentForAnEmptyBodyToo() throws Exception {
        RawClient client = serving(HttpServerTest::count);
        client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");
        assertEquals(100, client.reply(false).status());
        assertEquals("0", client.reply().text());
    }

    @Test
    void refusedBeforeTheBodyCostsNoBodyAndCloses() throws Exception {
        RawClient client =
                serving(exchange -> exchange.respond(403, new HeaderList(), "no".getBytes(StandardCharsets.US_ASCII)));
        RawClient.Reply reply = client.send(
                        "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n")
                .reply();
        assertEquals(403, reply.status());
        assertEquals("close", reply.headers().get("connection"));
        assertTrue(client.isClosed());
    }

    @Test
    void smallUnreadBodyIsDrainedAndTheConnectionKept() throws Exception {
        RawClient client = serving(exchange -> text(exchange, exchange.rawPath()));
        String body = "x".repeat(60_000);
        client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + body
                + "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals("/1", client.reply().text());
        assertEquals("/2", client.reply().text());
    }

    @Test
    void largeUnreadBodyStillGetsItsReplyThenCloses() throws Exception {
        RawClient client =
                serving(exchange -> exchange.respond(400, new HeaderList(), "no".getBytes(StandardCharsets.US_ASCII)));
        client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n");
        client.send(new byte[8_000_000]);
        RawClient.Reply reply = client.reply();
        assertEquals(400, reply.status());
        assertEquals("close", reply.headers().get("connection"));
    }

    @Test
    void truncatedBodyIsReported() throws Exception {
        CompletableFuture<RequestBodyException.Reason> reason = new CompletableFuture<>();
        RawClient client = serving(exchange -> {
            try {
                readAll(exchange);
            } catch (RequestBodyException broken) {
                reason.complete(broken.reason());
                throw broken;
            }
        });
        client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
                .close();
        assertEquals(RequestBodyException.Reason.TRUNCATED, reason.get(5, TimeUnit.SECONDS));
    }

    @Test
    void slowBodyTimesOut() throws Exception {
        RawClient client = serving(HttpServerTest::count);
        RawClient.Reply reply = client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
                .reply();
        assertEquals("STALLED", reply.text());
        assertTrue(client.isClosed());
    }

    @Test
    void hugeHeadersAreAnsweredNotHung() throws Exception {
        RawClient client = serving(exchange -> text(exchange, "never"));
        RawClient.Reply reply = client.send("GET / HTTP/1.1\r\nHost: h\r\nX-A: " + "a".repeat(100_000) + "\r\n\r\n")
                .reply();
        assertEquals(400, reply.status());
        assertTrue(reply.text().contains("headers are too large"), reply.text());
        assertTrue(client.isClosed());
    }

    @Test
    void manyHeadersAreAnsweredToo() throws Exception {
        RawClient client = serving(exchange -> text(exchange, "never"));
        StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
        for (int i = 0; i < 5_000; i++) {
            request.append("x-h" + i + ": some value\r\n");
        }
        assertEquals(400, client.send(request + "\r\n").reply().status());
    }

    @Test
    void longRequestLineIsAnswered() throws Exception {
        RawClient client = serving(exchange -> text(exchange, "never"));
        assertEquals(
                414,
                client.send("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n")
                        .reply()
                        .status());
    }

    @Test
    void nonsenseIsAnswered() throws Exception {
        HttpServer server = start(OPTIONS, exchange -> text(exchange, "never"));
        for (String nonsense : List.of(
                "nonsense\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nbad header: x\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
            RawClient client = connect(server);
            assertEquals(400, client.send(nonsense).reply().status(), nonsense);
            assertTrue(client.isClosed(), nonsense);
        }
    }

    @Test
    void chunkedBodyIsDecodedAndBrokenChunksReported() throws Exception {
        RawClient client = serving(HttpServerTest::count);
        String head = "PUT /1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertEquals(
                "8",
                client.send(head + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n")
                        .reply()
                        .text());
        assertEquals("0", client.send(head + "0\r\n\r\n").reply().text());
        assertEquals("MALFORMED", client.send(head + "zz\r\nhello\r\n").reply().text());
        assertTrue(client.isClosed());
    }

    @Test
    void headHasALengthButNoBody() throws Exception {
        RawClient client = serving(exchange -> {
            switch (exchange.rawPath()) {
                case "/bytes" -> text(exchange, "12345");
                case "/header" -> exchange.respond(200, new HeaderList().add("Content-Length", "99"));
                default -> {
                    ResponseBody body = exchange.respondStreaming(200, new HeaderList(), 7);
                    body.close();
                }
            }
        });
        for (Map.Entry<String, String> each :
                Map.of("/bytes", "5", "/header", "99", "/stream", "7").entrySet()) {
            RawClient.Reply reply = client.send("HEAD " + each.getKey() + " HTTP/1.1\r\nHost: h\r\n\r\n")
                    .reply(false);
            assertEquals(each.getValue(), reply.headers().get("content-length"), each.getKey());
        }
        assertEquals(
                "12345",
                client.send("GET /bytes HTTP/1.1\r\nHost: h\r\n\r\n").reply().text());
    }

    @Test
    void keepsTheConnectionAfterAnErrorReply() throws Exception {
        RawClient client = serving(exchange -> exchange.respond(404, new HeaderList(), new byte[] {'x'}));
        for (int i = 0; i < 3; i++) {
            RawClient.Reply reply =
                    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply();
            assertEquals(404, reply.status());
            assertFalse(reply.headers().containsKey("connection"));
        }
    }

    @Test
    void handlerThatThrowsIsA500() throws Exception {
        RawClient client = serving(exchange -> {
            throw new IllegalArgumentException("planted");
        });
        assertEquals(
                500, client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().status());
    }

    @Test
    void unfinishedStreamIsCutNotEnded() throws Exception {
        RawClient client = serving(exchange -> {
            ResponseBody body = exchange.respondStreaming(200, new HeaderList(), 10);
            body.write(ByteBuffer.wrap(new byte[4]));
            body.close();
        });
        assertEquals(4, client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().body().length);
    }

    @Test
    void bodyComesFromASource() throws Exception {
        HttpServer server = start(OPTIONS, exchange -> {
            boolean isChunked = exchange.rawPath().equals("/chunked");
            long[] given = {0};
            int all = exchange.rawPath().equals("/short") ? 299_999 : 300_000;
            try (ResponseBody body = isChunked
                    ? exchange.respondChunked(200, new HeaderList())
                    : exchange.respondStreaming(200, new HeaderList(), 300_000)) {
                while (body.writeFrom(target -> {
                    if (given[0] == all) {
                        return -1;
                    }
                    int bytes = Math.min(target.remaining(), Math.min(70_001, (int) (all - given[0])));
                    for (int i = 0; i < bytes; i++) {
                        target.put((byte) (given[0]++ % 251));
                    }
                    return bytes;
                })) {
                    // Until the source has ended.
                }
            }
        });
        RawClient client = connect(server);
        for (String path : new String[] {"/", "/chunked", "/"}) {
            byte[] body = client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
                    .reply()
                    .body();
            assertEquals(300_000, body.length, path);
            for (int i = 0; i < body.length; i++) {
                assertEquals((byte) (i % 251), body[i], path);
            }
        }
        assertEquals(
                "300000",
                client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
                        .reply(false)
                        .headers()
                        .get("content-length"));
        assertEquals(
                299_999,
                client.send("GET /short HTTP/1.1\r\nHost: h\r\n\r\n").reply().body().length,
                "cut, not ended");
    }

    @Test
    void bodyComesFromAFile(@TempDir Path folder) throws Exception {
        byte[] content = new byte[24 << 20]; // more than sockets hold
        new java.util.Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("file"), content);
        AtomicLong lent = new AtomicLong();
        try (FileChannel channel = FileChannel.open(file)) {
            HttpServer server = start(OPTIONS, exchange -> {
                lent.set(0);
                boolean isCut = exchange.rawPath().equals("/cut");
                try (ResponseBody body = exchange.respondStreaming(200, new HeaderList(), content.length)) {
                    assertFalse(body.takesStretches(), "the head is to go first");
                    body.write(ByteBuffer.wrap(content, 0, 1000));
                    if (exchange.method().equals("HEAD")) {
                        assertFalse(body.takesStretches());
                        return;
                    }
                    for (int at = 1000; at < content.length - (isCut ? 300_000 : 0); ) {
                        assertTrue(body.takesStretches());
                        int length = Math.min(256 << 10, content.length - at);
                        lent.incrementAndGet();
                        body.send(new FileStretch(channel, at, length, lent::decrementAndGet));
                        at += length;
                    }
                }
            });
            RawClient client = connect(server);
            for (String path : new String[] {"/", "/"}) {
                client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
                // Slower than the server: it has to wait for room.
                Thread.sleep(300);
                assertArrayEquals(content, client.reply().body());
                awaitNone(lent);
            }
            assertTrue(
                    client.send("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n").reply().body().length < content.length);
            RawClient leaver = connect(server);
            leaver.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Thread.sleep(300);
            assertTrue(lent.get() > 0);
            leaver.close();
            awaitNone(lent);
        }
    }

    /** What was lent is let go when the client has it, or has left. */
    private static void awaitNone(AtomicLong lent) throws InterruptedException {
        for (int i = 0; lent.get() > 0 && i < 100; i++) {
            Thread.sleep(50);
        }
        assertEquals(0, lent.get());
    }

    @Test
    void sourceThatThrowsCutsTheReply() throws Exception {
        RawClient client = serving(exchange -> {
            try (ResponseBody body = exchange.respondStreaming(200, new HeaderList(), 10)) {
                body.write(ByteBuffer.wrap(new byte[4]));
                body.writeFrom(target -> {
                    target.put((byte) 'x');
                    throw new IllegalStateException("planted");
                });
            }
        });
        assertEquals(4, client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().body().length);
    }

    @Test
    void chunkedReplyOfUnknownLength() throws Exception {
        HttpServer server = start(OPTIONS, exchange -> {
            ResponseBody body = exchange.respondChunked(200, new HeaderList());
            body.write(ByteBuffer.wrap(new byte[] {' '}));
            body.write(ByteBuffer.wrap(new byte[300_000]));
            body.close();
        });
        RawClient client = connect(server);
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    300_001,
                    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().body().length);
        }
        assertEquals(
                300_001,
                client.send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").reply().body().length);
    }

    @Test
    void valueCannotEndItsLine() throws Exception {
        RawClient client = serving(exchange ->
                exchange.respond(200, new HeaderList().add("Content-Disposition", "a\r\nX-Evil: 1"), new byte[0]));
        RawClient.Reply reply = client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply();
        assertFalse(reply.headers().containsKey("x-evil"));
        assertEquals("a  X-Evil: 1", reply.headers().get("content-disposition"));
    }

    @Test
    void slowReaderHoldsTheWriterBack() throws Exception {
        AtomicLong written = new AtomicLong();
        HttpServer server = start(
                OPTIONS.withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofSeconds(5)),
                exchange -> {
                    int pieces = 160;
                    try (ResponseBody body = exchange.respondStreaming(200, new HeaderList(), pieces * 65_536L)) {
                        for (int i = 0; i < pieces; i++) {
                            byte[] piece = new byte[65_536];
                            java.util.Arrays.fill(piece, (byte) i);
                            body.write(ByteBuffer.wrap(piece));
                            written.addAndGet(piece.length);
                        }
                    }
                });
        java.net.Socket socket = new java.net.Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(server.address());
        RawClient client = new RawClient(socket);
        open.add(client);
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        long before = -1;
        while (written.get() != before) {
            before = written.get();
            Thread.sleep(300);
        }
        assertTrue(before < 8 << 20, before + " bytes were buffered for a client that reads nothing");
        byte[] body = client.reply().body();
        assertEquals(160 * 65_536, body.length);
        for (int i = 0; i < body.length; i += 4096) {
            assertEquals((byte) (i / 65_536), body[i]);
        }
    }

    @Test
    void slowHandlerHoldsTheUploaderBack() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        AtomicLong received = new AtomicLong();
        CompletableFuture<HttpExchange> current = new CompletableFuture<>();
        HttpServer server = start(OPTIONS, exchange -> {
            current.complete(exchange);
            try {
                mayRead.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            received.set(readAll(exchange).length);
            text(exchange, "ok");
        });
        RawClient client = connect(server);
        int size = 10 << 20;
        client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
        CompletableFuture<?> sent = CompletableFuture.runAsync(
                () -> {
                    try {
                        client.send(new byte[size]);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                threads);
        Thread.sleep(500);
        assertTrue(
                current.get().bodyBytesReceived() <= 512 << 10,
                "queued " + current.get().bodyBytesReceived());
        mayRead.countDown();
        assertEquals("ok", client.reply().text());
        assertEquals(size, received.get());
        sent.get(5, TimeUnit.SECONDS);
    }

    @Test
    void idleConnectionsAreClosed() throws Exception {
        HttpServer server = start(
                OPTIONS.withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(5)),
                exchange -> text(exchange, "x"));
        assertTrue(connect(server).isClosed());
        RawClient halfHead = connect(server);
        assertTrue(halfHead.send("GET / HTTP/1.1\r\nHost:").isClosed());
        RawClient kept = connect(server);
        assertEquals(200, kept.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().status());
        assertTrue(kept.isClosed());
        while (server.openConnections() > 0) {
            Thread.sleep(
                    10); // the client sees the end a moment before the server has counted it; the timeout bounds this
        }
    }

    @Test
    void oneConnectionTooManyIsAnswered503() throws Exception {
        HttpServer server = start(OPTIONS.withMaxConnections(1), exchange -> text(exchange, "x"));
        RawClient first = connect(server);
        assertEquals(
                200, first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().status());
        assertEquals(503, connect(server).reply().status());
        assertEquals(
                200, first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").reply().status());
    }

    @Test
    void closeLetsTheRequestInFlightFinish() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayFinish = new CountDownLatch(1);
        HttpServer server = start(OPTIONS, exchange -> {
            started.countDown();
            try {
                mayFinish.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            text(exchange, "done");
        });
        RawClient idle = connect(server);
        RawClient busy = connect(server);
        busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertTrue(started.await(5, TimeUnit.SECONDS));
        CompletableFuture<?> closed = CompletableFuture.runAsync(server::close, threads);
        assertTrue(idle.isClosed());
        mayFinish.countDown();
        RawClient.Reply reply = busy.reply();
        assertEquals("done", reply.text());
        assertEquals("close", reply.headers().get("connection"));
        assertTrue(busy.isClosed());
        busy.close();
        closed.get(10, TimeUnit.SECONDS);
    }

    @Test
    void bytesSurviveBothWays() throws Exception {
        RawClient client = serving(exchange -> exchange.respond(200, new HeaderList(), readAll(exchange)));
        for (int size : new int[] {1, 4096, 65_536, 65_537, 1 << 20}) {
            byte[] body = new byte[size];
            new java.util.Random(size).nextBytes(body);
            client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n")
                    .send(body);
            assertArrayEquals(body, client.reply().body());
        }
    }
}
