package io.firn.server.users;

import io.firn.io.Randomness;
import java.util.HexFormat;
import java.util.Optional;

/** A user as it is asked for: what is left out is made up. */
public record NewUser(
        String name,
        Optional<String> accessKey,
        Optional<Secret> secretKey,
        Optional<String> canonicalId,
        Optional<String> email,
        Optional<String> displayName) {

    /** The user, with generated keys and canonical id where none were given. */
    public User complete() {
        KeyPair generated = KeyPair.generate();
        return new User(
                name,
                new KeyPair(accessKey.orElse(generated.accessKey()), secretKey.orElse(generated.secretKey())),
                canonicalId.orElseGet(() -> HexFormat.of().formatHex(Randomness.secureBytes(32))),
                email,
                displayName.orElse(name));
    }
}
