package io.firn.server.s3;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The two ways S3 writes a time: HTTP dates in headers (RFC 9110 section 5.6.7), ISO 8601 with milliseconds in XML. */
final class S3Time {
    private static final DateTimeFormatter HTTP = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ISO =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
    private static final List<DateTimeFormatter> HTTP_FORMS = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));

    private S3Time() {}

    /** For a header: {@code Mon, 23 Nov 2026 22:13:00 GMT}; fractions of a second are cut off. */
    static String http(Instant instant) {
        return HTTP.format(instant);
    }

    /** For XML: {@code 2026-11-23T22:13:00.000Z}. */
    static String iso(Instant instant) {
        return ISO.format(instant);
    }

    /** Any of the three forms of an HTTP date; empty when it is none, which RFC 9110 says to ignore. */
    static Optional<Instant> parseHttp(String text) {
        for (DateTimeFormatter form : HTTP_FORMS) {
            try {
                return Optional.of(ZonedDateTime.parse(text.strip(), form).toInstant());
            } catch (DateTimeException notThisForm) {
                // The next one may be.
            }
        }
        return Optional.empty();
    }

    /** An HTTP date or an ISO 8601 time: clients send both where a document holds a time. */
    static Optional<Instant> parseEither(String text) {
        Optional<Instant> http = parseHttp(text);
        if (http.isPresent()) {
            return http;
        }
        try {
            return Optional.of(ZonedDateTime.parse(text.strip()).toInstant());
        } catch (DateTimeException notIso) {
            return Optional.empty();
        }
    }
}
