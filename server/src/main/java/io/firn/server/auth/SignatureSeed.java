package io.firn.server.auth;

/**
 * What the signatures of chunks and trailers continue from: the key, time and scope of the request and its own signature.
 *
 * <p>Opaque outside this package. Immutable.
 */
public final class SignatureSeed {

    private final SigningKey key;
    private final CredentialScope scope;
    private final String timestamp;
    private final String signature;
    private final String canonicalRequest;

    SignatureSeed(SigningKey key, CredentialScope scope, String timestamp, String signature, String canonicalRequest) {
        this.key = key;
        this.scope = scope;
        this.timestamp = timestamp;
        this.signature = signature;
        this.canonicalRequest = canonicalRequest;
    }

    SigningKey key() {
        return key;
    }

    CredentialScope scope() {
        return scope;
    }

    /** {@code yyyyMMdd'T'HHmmss'Z'}. */
    String timestamp() {
        return timestamp;
    }

    /** The request's signature: lower-case hex. */
    String signature() {
        return signature;
    }

    String canonicalRequest() {
        return canonicalRequest;
    }
}
