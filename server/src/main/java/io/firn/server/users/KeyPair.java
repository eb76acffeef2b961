package io.firn.server.users;

import io.firn.io.Randomness;
import java.util.regex.Pattern;

/**
 * An access key and its secret.
 *
 * @param accessKey public; 3 to 128 visible ASCII characters without {@code /} and {@code ,}, which delimit it in signed requests
 * @param secretKey at least 8 characters
 */
public record KeyPair(String accessKey, Secret secretKey) {
    private static final Pattern ACCESS_KEY = Pattern.compile("[!-~&&[^/,]]{3,128}");
    private static final int MIN_SECRET_CHARS = 8;
    private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public KeyPair {
        if (!ACCESS_KEY.matcher(accessKey).matches()) {
            throw new IllegalArgumentException(
                    "an access key is 3 to 128 visible ASCII characters without '/' and ','");
        }
        if (secretKey.reveal().length() < MIN_SECRET_CHARS) {
            throw new IllegalArgumentException("a secret key has at least " + MIN_SECRET_CHARS + " characters");
        }
    }

    /** A pair nobody can guess, of the usual lengths (20 and 40) and without characters that a shell or a URL would change. */
    public static KeyPair generate() {
        return new KeyPair("FIRN" + random(UPPER, 16), new Secret(random(ANY, 40)));
    }

    private static String random(String alphabet, int count) {
        StringBuilder text = new StringBuilder(count);
        // Bytes beyond the last whole multiple of the alphabet are passed over, so that all characters are equally
        // likely.
        int fair = 256 - 256 % alphabet.length();
        while (text.length() < count) {
            for (byte chance : Randomness.secureBytes(count)) {
                int value = chance & 0xff;
                if (value < fair && text.length() < count) {
                    text.append(alphabet.charAt(value % alphabet.length()));
                }
            }
        }
        return text.toString();
    }
}
