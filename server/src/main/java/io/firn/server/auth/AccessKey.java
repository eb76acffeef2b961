package io.firn.server.auth;

import java.util.Optional;

/**
 * A key pair that may sign requests.
 *
 * @param accessKeyId public name of the pair, without {@code /}
 * @param secretKey what signatures are derived from; never logged
 * @param sessionToken for temporary credentials, what must come along as {@code x-amz-security-token}
 */
public record AccessKey(String accessKeyId, String secretKey, Optional<String> sessionToken) {

    public AccessKey {
        if (accessKeyId.isEmpty() || accessKeyId.indexOf('/') >= 0 || secretKey.isEmpty()) {
            throw new IllegalArgumentException("An access key needs an id without '/' and a secret");
        }
    }

    /** A key pair that does not expire. */
    public AccessKey(String accessKeyId, String secretKey) {
        this(accessKeyId, secretKey, Optional.empty());
    }

    @Override
    public String toString() {
        return "AccessKey[" + accessKeyId + "]";
    }
}
