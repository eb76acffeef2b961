package io.firn.server;

import io.firn.io.Clock;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.HttpHandler;
import io.firn.server.http.HttpReply;
import io.firn.server.http.Refusal;
import io.firn.server.log.AccessLine;
import io.firn.server.log.AccessLog;
import io.firn.server.log.Metrics;
import io.firn.server.log.RequestFacts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Sends each request to its door, logs and counts it. No bucket can be called {@code _firn}, so the admin calls have that prefix. */
final class FrontDoor implements HttpHandler {
    private static final String ADMIN = "/_firn/";

    private final Clock machine;
    private final Clock clock;
    private final Door objects;
    private final Door admin;
    private final Metrics metrics;
    private final AccessLog log;

    /**
     * Puts the doors together.
     *
     * @param machine measures time
     * @param clock dates the log
     */
    FrontDoor(Clock machine, Clock clock, Door objects, Door admin, Metrics metrics, AccessLog log) {
        this.machine = machine;
        this.clock = clock;
        this.objects = objects;
        this.admin = admin;
        this.metrics = metrics;
        this.log = log;
    }

    @Override
    public void handle(HttpExchange exchange) {
        long start = machine.nanoTime();
        Instant at = clock.now();
        boolean isAdmin = exchange.rawPath().startsWith(ADMIN);
        RequestFacts facts = RequestFacts.unknown("Failed");
        try {
            facts = isAdmin ? admin.serve(exchange) : objects.serve(exchange);
        } finally {
            long nanos = machine.nanoTime() - start;
            metrics.count(
                    facts.api(), exchange.status(), nanos, exchange.bodyBytesReceived(), exchange.bodyBytesSent());
            if (!isAdmin) {
                log.add(AccessLine.of(exchange, facts, at, nanos));
            }
        }
    }

    @Override
    public HttpReply refuse(Refusal refusal) {
        String code = switch (refusal) {
            case MALFORMED -> "InvalidRequest";
            case REQUEST_LINE_TOO_LONG -> "InvalidURI";
            case HEADERS_TOO_LARGE -> "RequestHeaderSectionTooLarge";
            case TOO_MANY_CONNECTIONS -> "SlowDown";
            case HANDLER_FAILED -> "InternalError";
        };
        String document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>"
                + refusal.message() + "</Message></Error>";
        int status = refusal == Refusal.REQUEST_LINE_TOO_LONG ? 400 : refusal.status();
        return new HttpReply(
                status,
                new HeaderList().add("Content-Type", "application/xml").add("Server", "Firn"),
                document.getBytes(StandardCharsets.UTF_8));
    }
}
