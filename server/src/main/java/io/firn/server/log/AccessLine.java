package io.firn.server.log;

import io.firn.server.http.HttpExchange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of S3's server access log (S3 User Guide, "Amazon S3 server access log format", read 2026-11): 26 fields, {@code -} for what is
 * absent.
 */
public final class AccessLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "'['dd/MMM/yyyy:HH:mm:ss +0000']'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final String HEX = "0123456789ABCDEF";

    private final StringBuilder line = new StringBuilder(384);

    private AccessLine() {}

    /**
     * Writes the line.
     *
     * @param at when the request arrived, by the server's clock
     * @param totalNanos from the head's arrival until the reply was handed to the network
     */
    public static String of(HttpExchange exchange, RequestFacts facts, Instant at, long totalNanos) {
        AccessLine line = new AccessLine();
        boolean isSigned = facts.authentication() != RequestFacts.Authentication.NONE;
        long totalMillis = totalNanos / 1_000_000;
        line.field(facts.bucketOwner());
        line.field(facts.bucket());
        line.raw(TIME.format(at));
        line.raw(exchange.remoteAddress().getAddress().getHostAddress());
        line.field(facts.requester());
        line.raw(facts.requestId());
        line.raw(facts.operation());
        line.field(facts.key().map(AccessLine::encoded));
        line.quoted(Optional.of(exchange.method() + " " + target(exchange) + " HTTP/1.1"));
        line.raw(exchange.status() == 0 ? "-" : Integer.toString(exchange.status()));
        line.field(facts.errorCode());
        line.number(exchange.bodyBytesSent());
        line.raw(
                facts.objectBytes().isPresent()
                        ? Long.toString(facts.objectBytes().getAsLong())
                        : "-");
        line.raw(Long.toString(totalMillis));
        line.raw(Long.toString(totalMillis));
        line.quoted(exchange.header("Referer"));
        line.quoted(exchange.header("User-Agent"));
        line.field(facts.versionId());
        line.raw(facts.hostId());
        line.raw(isSigned ? "SigV4" : "-");
        line.raw("-"); // cipher suite
        line.raw(
                switch (facts.authentication()) {
                    case NONE -> "-";
                    case HEADER -> "AuthHeader";
                    case QUERY -> "QueryString";
                });
        line.field(exchange.header("Host").map(AccessLine::encoded));
        line.raw("-"); // TLS version
        line.raw("-"); // access point
        line.raw("-"); // whether an ACL was required
        return line.line.toString();
    }

    private static String target(HttpExchange exchange) {
        return exchange.rawQuery().isEmpty()
                ? exchange.rawPath()
                : exchange.rawPath() + "?" + hidden(exchange.rawQuery());
    }

    /** A presigned signature still opens the object for whoever reads the log in time: it is left out. */
    private static String hidden(String query) {
        int start = query.indexOf("X-Amz-Signature=");
        if (start < 0) {
            return query;
        }
        int end = query.indexOf('&', start);
        return query.substring(0, start) + "X-Amz-Signature=-" + (end < 0 ? "" : query.substring(end));
    }

    private void number(long value) {
        raw(value == 0 ? "-" : Long.toString(value));
    }

    private void field(Optional<String> value) {
        raw(value.filter(text -> !text.isEmpty()).orElse("-"));
    }

    private void quoted(Optional<String> value) {
        if (value.isEmpty()) {
            raw("\"-\"");
            return;
        }
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.get().length(); i++) {
            char c = value.get().charAt(i);
            if (c == '"' || c < ' ' || c > '~') {
                text.append("%").append(HEX.charAt((c >> 4) & 15)).append(HEX.charAt(c & 15));
            } else {
                text.append(c);
            }
        }
        raw(text.append('"').toString());
    }

    private void raw(String text) {
        if (!line.isEmpty()) {
            line.append(' ');
        }
        line.append(text);
    }

    /** Percent-encodes what would break the line apart, byte by byte in UTF-8. */
    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            if (b <= ' ' || b == '"' || b == '%' || b == 127) {
                encoded.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }
}
