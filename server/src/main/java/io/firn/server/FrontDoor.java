package io.firn.server;

import io.firn.io.Clock;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.HttpHandler;
import io.firn.server.http.HttpReply;
import io.firn.server.http.Refusal;
import io.firn.server.log.AccessLine;
import io.firn.server.log.AccessLog;
import io.firn.server.log.Metrics;
import io.firn.server.log.RequestFacts;
import io.firn.server.s3.S3Door;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Sends each request to its door, logs and counts it. No bucket can be called {@code _firn}, so the admin calls have that prefix. */
final class FrontDoor implements HttpHandler {
    private static final String ADMIN = "/_firn/";

    private final Clock machine;
    private final Clock clock;
    private final S3Door objects;
    private final Door admin;
    private final Map<String, Door> services;
    private final Metrics metrics;
    private final AccessLog log;

    /**
     * Puts the doors together.
     *
     * @param machine measures time
     * @param clock dates the log
     * @param services doors of the services beside S3, by their names in signatures
     */
    FrontDoor(
            Clock machine,
            Clock clock,
            S3Door objects,
            Door admin,
            Map<String, Door> services,
            Metrics metrics,
            AccessLog log) {
        this.machine = machine;
        this.clock = clock;
        this.objects = objects;
        this.admin = admin;
        this.services = Map.copyOf(services);
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
            facts = isAdmin ? admin.serve(exchange) : door(exchange).serve(exchange);
        } finally {
            long nanos = machine.nanoTime() - start;
            metrics.count(
                    facts.api(), exchange.status(), nanos, exchange.bodyBytesReceived(), exchange.bodyBytesSent());
            if (!isAdmin) {
                log.add(AccessLine.of(exchange, facts, at, nanos));
            }
        }
    }

    /**
     * The service that a request was signed for. One that is not signed goes by its host, so that it is refused in the right words: {@code
     * ec2.us-east-1.amazonaws.com}, or {@code ec2.localhost}. All else is S3's.
     */
    private Door door(HttpExchange exchange) {
        Optional<String> name = SigV4Verifier.claimedService(
                        exchange.header("Authorization").orElse(""), exchange.rawQuery())
                .or(() -> exchange.header("Host").map(host -> host.substring(0, Math.max(0, host.indexOf('.')))));
        return name.map(services::get).orElse(objects::serve);
    }

    @Override
    public HttpReply refuse(Refusal refusal) {
        return objects.refuse(refusal);
    }
}
