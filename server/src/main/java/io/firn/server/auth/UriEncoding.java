package io.firn.server.auth;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Paths and queries in the canonical spelling of SigV4.
 *
 * <p>AWS's UriEncode leaves {@code A-Z a-z 0-9 - . _ ~} and writes every other byte as {@code %XX} in upper case. Whatever
 * spelling a client sent, decoding and encoding again leads to that one. In S3 a path is encoded once and never normalised:
 * {@code //}, {@code .} and {@code ..} are parts of keys, and {@code %2F} stays apart from {@code /}. Other services encode the
 * already encoded path once more.
 *
 * <p>Source: S3 API Reference, "Signature Calculations for the Authorization Header", Task 1, read 2026-11.
 */
final class UriEncoding {

    private static final String HEX = "0123456789ABCDEF";
    private static final Comparator<Parameter> BY_ENCODED_NAME_THEN_VALUE =
            Comparator.comparing(Parameter::encodedName).thenComparing(Parameter::encodedValue);

    /** A query parameter in canonical spelling. */
    record Parameter(String encodedName, String encodedValue) {

        /** The value's bytes, one per character. */
        String value() {
            return decode(encodedValue);
        }
    }

    private UriEncoding() {}

    static String canonicalPath(String rawPath, boolean encodeTwice) {
        if (rawPath.isEmpty()) {
            return "/";
        }
        StringBuilder path = new StringBuilder(rawPath.length() + 16);
        for (int i = 0; i < rawPath.length(); i++) {
            char c = rawPath.charAt(i);
            if (c == '/') {
                path.append(c);
            } else if (!encodeTwice && isTriple(rawPath, i)) {
                appendEncoded(path, tripleAt(rawPath, i));
                i += 2;
            } else {
                appendEncoded(path, c);
            }
        }
        return path.toString();
    }

    /** The parameters in order of arrival; a name without {@code =} has an empty value; {@code +} is a space. */
    static List<Parameter> parameters(String rawQuery) {
        List<Parameter> parameters = new ArrayList<>();
        int start = 0;
        while (start < rawQuery.length()) {
            int ampersand = rawQuery.indexOf('&', start);
            int end = ampersand < 0 ? rawQuery.length() : ampersand;
            if (end > start) {
                int equals = rawQuery.indexOf('=', start);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                parameters.add(new Parameter(
                        encodeComponent(rawQuery, start, nameEnd),
                        encodeComponent(rawQuery, Math.min(nameEnd + 1, end), end)));
            }
            start = end + 1;
        }
        return parameters;
    }

    static Optional<String> find(List<Parameter> parameters, String name) {
        for (Parameter parameter : parameters) {
            if (parameter.encodedName().equals(name)) {
                return Optional.of(parameter.value());
            }
        }
        return Optional.empty();
    }

    /** Sorted by name, then value; both in bytes of the encoded form. A presigned query leaves out its signature. */
    static String canonicalQuery(List<Parameter> parameters, String excludedName) {
        List<Parameter> sorted = new ArrayList<>(parameters);
        sorted.removeIf(parameter -> parameter.encodedName().equals(excludedName));
        sorted.sort(BY_ENCODED_NAME_THEN_VALUE);
        StringBuilder query = new StringBuilder();
        for (Parameter parameter : sorted) {
            if (!query.isEmpty()) {
                query.append('&');
            }
            query.append(parameter.encodedName()).append('=').append(parameter.encodedValue());
        }
        return query.toString();
    }

    private static String encodeComponent(String raw, int start, int end) {
        StringBuilder encoded = new StringBuilder(end - start + 8);
        for (int i = start; i < end; i++) {
            char c = raw.charAt(i);
            if (c == '+') {
                encoded.append("%20");
            } else if (i + 2 < end && isTriple(raw, i)) {
                appendEncoded(encoded, tripleAt(raw, i));
                i += 2;
            } else {
                appendEncoded(encoded, c);
            }
        }
        return encoded.toString();
    }

    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        StringBuilder decoded = new StringBuilder(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (isTriple(encoded, i)) {
                decoded.append((char) tripleAt(encoded, i));
                i += 2;
            } else {
                decoded.append(encoded.charAt(i));
            }
        }
        return decoded.toString();
    }

    private static void appendEncoded(StringBuilder out, int b) {
        boolean unreserved = (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
        if (unreserved) {
            out.append((char) b);
        } else {
            out.append('%').append(HEX.charAt(b >>> 4 & 0xF)).append(HEX.charAt(b & 0xF));
        }
    }

    /** A {@code %} that is not followed by two hex digits stands for itself. */
    private static boolean isTriple(String text, int at) {
        return text.charAt(at) == '%'
                && at + 2 < text.length()
                && digit(text.charAt(at + 1)) >= 0
                && digit(text.charAt(at + 2)) >= 0;
    }

    private static int tripleAt(String text, int at) {
        return digit(text.charAt(at + 1)) << 4 | digit(text.charAt(at + 2));
    }

    /** Not {@link Character#digit}, which takes the digits of every script. */
    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'a' && c <= 'f') {
            return c - 'a' + 10;
        }
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }
}
