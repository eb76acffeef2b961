package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.nbd.Protocol.Style;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flushes whose replies are sent by the thread that completes them, which here is the test's. */
@Timeout(60)
final class FlusherTest {
    private static final byte[] NOTHING = {};
    private final MemoryExport export = new MemoryExport(ExportProfile.writable(4 << 20, "test"), false);
    private final Queue<CompletableFuture<Void>> held = new ConcurrentLinkedQueue<>();
    private final NbdServer server = TransmissionTest.start(export);

    @AfterEach
    void closes() {
        server.close();
        assertEquals(0, export.sessions.get());
        assertEquals(0, server.openConnections());
    }

    private CompletableFuture<Void> next() {
        CompletableFuture<Void> flush = held.poll();
        while (flush == null) {
            Thread.onSpinWait();
            flush = held.poll();
        }
        return flush;
    }

    private static byte[] flushes(TestClient client, long firstCookie, int count) {
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            burst.writeBytes(client.request(Protocol.CMD_FLUSH, 0, firstCookie + i, 0, 0, NOTHING));
        }
        return burst.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void answersAllThatWereSentAtOnce(Style style) throws Exception {
        int count = 5_000;
        try (TestClient client = TestClient.transmission(server, style);
                TestClient other = TestClient.transmission(server, style)) {
            byte[] requests = flushes(client, 1, count);
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    client.out.write(requests);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Set<Long> cookies = new HashSet<>();
            for (int i = 0; i < count; i++) {
                TestClient.Reply reply = client.reply(0);
                assertEquals(0, reply.error());
                cookies.add(reply.cookie());
                if (i % 500 == 0) {
                    assertEquals(0, other.command(Protocol.CMD_FLUSH, 0, 0, 0));
                }
            }
            sender.join();
            assertEquals(count, cookies.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void failsThoseThatTheFlushWasForAndNoOthers(Style style) throws Exception {
        export.heldFlushes.set(held);
        try (TestClient one = TestClient.transmission(server, style);
                TestClient two = TestClient.transmission(server, style)) {
            one.out.write(one.request(Protocol.CMD_FLUSH, 0, 1, 0, 0, NOTHING));
            CompletableFuture<Void> failing = next();
            int flags = Protocol.CMD_FLAG_FUA | (style == Style.EXTENDED ? Protocol.CMD_FLAG_PAYLOAD_LEN : 0);
            one.out.write(one.request(Protocol.CMD_WRITE, flags, 2, 0, 4, new byte[4]));
            CompletableFuture<Void> later = next();
            two.out.write(two.request(Protocol.CMD_FLUSH, 0, 3, 0, 0, NOTHING));
            CompletableFuture<Void> others = next();
            failing.completeExceptionally(new StorageException.DiskFailed("sync", null));
            TestClient.Reply reply = one.reply(0);
            assertEquals(1, reply.cookie());
            assertEquals(5, reply.error());
            others.complete(null);
            assertEquals(0, two.reply(0).error());
            later.complete(null);
            reply = one.reply(0);
            assertEquals(2, reply.cookie());
            assertEquals(0, reply.error());
        }
    }

    /** A read that is longer than the reply buffer goes out in pieces, and the replies of flushes beside it get before or behind it. */
    @ParameterizedTest
    @EnumSource(Style.class)
    void sendsNoReplyInsideAnother(Style style) throws Exception {
        export.heldFlushes.set(held);
        int length = 1 << 20;
        byte[] bytes = new byte[length];
        Randomness.seeded(1).nextBytes(bytes);
        export.bytes.put(0, bytes);
        int flags = style == Style.SIMPLE ? 0 : Protocol.CMD_FLAG_DF;
        try (TestClient client = TestClient.transmission(server, style)) {
            for (int i = 1; i <= 8; i++) {
                client.out.write(client.request(Protocol.CMD_FLUSH, 0, i, 0, 0, NOTHING));
                while (held.size() < i) {
                    Thread.onSpinWait();
                }
            }
            export.besideReads = this::completeOne;
            TestClient.Reply read = null;
            client.out.write(client.request(Protocol.CMD_READ, flags, 99, 0, length, NOTHING));
            Set<Long> cookies = new HashSet<>();
            while (read == null) {
                TestClient.Reply reply = client.reply(cookie -> cookie == 99 ? length : 0);
                assertEquals(0, reply.error());
                assertTrue(cookies.add(reply.cookie()));
                read = reply.cookie() == 99 ? reply : null;
            }
            byte[] content = read.chunks().getFirst().payload();
            assertArrayEquals(bytes, Arrays.copyOfRange(content, content.length - length, content.length));
            export.besideReads = () -> {};
            int completed = 8 - held.size();
            assertTrue(completed >= 4, "the read was to be in pieces, not " + completed);
            held.forEach(flush -> flush.complete(null));
            while (cookies.size() < 9) {
                TestClient.Reply reply = client.reply(0);
                assertEquals(0, reply.error());
                assertTrue(cookies.add(reply.cookie()));
            }
        }
    }

    /** By another thread, as the disk's; it must not wait for the one that reads. */
    private void completeOne() {
        CompletableFuture<Void> flush = held.poll();
        if (flush != null) {
            join(Thread.ofPlatform().start(() -> flush.complete(null)));
        }
    }

    /** A client that waits for the rest of a reply must not be given another one as that. */
    @Test
    void sendsNothingAfterAReplyThatBrokeOff() throws Exception {
        export.heldFlushes.set(held);
        byte[] bytes = new byte[1 << 20];
        Arrays.fill(bytes, (byte) 1);
        export.bytes.put(0, bytes);
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            client.out.write(client.request(Protocol.CMD_FLUSH, 0, 7, 0, 0, NOTHING));
            CompletableFuture<Void> flush = next();
            AtomicInteger pieces = new AtomicInteger();
            export.besideReads = () -> {
                if (pieces.incrementAndGet() == 3) {
                    join(Thread.ofPlatform().start(() -> flush.complete(null)));
                    throw new StorageException.Corrupt("rot");
                }
            };
            client.out.write(client.request(Protocol.CMD_READ, 0, 8, 0, bytes.length, NOTHING));
            assertEquals(Protocol.SIMPLE_REPLY_MAGIC, client.in.readInt());
            assertEquals(0, client.in.readInt());
            assertEquals(8, client.in.readLong());
            int count = 0;
            try {
                for (int next = client.in.read(); next >= 0; next = client.in.read()) {
                    assertEquals(1, next, "at " + count);
                    count++;
                }
            } catch (SocketException e) {
                // a reset ends it as well
            }
            assertTrue(count < bytes.length);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * One thread completes the flushes of all. A client that reads no replies fills its socket, and neither that thread nor another
     * client waits for it; when it reads at last, every reply is there, whole.
     */
    @Test
    void doesNotWaitForAClientThatReadsNothing() throws Exception {
        export.heldFlushes.set(held);
        int most = 1_000_000;
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        Thread completer = Thread.ofPlatform().start(() -> {
            while (!isOver.get()) {
                sleep(Duration.ofNanos(200_000)); // a disk: were it quick, flushes would be executed in place
                for (CompletableFuture<Void> flush = held.poll(); flush != null; flush = held.poll()) {
                    flush.complete(null);
                }
            }
        });
        try (TestClient silent = TestClient.transmission(server, Style.EXTENDED);
                TestClient other = TestClient.transmission(server, Style.SIMPLE)) {
            AtomicBoolean isEnough = new AtomicBoolean();
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    while (!isEnough.get() && sent.get() < most) {
                        silent.out.write(flushes(silent, sent.get() + 1, 500));
                        sent.addAndGet(500);
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            int before = -1;
            while (sent.get() != before && sent.get() < most) {
                before = sent.get();
                for (int i = 0; i < 100; i++) {
                    assertEquals(0, other.command(Protocol.CMD_FLUSH, 0, 0, 0));
                }
                sleep(Duration.ofMillis(200));
            }
            assertTrue(sent.get() < most, "the silent client's socket was to be full");
            for (int i = 0; i < 100; i++) {
                assertEquals(0, other.command(Protocol.CMD_FLUSH, 0, 0, 0));
            }
            isEnough.set(true);
            silent.in = new DataInputStream(new BufferedInputStream(silent.socket.getInputStream()));
            Set<Long> cookies = new HashSet<>();
            while (sender.isAlive() || cookies.size() < sent.get()) {
                TestClient.Reply reply = silent.reply(0);
                assertEquals(0, reply.error());
                assertTrue(cookies.add(reply.cookie()));
            }
            assertEquals(sent.get(), cookies.size());
        } finally {
            isOver.set(true);
            completer.join();
        }
    }

    /** A flush that is under way counts as being executed: the session is closed, and the next client served, after it. */
    @Test
    void endsASessionAfterTheFlushesUnderWay() throws Exception {
        export.heldFlushes.set(held);
        TestClient client = TestClient.transmission(server, Style.SIMPLE);
        client.out.write(client.request(Protocol.CMD_WRITE, Protocol.CMD_FLAG_FUA, 1, 0, 4, new byte[4]));
        CompletableFuture<Void> first = next();
        client.out.write(client.request(Protocol.CMD_FLUSH, 0, 2, 0, 0, NOTHING));
        CompletableFuture<Void> second = next();
        client.close();
        sleep(Duration.ofMillis(200));
        assertEquals(1, export.sessions.get());
        second.complete(null);
        sleep(Duration.ofMillis(100));
        assertEquals(1, export.sessions.get());
        first.completeExceptionally(new StorageException.DiskFailed("sync", null));
        while (export.sessions.get() > 0 || server.openConnections() > 0) {
            Thread.onSpinWait();
        }
    }

    /** Those that were sent before the client closed its side are still answered. */
    @Test
    void answersAClientThatSendsNoMore() throws Exception {
        export.heldFlushes.set(held);
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            client.out.write(client.request(Protocol.CMD_FLUSH, 0, 7, 0, 0, NOTHING));
            CompletableFuture<Void> flush = next();
            client.socket.shutdownOutput();
            sleep(Duration.ofMillis(100));
            assertFalse(flush.isDone());
            flush.complete(null);
            assertEquals(7, client.reply(0).cookie());
            assertTrue(client.isCutOff());
        }
    }

    /** A flush that cannot even begin, for want of memory say, is answered as one that failed. */
    @Test
    void answersAFlushThatDoesNotBegin() throws Exception {
        export.heldFlushes.set(new ConcurrentLinkedQueue<>() {
            @Override
            public boolean add(CompletableFuture<Void> flush) {
                throw new OutOfMemoryError("as told");
            }
        });
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            assertEquals(5, client.command(Protocol.CMD_FLUSH, 0, 0, 0));
            assertEquals(0, client.command(Protocol.CMD_READ, 0, 0, 512));
        }
    }

    /** A connection whose thread waits for requests beside a flush ends when the server does. */
    @Test
    void closesWithTheServer() throws Exception {
        export.heldFlushes.set(held);
        try (TestClient client = TestClient.transmission(server, Style.SIMPLE)) {
            client.out.write(client.request(Protocol.CMD_FLUSH, 0, 7, 0, 0, NOTHING));
            next().complete(null);
            assertEquals(7, client.reply(0).cookie());
            server.close();
            assertTrue(client.isCutOff());
        }
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
