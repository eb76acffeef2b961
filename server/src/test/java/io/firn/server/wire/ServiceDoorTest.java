package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.server.auth.SigV4Options;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.RequestBody;
import io.firn.server.http.ResponseBody;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ServiceDoorTest {
    private static final int BUDGET_BYTES = 100_000;

    private static ServiceDoor door(String service, BodyBudget bodies) {
        return new ServiceDoor(
                Service.of(service, Map.of()),
                new SigV4Verifier(
                        id -> Optional.empty(), new SigV4Options(service, "us-east-1", SigV4Options.S3_MAX_SKEW)),
                key -> Optional.empty(),
                bodies,
                new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")),
                Randomness.seeded(1));
    }

    /** A request without a signature; something happens while its body comes. */
    private static final class Request implements HttpExchange {
        private final int bodyBytes;
        private final Runnable meanwhile;
        private int status;
        private String answer = "";

        Request(int bodyBytes, Runnable meanwhile) {
            this.bodyBytes = bodyBytes;
            this.meanwhile = meanwhile;
        }

        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String rawPath() {
            return "/";
        }

        @Override
        public String rawQuery() {
            return "";
        }

        @Override
        public HeaderList headers() {
            return new HeaderList();
        }

        @Override
        public boolean isTls() {
            return false;
        }

        @Override
        public InetSocketAddress remoteAddress() {
            throw new AssertionError("nobody asks");
        }

        @Override
        public OptionalLong contentLength() {
            return OptionalLong.of(bodyBytes);
        }

        @Override
        public boolean expectsContinue() {
            return false;
        }

        @Override
        public RequestBody body() {
            return target -> {
                meanwhile.run();
                int bytes = target.remaining();
                target.position(target.limit());
                return bytes;
            };
        }

        @Override
        public void respond(int newStatus, HeaderList headers, ByteBuffer body) {
            status = newStatus;
            answer = UTF_8.decode(body).toString();
        }

        @Override
        public ResponseBody respondStreaming(int newStatus, HeaderList headers, long length) {
            throw new AssertionError("answers are whole");
        }

        @Override
        public ResponseBody respondChunked(int newStatus, HeaderList headers) {
            throw new AssertionError("answers are whole");
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public long bodyBytesReceived() {
            return 0;
        }

        @Override
        public long bodyBytesSent() {
            return 0;
        }
    }

    private static Request serve(ServiceDoor door, int bodyBytes, Runnable meanwhile) {
        Request request = new Request(bodyBytes, meanwhile);
        door.serve(request);
        return request;
    }

    private static void isThrottledBeyondTheBudget(String service, int status, String code) {
        BodyBudget bodies = new BodyBudget(BUDGET_BYTES);
        ServiceDoor door = door(service, bodies);
        Request first = serve(door, 60_000, () -> {
            Request second = serve(door, 40_001, () -> {});
            assertEquals(status, second.status());
            assertTrue(second.answer.contains(code), second.answer);
            Request third = serve(door, 40_000, () -> {
                Request small = serve(door, 16 << 10, () -> {});
                assertFalse(small.answer.isEmpty() || small.answer.contains(code), small.answer);
            });
            assertFalse(third.answer.isEmpty() || third.answer.contains(code), third.answer);
        });
        assertFalse(first.answer.isEmpty() || first.answer.contains(code), first.answer);
        assertTrue(bodies.take(BUDGET_BYTES), "all of it was given back");
    }

    @Test
    void takesNoMoreBodiesThanThereIsMemoryFor() {
        isThrottledBeyondTheBudget("ec2", 503, "RequestLimitExceeded");
        isThrottledBeyondTheBudget("ebs", 400, "ACCOUNT_THROTTLED");
    }
}
