package io.firn.server.s3;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Percent-encoding of UTF-8 (RFC 3986), decoded strictly and exactly once.
 *
 * <p>Input holds one {@code char} per byte of the wire, as {@link io.firn.server.http.HttpExchange} gives it.
 */
final class PercentEncoding {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentEncoding() {}

    /** The text; empty when an escape is broken or the bytes are not UTF-8. A {@code +} stays one unless {@code plusIsSpace}. */
    static Optional<String> decode(String encoded, boolean plusIsSpace) {
        if (isPlain(encoded)) {
            return Optional.of(encoded);
        }
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                int high = i + 2 < encoded.length() ? hexDigit(encoded.charAt(i + 1)) : -1;
                int low = i + 2 < encoded.length() ? hexDigit(encoded.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c > 0xFF) {
                return Optional.empty();
            } else {
                bytes[length++] = (byte) (c == '+' && plusIsSpace ? ' ' : c);
            }
        }
        return utf8(ByteBuffer.wrap(bytes, 0, length));
    }

    /** The text of bytes held one {@code char} each; empty when they are not UTF-8. */
    static Optional<String> utf8(String bytes) {
        return isPlain(bytes) ? Optional.of(bytes) : utf8(StandardCharsets.ISO_8859_1.encode(bytes));
    }

    /** The UTF-8 of {@code text}, one {@code char} per byte: what a header value holds. */
    static String toWire(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7F) {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }

    /** What {@code encoding-type=url} makes of a key: everything but letters, digits and {@code -_.*~/} is escaped. */
    static String encodeKey(String text) {
        boolean plain = true;
        for (int i = 0; i < text.length() && plain; i++) {
            plain = isUnreserved(text.charAt(i));
        }
        if (plain) {
            return text;
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (isUnreserved(c)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 0xF]);
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '*'
                || c == '~'
                || c == '/';
    }

    /** Only the ASCII digits: {@code Character.digit} would take those of every script. */
    private static int hexDigit(char c) {
        return c <= 0x7F ? Character.digit(c, 16) : -1;
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' || c == '+' || c > 0x7F) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> utf8(ByteBuffer bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString());
        } catch (CharacterCodingException notUtf8) {
            return Optional.empty();
        }
    }
}
