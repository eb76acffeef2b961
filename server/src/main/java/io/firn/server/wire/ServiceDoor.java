package io.firn.server.wire;

import io.firn.io.Clock;
import io.firn.io.StorageException;
import io.firn.server.auth.AuthOutcome;
import io.firn.server.auth.AuthRefusal;
import io.firn.server.auth.PayloadHash;
import io.firn.server.auth.Sha256;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.auth.SignedRequest;
import io.firn.server.http.ClientGone;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.HttpReply;
import io.firn.server.http.RequestBodyException;
import io.firn.server.log.RequestFacts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * One service over HTTP: authenticates, parses by the model, asks whether the caller may, lets the operation answer.
 *
 * <p>Root may call everything; others may call nothing until there are policies. {@code DryRun} is answered here, after the
 * permission and before the operation.
 *
 * <p><b>Memory.</b> A body is read whole, at most {@value #MAX_BODY_BYTES} bytes, once there is room for it in the {@link BodyBudget}; a request
 * for which there is none is throttled, but for small ones, so that nobody is kept from managing volumes by others who upload. <b>Threads.</b> Safe; blocks the exchange's thread.
 *
 * <p><b>Errors.</b> Whatever goes wrong is answered in the service's own words; a {@link StorageException} is logged and answered as
 * unavailable, a defect as an internal error.
 */
public final class ServiceDoor {
    /** EC2's largest requests carry 64 KiB of user data, EBS's 512 KiB of a block. */
    static final int MAX_BODY_BYTES = 1 << 20;

    /** Bodies that need no room in the budget. */
    private static final int SMALL_BODY_BYTES = 16 << 10;

    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private static final Logger LOG = System.getLogger(ServiceDoor.class.getName());

    private final Service service;
    private final SigV4Verifier verifier;
    private final Accounts accounts;
    private final BodyBudget bodies;
    private final Clock machine;
    private final RandomGenerator random;
    private final ReentrantLock randomTurn = new ReentrantLock();

    /**
     * A door to {@code service}.
     *
     * @param verifier for the service's name and this region
     * @param bodies the memory for bodies of requests
     * @param machine judges the age of signatures
     * @param random makes request ids
     */
    public ServiceDoor(
            Service service,
            SigV4Verifier verifier,
            Accounts accounts,
            BodyBudget bodies,
            Clock machine,
            RandomGenerator random) {
        this.service = service;
        this.verifier = verifier;
        this.accounts = accounts;
        this.bodies = bodies;
        this.machine = machine;
        this.random = random;
    }

    /** What is known of a request so far. */
    private static final class Progress {
        private final String requestId;
        private String operation = "Unknown";
        private Optional<Principal> caller = Optional.empty();

        Progress(String requestId) {
            this.requestId = requestId;
        }
    }

    /** Answers a request and tells what it was. */
    public RequestFacts serve(HttpExchange exchange) {
        Progress progress = new Progress(nextId());
        Protocol protocol = service.protocol();
        Optional<String> error = Optional.empty();
        HttpReply reply;
        try {
            reply = answer(exchange, protocol, progress);
        } catch (ServiceException refused) {
            error = Optional.of(refused.code());
            reply = protocol.answer(refused, progress.requestId);
        } catch (ClientGone gone) {
            throw gone;
        } catch (StorageException failed) {
            LOG.log(Level.ERROR, () -> "request " + progress.requestId + " failed", failed);
            ServiceException unavailable = protocol.words().unavailable();
            error = Optional.of(unavailable.code());
            reply = protocol.answer(unavailable, progress.requestId);
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, () -> "request " + progress.requestId + " failed", bug);
            ServiceException internal = protocol.words().internal();
            error = Optional.of(internal.code());
            reply = protocol.answer(internal, progress.requestId);
        }
        exchange.respond(reply.status(), reply.headers(), reply.body());
        return new RequestFacts(
                progress.operation,
                service.name() + "." + progress.operation,
                progress.requestId,
                "-",
                progress.caller.map(Principal::accountId),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                error,
                OptionalLong.empty(),
                progress.caller.isPresent() ? RequestFacts.Authentication.HEADER : RequestFacts.Authentication.NONE);
    }

    private HttpReply answer(HttpExchange exchange, Protocol protocol, Progress progress) {
        long bytes = bodyBytes(exchange);
        long counted = bytes > SMALL_BODY_BYTES ? bytes : 0;
        if (!bodies.take(counted)) {
            throw protocol.words().throttled();
        }
        try {
            return answer(exchange, protocol, body(exchange, bytes, protocol.words()), progress);
        } finally {
            bodies.giveBack(counted);
        }
    }

    private HttpReply answer(HttpExchange exchange, Protocol protocol, byte[] body, Progress progress) {
        Words words = protocol.words();
        Principal caller = authenticate(exchange, body, words);
        progress.caller = Optional.of(caller);
        WireRequest request =
                new WireRequest(exchange.method(), exchange.rawPath(), exchange.rawQuery(), exchange.headers(), body);
        OperationModel operation = protocol.operation(request);
        progress.operation = operation.name();
        if (!caller.isRoot()) {
            throw words.forbidden(service.name() + ":" + operation.name());
        }
        Operation handler =
                service.operation(operation.name()).orElseThrow(() -> words.notImplemented(operation.name()));
        Fields input = protocol.parse(operation, request);
        if (input.value("DryRun").isPresent() && input.truth("DryRun").orElse(false)) {
            throw new ServiceException(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        }
        Fields output = handler.handle(new Call(operation.name(), input, caller, progress.requestId));
        return protocol.answer(operation, output, progress.requestId);
    }

    /** What the body may have: one byte more than allowed where that is not declared, to see that it goes on. */
    private static long bodyBytes(HttpExchange exchange) {
        long bytes = exchange.contentLength().orElse(MAX_BODY_BYTES + 1L);
        if (exchange.contentLength().isPresent() && bytes > MAX_BODY_BYTES) {
            throw new ServiceException(413, "RequestEntityTooLarge", "The request is too large.");
        }
        return bytes;
    }

    private static byte[] body(HttpExchange exchange, long bytes, Words words) {
        ByteBuffer body = ByteBuffer.allocate((int) bytes);
        try {
            exchange.body().readFully(body);
        } catch (RequestBodyException broken) {
            throw words.malformed("the body is not whole");
        }
        if (body.position() > MAX_BODY_BYTES) {
            throw new ServiceException(413, "RequestEntityTooLarge", "The request is too large.");
        }
        return body.hasRemaining() ? Arrays.copyOf(body.array(), body.position()) : body.array();
    }

    private Principal authenticate(HttpExchange exchange, byte[] body, Words words) {
        boolean isUnsigned =
                exchange.header("x-amz-content-sha256").filter(UNSIGNED::equals).isPresent();
        Optional<String> hash = isUnsigned ? Optional.empty() : Optional.of(Sha256.hex(body));
        return switch (verifier.verify(signed(exchange), hash, machine.now())) {
            case AuthOutcome.Anonymous anonymous -> throw words.unsigned();
            case AuthOutcome.Refused refused -> throw words.unauthentic(refused.refusal());
            case AuthOutcome.Authenticated authenticated -> {
                PayloadHash payload = authenticated.payload();
                if (payload.kind() == PayloadHash.Kind.SHA256) {
                    String actual = hash.orElseGet(() -> Sha256.hex(body));
                    if (!payload.wireValue().equalsIgnoreCase(actual)) {
                        throw words.unauthentic(AuthRefusal.contentSha256Mismatch(payload.wireValue(), actual));
                    }
                }
                if (payload.isStreaming()) {
                    throw words.malformed(payload.wireValue() + " is not for this service");
                }
                yield accounts.byAccessKey(authenticated.scope().accessKeyId()).orElseThrow(words::unsigned);
            }
        };
    }

    private static SignedRequest signed(HttpExchange exchange) {
        HeaderList headers = exchange.headers();
        List<SignedRequest.Header> copied = new ArrayList<>(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            copied.add(new SignedRequest.Header(headers.name(i), headers.value(i)));
        }
        return new SignedRequest(exchange.method(), exchange.rawPath(), exchange.rawQuery(), copied);
    }

    private String nextId() {
        randomTurn.lock();
        try {
            return new UUID(random.nextLong(), random.nextLong()).toString();
        } finally {
            randomTurn.unlock();
        }
    }
}
