package io.firn.server.s3;

import io.firn.io.Clock;
import io.firn.server.auth.AuthOutcome;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.auth.SignedRequest;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.log.RequestFacts;
import java.util.ArrayList;
import java.util.List;

/** Finds out who sent a request and what its body must be. */
public final class Authenticator {
    private final SigV4Verifier verifier;
    private final Accounts accounts;
    private final Clock clock;

    public Authenticator(SigV4Verifier verifier, Accounts accounts, Clock clock) {
        this.verifier = verifier;
        this.accounts = accounts;
        this.clock = clock;
    }

    /** The caller and the body, of which nothing has been read. */
    record Verified(Caller caller, Payload payload, RequestFacts.Authentication authentication) {}

    Accounts accounts() {
        return accounts;
    }

    /**
     * The sender of a request: an account, or {@link Caller#ANONYMOUS} when it is not signed at all.
     *
     * @throws S3Exception when the signature is not right
     */
    public Caller authenticate(HttpExchange exchange) {
        return callerOf(verifier.verify(signed(exchange), clock.now()));
    }

    /** As {@link #authenticate}, with the body to be checked against the signature while it is read. */
    Verified verify(HttpExchange exchange) {
        SignedRequest signed = signed(exchange);
        AuthOutcome outcome = verifier.verify(signed, clock.now());
        Caller caller = callerOf(outcome);
        return new Verified(caller, Payload.open(exchange, signed, outcome), kindOf(outcome));
    }

    private Caller callerOf(AuthOutcome outcome) {
        return switch (outcome) {
            case AuthOutcome.Authenticated authenticated ->
                accounts.byAccessKey(authenticated.scope().accessKeyId())
                        // Removed between the verification and now.
                        .orElseThrow(() -> new S3Exception(S3ErrorCode.INVALID_ACCESS_KEY_ID));
            case AuthOutcome.Anonymous anonymous -> Caller.ANONYMOUS;
            case AuthOutcome.Refused refused -> throw AuthErrors.toError(refused.refusal());
        };
    }

    private static RequestFacts.Authentication kindOf(AuthOutcome outcome) {
        return switch (outcome) {
            case AuthOutcome.Authenticated authenticated ->
                authenticated.presigned() ? RequestFacts.Authentication.QUERY : RequestFacts.Authentication.HEADER;
            case AuthOutcome.Anonymous anonymous -> RequestFacts.Authentication.NONE;
            case AuthOutcome.Refused refused -> RequestFacts.Authentication.NONE;
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
}
