package io.firn.server.http;

import java.util.Arrays;

/**
 * A certificate chain and its private key, both PEM (the key PKCS#8, without a password).
 *
 * <p>The text form names neither.
 */
public final class Tls {
    private final byte[] certificatePem;
    private final byte[] keyPem;

    public Tls(byte[] certificatePem, byte[] keyPem) {
        this.certificatePem = certificatePem.clone();
        this.keyPem = keyPem.clone();
    }

    /** The chain, the server's own certificate first. */
    public byte[] certificatePem() {
        return certificatePem.clone();
    }

    /** The private key. */
    public byte[] keyPem() {
        return keyPem.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tls that
                && Arrays.equals(certificatePem, that.certificatePem)
                && Arrays.equals(keyPem, that.keyPem);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(certificatePem);
    }

    @Override
    public String toString() {
        return "Tls(hidden)";
    }
}
