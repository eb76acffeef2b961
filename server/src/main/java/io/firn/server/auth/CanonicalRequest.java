package io.firn.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/** Builds what SigV4 hashes: the canonical request, and the string to sign over it. Strings hold one byte per character. */
final class CanonicalRequest {

    static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private CanonicalRequest() {}

    static String of(
            SignedRequest request,
            String canonicalPath,
            String canonicalQuery,
            List<String> signedHeaders,
            String payloadHash) {
        StringBuilder text = new StringBuilder(512);
        text.append(request.method()).append('\n');
        text.append(canonicalPath).append('\n');
        text.append(canonicalQuery).append('\n');
        for (String name : signedHeaders) {
            text.append(name).append(':');
            appendValues(text, request, name);
            text.append('\n');
        }
        text.append('\n');
        for (int i = 0; i < signedHeaders.size(); i++) {
            text.append(i == 0 ? "" : ";").append(signedHeaders.get(i));
        }
        return text.append('\n').append(payloadHash).toString();
    }

    static String stringToSign(String timestamp, CredentialScope scope, String canonicalRequest) {
        return ALGORITHM + '\n' + timestamp + '\n' + scope.text() + '\n' + sha256Hex(canonicalRequest);
    }

    static String sha256Hex(String text) {
        return Sha256.hex(text.getBytes(ISO_8859_1));
    }

    /** Headers of one name join with commas, each value trimmed and its inner runs of blanks made one space. */
    private static void appendValues(StringBuilder text, SignedRequest request, String name) {
        boolean first = true;
        for (SignedRequest.Header header : request.headers()) {
            if (header.name().equalsIgnoreCase(name)) {
                if (!first) {
                    text.append(',');
                }
                first = false;
                appendCollapsed(text, header.value());
            }
        }
    }

    private static void appendCollapsed(StringBuilder text, String value) {
        int start = text.length();
        boolean pendingBlank = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '\t') {
                pendingBlank = true;
                continue;
            }
            if (pendingBlank && text.length() > start) {
                text.append(' ');
            }
            pendingBlank = false;
            text.append(c);
        }
    }
}
