package io.firn.server.auth;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Signing keys already derived, so that a request costs one HMAC instead of five.
 *
 * <p>An entry is made only for a known access key, an accepted region and a day near now; the bound is there for stores with
 * very many users, and dropping everything when it is reached costs each of them one derivation.
 *
 * <p><b>Threads.</b> Safe.
 */
final class SigningKeys {

    private static final int MAX_ENTRIES = 4096;

    /** The secret is part of the name: a rotated secret never meets the old key. */
    private record Name(String secretKey, CredentialScope scope) {}

    private final ConcurrentHashMap<Name, SigningKey> derived = new ConcurrentHashMap<>();

    SigningKey of(AccessKey accessKey, CredentialScope scope) {
        Name name = new Name(accessKey.secretKey(), scope);
        SigningKey known = derived.get(name);
        if (known != null) {
            return known;
        }
        SigningKey key = SigningKey.derive(accessKey.secretKey(), scope);
        if (derived.size() >= MAX_ENTRIES) {
            derived.clear();
        }
        derived.put(name, key);
        return key;
    }
}
