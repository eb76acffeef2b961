package io.firn.server.s3;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The two ways S3 writes a time: HTTP dates in headers (RFC 9110 section 5.6.7), ISO 8601 with milliseconds in XML. */
final class S3Time {
    // Written by hand: a listing writes a thousand times and every read one, and a formatter costs more than what is
    // around it.
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private static final List<DateTimeFormatter> HTTP_FORMS = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));

    private S3Time() {}

    /** For a header: {@code Mon, 23 Nov 2026 22:13:00 GMT}; fractions of a second are cut off. */
    static String http(Instant instant) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
        byte[] text = "EEE, 00 MMM 0000 00:00:00 GMT".getBytes(StandardCharsets.ISO_8859_1);
        word(text, 0, DAYS, time.getDayOfWeek().getValue() - 1);
        digits(text, 5, 2, time.getDayOfMonth());
        word(text, 8, MONTHS, time.getMonthValue() - 1);
        digits(text, 12, 4, time.getYear());
        digits(text, 17, 2, time.getHour());
        digits(text, 20, 2, time.getMinute());
        digits(text, 23, 2, time.getSecond());
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** For XML: {@code 2026-11-23T22:13:00.000Z}. */
    static String iso(Instant instant) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
        byte[] text = "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.ISO_8859_1);
        digits(text, 0, 4, time.getYear());
        digits(text, 5, 2, time.getMonthValue());
        digits(text, 8, 2, time.getDayOfMonth());
        digits(text, 11, 2, time.getHour());
        digits(text, 14, 2, time.getMinute());
        digits(text, 17, 2, time.getSecond());
        digits(text, 20, 3, time.getNano() / 1_000_000);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int at, int count, int number) {
        int rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static void word(byte[] text, int at, String words, int index) {
        for (int i = 0; i < 3; i++) {
            text[at + i] = (byte) words.charAt(3 * index + i);
        }
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
