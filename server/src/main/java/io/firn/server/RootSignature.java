package io.firn.server;

import io.firn.io.Clock;
import io.firn.server.auth.AccessKey;
import io.firn.server.auth.AuthOutcome;
import io.firn.server.auth.PayloadHash;
import io.firn.server.auth.Sha256;
import io.firn.server.auth.SigV4Options;
import io.firn.server.auth.SigV4Verifier;
import io.firn.server.auth.SignedRequest;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.users.UserStore;
import java.util.ArrayList;
import java.util.List;

/** Tells whether root signed an admin call: SigV4 as for S3, with the hash of the whole body, and by the machine's clock. */
final class RootSignature implements AdminDoor.RootCheck {
    private final UserStore users;
    private final Clock machine;
    private final SigV4Verifier verifier;

    RootSignature(UserStore users, Clock machine, String region) {
        this.users = users;
        this.machine = machine;
        this.verifier = verifier(users, "s3", region);
    }

    /** Verifies signatures of the users for one service, as they are at the moment of the call. */
    static SigV4Verifier verifier(UserStore users, String service, String region) {
        return new SigV4Verifier(
                id -> users.byAccessKey(id)
                        .map(user -> new AccessKey(id, user.keys().secretKey().reveal())),
                new SigV4Options(service, region, SigV4Options.S3_MAX_SKEW));
    }

    @Override
    public boolean isByRoot(HttpExchange exchange, byte[] body) {
        HeaderList headers = exchange.headers();
        List<SignedRequest.Header> signed = new ArrayList<>(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            signed.add(new SignedRequest.Header(headers.name(i), headers.value(i)));
        }
        SignedRequest request = new SignedRequest(exchange.method(), exchange.rawPath(), exchange.rawQuery(), signed);
        return verifier.verify(request, machine.now()) instanceof AuthOutcome.Authenticated authenticated
                && users.byAccessKey(authenticated.scope().accessKeyId())
                        .filter(user -> user.isRoot())
                        .isPresent()
                && authenticated.payload().kind() == PayloadHash.Kind.SHA256
                && authenticated.payload().wireValue().equalsIgnoreCase(Sha256.hex(body));
    }
}
