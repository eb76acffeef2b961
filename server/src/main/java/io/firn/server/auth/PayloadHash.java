package io.firn.server.auth;

import java.util.Optional;

/**
 * What {@code x-amz-content-sha256} says about the body.
 *
 * <p>Source: S3 API Reference, "Signature Calculations for the Authorization Header" and "Signature Calculations: ... including
 * trailing headers", read 2026-11.
 *
 * @param kind how the body is protected and framed
 * @param wireValue the header's value; what a canonical request ends in
 */
public record PayloadHash(Kind kind, String wireValue) {

    /** How a body is protected and framed. */
    public enum Kind {
        /** The value is the lower- or upper-case hex SHA-256 of the whole body. */
        SHA256(""),
        /** The signature says nothing about the body. */
        UNSIGNED("UNSIGNED-PAYLOAD"),
        /** {@code aws-chunked}, each chunk signed. */
        STREAMING_SIGNED("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        /** {@code aws-chunked}, each chunk and the trailer signed. */
        STREAMING_SIGNED_TRAILER("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        /** {@code aws-chunked} without signatures, with a trailer. */
        STREAMING_UNSIGNED_TRAILER("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        /** {@code aws-chunked} signed with SigV4A, which Firn refuses. */
        STREAMING_ECDSA("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"),
        /** As {@link #STREAMING_ECDSA} with a trailer. */
        STREAMING_ECDSA_TRAILER("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER");

        private final String wireValue;

        Kind(String wireValue) {
            this.wireValue = wireValue;
        }
    }

    static final PayloadHash UNSIGNED = new PayloadHash(Kind.UNSIGNED, Kind.UNSIGNED.wireValue);

    private static final int SHA256_HEX_LENGTH = 64;

    /** The payload hash that {@code value} spells, or empty when it is neither a SHA-256 nor one of S3's words. */
    public static Optional<PayloadHash> parse(String value) {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.SHA256 && kind.wireValue.equals(value)) {
                return Optional.of(new PayloadHash(kind, value));
            }
        }
        boolean hex = value.length() == SHA256_HEX_LENGTH && value.chars().allMatch(PayloadHash::isHexDigit);
        return hex ? Optional.of(new PayloadHash(Kind.SHA256, value)) : Optional.empty();
    }

    /** Whether the body is framed in {@code aws-chunked}. */
    public boolean isStreaming() {
        return kind != Kind.SHA256 && kind != Kind.UNSIGNED;
    }

    /** Whether each chunk carries a signature. */
    public boolean hasSignedChunks() {
        return isStreaming() && kind != Kind.STREAMING_UNSIGNED_TRAILER;
    }

    private static boolean isHexDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
