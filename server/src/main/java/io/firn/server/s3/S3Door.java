package io.firn.server.s3;

import io.firn.io.StorageException;
import io.firn.objectstore.Bucket;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.VersionId;
import io.firn.server.http.ClientGone;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.HttpHandler;
import io.firn.server.http.HttpReply;
import io.firn.server.http.Refusal;
import io.firn.server.http.RequestBodyException;
import io.firn.server.log.RequestFacts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * S3 over HTTP: finds the operation of a request, its sender and what that sender may do, and lets the operation reply.
 *
 * <p>In this order: the address is read, the operation found, the signature verified, the permission checked; only then does an operation see
 * the request, and only it reads the body. Nothing is allowed to a request that is not signed.
 *
 * <p><b>Errors.</b> Whatever goes wrong before the reply has begun becomes an error document; after that the connection is cut, so that
 * a client cannot take a part for the whole.
 *
 * <p><b>Threads.</b> Safe; blocks the exchange's virtual thread.
 */
public final class S3Door implements HttpHandler {
    private static final Logger LOG = System.getLogger(S3Door.class.getName());

    private final Authenticator authenticator;
    private final Buckets buckets;
    private final Routes routes;
    private final S3Options options;
    private final ReplyIdSource ids;

    public S3Door(ObjectStore store, Authenticator authenticator, RandomGenerator random, S3Options options) {
        this.authenticator = authenticator;
        this.buckets = new Buckets(store);
        this.routes = new Routes(store, buckets, new Owners(authenticator.accounts()::displayName), options.region());
        this.options = options;
        this.ids = new ReplyIdSource(random);
    }

    @Override
    public void handle(HttpExchange exchange) {
        serve(exchange);
    }

    /** Answers a request and tells what it was. A reply that could not be ended has been cut, so that the client cannot take it for whole. */
    public RequestFacts serve(HttpExchange exchange) {
        RequestRecord record = new RequestRecord(ids.next());
        try {
            serve(exchange, record);
        } catch (S3Exception refused) {
            refuse(exchange, record, refused);
        } catch (RequestBodyException broken) {
            refuse(exchange, record, Payload.toError(broken));
        } catch (ClientGone gone) {
            throw gone;
        } catch (StorageException.OutOfSpace full) {
            // One line: a full disk refuses every write, and the log may be on it.
            LOG.log(Level.WARNING, () -> "request " + record.ids().requestId() + ": " + full.getMessage());
            refuse(exchange, record, toError(full));
        } catch (StorageException failed) {
            LOG.log(Level.ERROR, () -> "request " + record.ids().requestId() + " failed", failed);
            refuse(exchange, record, toError(failed));
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, () -> "request " + record.ids().requestId() + " failed", bug);
            refuse(exchange, record, new S3Exception(S3ErrorCode.INTERNAL_ERROR));
        }
        return record.facts();
    }

    private void serve(HttpExchange exchange, RequestRecord record) {
        S3Address address = S3Address.parse(exchange.rawPath(), exchange.header("Host"), options.domains());
        Query query = Query.parse(exchange.rawQuery());
        record.addressed(address, query);
        if (exchange.method().equals("OPTIONS")) {
            refusePreflight(exchange);
        }
        Authenticator.Verified verified = authenticator.verify(exchange);
        record.authenticated(verified);
        Route route = routes.find(Route.Scope.of(address), exchange.method(), query, exchange.headers());
        record.routed(route);
        Optional<Bucket> bucket = authorise(exchange, address, query, route, verified.caller());
        record.authorised(bucket);
        route.operation()
                .handle(new S3Request(exchange, address, query, record, verified.caller(), verified.payload(), bucket));
    }

    private Optional<Bucket> authorise(
            HttpExchange exchange, S3Address address, Query query, Route route, Caller caller) {
        if (route.permission() == Permission.ACCOUNT) {
            buckets.authoriseAccount(caller);
            return Optional.empty();
        }
        return Optional.of(buckets.authorise(
                caller,
                address.bucket().orElse(""),
                route.permission(),
                address.key()
                        .map(key ->
                                new Buckets.Target(key, query.value("versionId").flatMap(VersionId::parse))),
                exchange.header("x-amz-expected-bucket-owner")));
    }

    /** No bucket has a CORS configuration, so no preflight passes. Preflights are not signed. */
    private static void refusePreflight(HttpExchange exchange) {
        if (!exchange.headers().contains("Origin")) {
            throw new S3Exception(S3ErrorCode.BAD_REQUEST, "Insufficient information. Origin request header needed.");
        }
        throw new S3Exception(S3ErrorCode.ACCESS_FORBIDDEN)
                .with("Method", exchange.header("Access-Control-Request-Method").orElse(""))
                .with("ResourceType", "BUCKET");
    }

    private static S3Exception toError(StorageException failed) {
        return switch (failed) {
            case StorageException.OutOfSpace full -> new S3Exception(S3ErrorCode.INSUFFICIENT_STORAGE);
            case StorageException.Unavailable unavailable -> new S3Exception(S3ErrorCode.SERVICE_UNAVAILABLE);
            case StorageException.Closed closed -> new S3Exception(S3ErrorCode.SERVICE_UNAVAILABLE);
            case StorageException.Fenced fenced -> new S3Exception(S3ErrorCode.SERVICE_UNAVAILABLE);
            case StorageException.DiskFailed broken -> new S3Exception(S3ErrorCode.SERVICE_UNAVAILABLE);
            case StorageException.Corrupt corrupt -> new S3Exception(S3ErrorCode.INTERNAL_ERROR);
        };
    }

    private static void refuse(HttpExchange exchange, RequestRecord record, S3Exception error) {
        record.refused(error.code());
        if (exchange.status() != 0) {
            // The reply had begun: its body was closed early, which cut the connection.
            return;
        }
        HttpReply reply = ErrorReply.of(error, record.ids(), exchange.rawPath());
        boolean isBodiless = exchange.method().equals("HEAD") || error.code() == S3ErrorCode.NOT_MODIFIED;
        if (isBodiless) {
            exchange.respond(reply.status(), reply.headers());
        } else {
            exchange.respond(reply.status(), reply.headers(), reply.body());
        }
    }

    /** The error document for what never became an exchange. */
    @Override
    public HttpReply refuse(Refusal refusal) {
        S3ErrorCode code = switch (refusal) {
            case MALFORMED -> S3ErrorCode.BAD_REQUEST;
            case REQUEST_LINE_TOO_LONG -> S3ErrorCode.URI_TOO_LONG;
            case HEADERS_TOO_LARGE -> S3ErrorCode.REQUEST_HEADER_SECTION_TOO_LARGE;
            case TOO_MANY_CONNECTIONS -> S3ErrorCode.SLOW_DOWN;
            case HANDLER_FAILED -> S3ErrorCode.INTERNAL_ERROR;
        };
        return ErrorReply.of(new S3Exception(code), ids.next(), "");
    }
}
