package io.firn.server.auth;

import java.util.List;

/**
 * Why a request is refused, in S3's words.
 *
 * @param failure code and status
 * @param message the text of {@code <Message>}
 * @param fields elements that follow the message in the error document, in order
 */
public record AuthRefusal(AuthFailure failure, String message, List<Field> fields) {

    /** An element of the error document, such as {@code <Region>}. */
    public record Field(String name, String value) {}

    public AuthRefusal {
        fields = List.copyOf(fields);
    }

    static AuthRefusal of(AuthFailure failure, String message, Field... fields) {
        return new AuthRefusal(failure, message, List.of(fields));
    }

    /** The refusal of a body whose SHA-256 is not the one that {@code x-amz-content-sha256} announced. */
    public static AuthRefusal contentSha256Mismatch(String announcedHex, String computedHex) {
        return of(
                AuthFailure.CONTENT_SHA256_MISMATCH,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                new Field("ClientComputedContentSHA256", announcedHex),
                new Field("S3ComputedContentSHA256", computedHex));
    }

    static AuthRefusal signatureDoesNotMatch(
            String accessKeyId, String stringToSign, String signature, String canonicalRequest) {
        return of(
                AuthFailure.SIGNATURE_DOES_NOT_MATCH,
                "The request signature we calculated does not match the signature you provided. Check your key and signing"
                        + " method.",
                new Field("AWSAccessKeyId", accessKeyId),
                new Field("StringToSign", stringToSign),
                new Field("SignatureProvided", signature),
                new Field("StringToSignBytes", spacedHex(stringToSign)),
                new Field("CanonicalRequest", canonicalRequest),
                new Field("CanonicalRequestBytes", spacedHex(canonicalRequest)));
    }

    static AuthRefusal incompleteBody() {
        return of(AuthFailure.INCOMPLETE_BODY, "The request body terminated unexpectedly");
    }

    private static String spacedHex(String text) {
        StringBuilder hex = new StringBuilder(text.length() * 3);
        for (int i = 0; i < text.length(); i++) {
            if (i > 0) {
                hex.append(' ');
            }
            int b = text.charAt(i) & 0xFF;
            hex.append(Character.forDigit(b >>> 4, 16)).append(Character.forDigit(b & 0xF, 16));
        }
        return hex.toString();
    }
}
