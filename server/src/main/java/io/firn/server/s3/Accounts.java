package io.firn.server.s3;

import java.util.Optional;

/** The accounts the door knows. Safe for use by many threads; answers without I/O. */
public interface Accounts {

    /** Whose key this is. */
    Optional<Caller> byAccessKey(String accessKeyId);

    /** The name to show for a canonical id. */
    Optional<String> displayName(String canonicalId);
}
