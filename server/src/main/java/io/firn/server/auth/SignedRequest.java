package io.firn.server.auth;

import java.util.List;
import java.util.Optional;

/**
 * What of an HTTP request a signature covers, exactly as it was received.
 *
 * <p>Strings hold one byte per character (ISO 8859-1, as HTTP servers hand out header values), so that bytes above 127 are
 * signed as they were sent.
 *
 * @param method the method in upper case
 * @param rawPath the path as sent: neither decoded nor normalised, {@code //} and {@code ..} kept; empty means {@code /}
 * @param rawQuery what follows the first {@code ?}, or empty
 * @param headers all headers in the order of arrival, names in any case
 */
public record SignedRequest(String method, String rawPath, String rawQuery, List<Header> headers) {

    /** One header line. */
    public record Header(String name, String value) {}

    public SignedRequest {
        headers = List.copyOf(headers);
    }

    /** The value of the first header of that name in any case. */
    public Optional<String> header(String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return Optional.of(header.value());
            }
        }
        return Optional.empty();
    }
}
