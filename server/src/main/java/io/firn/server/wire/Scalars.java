package io.firn.server.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Texts of the wire into values and back, held to the model. */
final class Scalars {
    private static final DateTimeFormatter RFC822 =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);
    private static final DateTimeFormatter RFC822_READ =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss[.SSS][.SS][.S] 'GMT'", Locale.US);
    private static final DateTimeFormatter ISO_MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);

    private Scalars() {}

    /** A text as a value of {@code shape}; throws in {@code words} when it is none. */
    static Value parse(Shape shape, String text, TimestampFormat format, String path, Words words) {
        return switch (shape) {
            case Shape.Text asked -> check(asked, new Value.Text(text), path, words);
            case Shape.Whole whole -> {
                try {
                    yield check(whole, new Value.Whole(Long.parseLong(text)), path, words);
                } catch (NumberFormatException notOne) {
                    throw words.invalid(path, text, "It must be an integer.");
                }
            }
            case Shape.Real real -> {
                try {
                    yield check(real, new Value.Real(Double.parseDouble(text)), path, words);
                } catch (NumberFormatException notOne) {
                    throw words.invalid(path, text, "It must be a number.");
                }
            }
            case Shape.Truth truth ->
                switch (text.toLowerCase(Locale.ROOT)) {
                    case "true" -> new Value.Truth(true);
                    case "false" -> new Value.Truth(false);
                    default -> throw words.invalid(path, text, "It must be true or false.");
                };
            case Shape.Blob blob -> {
                try {
                    yield check(blob, new Value.Bytes(Base64.getDecoder().decode(text)), path, words);
                } catch (IllegalArgumentException notBase64) {
                    throw words.invalid(path, text, "It must be Base64.");
                }
            }
            case Shape.Moment moment ->
                instant(text, format)
                        .map(Value.Moment::new)
                        .orElseThrow(() -> words.invalid(path, text, "It must be a timestamp."));
            case Shape.Structure s -> throw words.invalid(path, text, "It must be a structure.");
            case Shape.Sequence s -> throw words.invalid(path, text, "It must be a list.");
            case Shape.Dictionary s -> throw words.invalid(path, text, "It must be a map.");
            case Shape.Document s -> throw words.invalid(path, text, "It must be a document.");
        };
    }

    /** The value, when the model allows it. */
    static Value check(Shape shape, Value value, String path, Words words) {
        if (shape instanceof Shape.Text text && value instanceof Value.Text given) {
            if (!text.values().isEmpty() && !text.values().contains(given.text())) {
                throw words.invalid(path, given.text(), "Member must satisfy enum value set: " + text.values());
            }
            bounds(text.length(), given.text().length(), "length", given.text(), path, words);
            if (!text.pattern().isEmpty()
                    && !Pattern.compile(text.pattern()).matcher(given.text()).find()) {
                throw words.invalid(
                        path, given.text(), "Member must satisfy regular expression pattern: " + text.pattern());
            }
        } else if (shape instanceof Shape.Whole whole && value instanceof Value.Whole given) {
            long limit = whole.bits() == 64 ? Long.MAX_VALUE : (1L << (whole.bits() - 1)) - 1;
            if (given.number() > limit || given.number() < -limit - 1) {
                throw words.invalid(path, Long.toString(given.number()), "It must be an integer.");
            }
            bounds(whole.range(), (double) given.number(), "value", Long.toString(given.number()), path, words);
        } else if (shape instanceof Shape.Real real && value instanceof Value.Real given) {
            bounds(real.range(), given.number(), "value", Double.toString(given.number()), path, words);
        } else if (shape instanceof Shape.Blob blob && value instanceof Value.Bytes given) {
            bounds(blob.length(), given.bytes().length, "length", given.bytes().length + " bytes", path, words);
        }
        return value;
    }

    static void bounds(Bounds bounds, double amount, String what, String value, String path, Words words) {
        if (amount < bounds.least()) {
            throw words.invalid(
                    path, value, "Member must have " + what + " greater than or equal to " + (long) bounds.least());
        }
        if (amount > bounds.most()) {
            throw words.invalid(
                    path, value, "Member must have " + what + " less than or equal to " + (long) bounds.most());
        }
    }

    static Optional<Instant> instant(String text, TimestampFormat format) {
        try {
            return switch (format) {
                case UNIX_SECONDS -> Optional.of(ofSeconds(Double.parseDouble(text)));
                case RFC822 ->
                    Optional.of(RFC822_READ
                            .withZone(ZoneOffset.UTC)
                            .parse(text, ZonedDateTime::from)
                            .toInstant());
                case ISO8601, ISO8601_MILLIS, UNSAID ->
                    Optional.of(
                            text.indexOf('T') < 0
                                    ? LocalDate.parse(text)
                                            .atStartOfDay(ZoneOffset.UTC)
                                            .toInstant()
                                    : OffsetDateTime.parse(text).toInstant());
            };
        } catch (DateTimeException | NumberFormatException none) {
            return Optional.empty();
        }
    }

    static Instant ofSeconds(double seconds) {
        return Instant.ofEpochMilli(Math.round(seconds * 1000));
    }

    static String text(Instant instant, TimestampFormat format) {
        return switch (format) {
            case RFC822 -> RFC822.withZone(ZoneOffset.UTC).format(instant);
            case UNIX_SECONDS -> seconds(instant);
            case ISO8601_MILLIS -> ISO_MILLIS.withZone(ZoneOffset.UTC).format(instant);
            case ISO8601, UNSAID -> instant.truncatedTo(ChronoUnit.MILLIS).toString();
        };
    }

    /** Seconds since 1970, with a fraction only when there is one. */
    static String seconds(Instant instant) {
        Instant millis = instant.truncatedTo(ChronoUnit.MILLIS);
        return millis.getNano() == 0
                ? Long.toString(millis.getEpochSecond())
                : Double.toString(millis.toEpochMilli() / 1000.0);
    }

    /** A scalar as header, label, query parameter or XML have it. */
    static String text(Value value, TimestampFormat format) {
        return switch (value) {
            case Value.Text text -> text.text();
            case Value.Whole whole -> Long.toString(whole.number());
            case Value.Real real -> Double.toString(real.number());
            case Value.Truth truth -> Boolean.toString(truth.isTrue());
            case Value.Bytes bytes -> Base64.getEncoder().encodeToString(bytes.bytes());
            case Value.Moment moment -> text(moment.instant(), format);
            case Value.Items items -> throw new IllegalStateException("a list is no scalar");
            case Value.Nothing nothing -> "";
            case Fields fields -> throw new IllegalStateException("a structure is no scalar");
        };
    }

    /** The format of a moment at a place where the protocol has {@code usual}. */
    static TimestampFormat format(Member member, TimestampFormat usual) {
        TimestampFormat own = member.traits().timestampFormat();
        return member.shape() instanceof Shape.Moment moment
                ? own.or(moment.format()).or(usual)
                : usual;
    }
}
