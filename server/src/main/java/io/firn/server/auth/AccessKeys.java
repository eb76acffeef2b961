package io.firn.server.auth;

import java.util.Optional;

/** The key pairs that are known at the moment of the call. Safe for use by many threads; must answer without I/O. */
@FunctionalInterface
public interface AccessKeys {

    Optional<AccessKey> find(String accessKeyId);
}
