package io.firn.server.cli;

import io.firn.server.users.KeyPair;
import io.firn.server.users.Secret;
import java.util.Optional;

/** Root's keys from the environment. */
final class RootKeys {
    static final String ACCESS_KEY = "FIRN_ROOT_ACCESS_KEY";
    static final String SECRET_KEY = "FIRN_ROOT_SECRET_KEY";

    private RootKeys() {}

    /** The keys, when both are set; one without the other is a mistake. */
    static Optional<KeyPair> fromEnvironment() {
        Optional<String> access = variable(ACCESS_KEY);
        Optional<String> secret = variable(SECRET_KEY);
        if (access.isPresent() != secret.isPresent()) {
            throw new IllegalArgumentException("set both " + ACCESS_KEY + " and " + SECRET_KEY + ", or neither");
        }
        return access.map(key -> new KeyPair(key, new Secret(secret.orElseThrow())));
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
