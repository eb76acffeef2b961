package io.firn.server.wire;

import java.util.Optional;

/** Whose key it is. Safe for use by many threads; answers without I/O. */
@FunctionalInterface
public interface Accounts {
    Optional<Principal> byAccessKey(String accessKeyId);
}
