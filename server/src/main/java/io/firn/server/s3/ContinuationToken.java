package io.firn.server.s3;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where the next page of a listing starts, as text that clients hand back unread: the last name of the page, its form ahead of it so
 * that a token of another form is refused rather than misread.
 */
final class ContinuationToken {
    private static final String FORM = "1";

    private ContinuationToken() {}

    static String encode(String startAfter) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((FORM + startAfter).getBytes(StandardCharsets.UTF_8));
    }

    static String decode(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith(FORM) && encode(text.substring(1)).equals(token)) {
                return text.substring(1);
            }
        } catch (IllegalArgumentException notBase64) {
            // Falls through to the refusal.
        }
        throw S3Exception.invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
    }
}
