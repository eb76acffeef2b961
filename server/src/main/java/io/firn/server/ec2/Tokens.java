package io.firn.server.ec2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.io.Clock;
import io.firn.server.auth.Sha256;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.List;
import java.util.Optional;

/** Client tokens: the same request with the same token makes nothing again. To be used in the register's turn. */
final class Tokens {
    private static final String CLIENT_TOKEN = "ClientToken";
    private static final int MAX_LENGTH = 64;

    private final Register register;
    private final Clock clock;

    Tokens(Register register, Clock clock) {
        this.register = register;
        this.clock = clock;
    }

    /** What an earlier call with this token made; an error when it asked for something else. */
    Optional<List<String>> made(Call call) {
        Optional<String> token = token(call);
        Optional<TokenFacts> used = token.flatMap(text -> register.token(call.operation(), text));
        if (used.isPresent() && !used.get().requestHash().equals(hash(call.input()))) {
            throw Ec2Error.IDEMPOTENT_PARAMETER_MISMATCH.of(used.get().token());
        }
        return used.map(TokenFacts::ids);
    }

    /** What to keep when the call has made these. */
    Optional<TokenFacts> used(Call call, List<String> ids) {
        return token(call).map(text -> new TokenFacts(call.operation(), text, hash(call.input()), clock.now(), ids));
    }

    private static Optional<String> token(Call call) {
        Optional<String> token = call.input().text(CLIENT_TOKEN).filter(text -> !text.isEmpty());
        if (token.isPresent() && token.get().length() > MAX_LENGTH) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("The client token is longer than " + MAX_LENGTH + " characters");
        }
        return token;
    }

    private static String hash(Fields input) {
        Fields asked = new Fields();
        input.asMap().forEach((name, value) -> {
            if (!name.equals(CLIENT_TOKEN)) {
                asked.put(name, value);
            }
        });
        return Sha256.hex(asked.toString().getBytes(UTF_8));
    }
}
