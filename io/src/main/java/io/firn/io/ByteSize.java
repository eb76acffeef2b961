package io.firn.io;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 4KiB}, {@code 64MiB}, {@code 1.5GiB}, {@code 500MB}, {@code 512} (bytes).
 *
 * <p>{@code KiB, MiB, GiB, TiB, PiB} are powers of 1,024; {@code KB, MB, GB, TB, PB} powers of 1,000; case does not matter. Prints
 * exactly, in the largest binary unit that divides it, so that parsing what was printed gives the same size.
 *
 * @param bytes at least 0
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)\\s*([A-Za-z]*)");
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final Map<String, Long> UNIT_BYTES = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("kib", 1L << 10),
            Map.entry("mib", 1L << 20),
            Map.entry("gib", 1L << 30),
            Map.entry("tib", 1L << 40),
            Map.entry("pib", 1L << 50),
            Map.entry("eib", 1L << 60),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("pb", 1_000_000_000_000_000L));

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative size: " + bytes);
        }
    }

    /** Reads a size; {@link IllegalArgumentException} when it has another form, is no whole number of bytes, or exceeds 2^63 - 1. */
    public static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        Long unitBytes = matcher.matches() ? UNIT_BYTES.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unitBytes == null) {
            throw new IllegalArgumentException("not a size such as 64MiB: \"" + text + "\"");
        }
        try {
            return new ByteSize(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(unitBytes))
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("not a whole number of bytes below 8EiB: \"" + text + "\"", e);
        }
    }

    /** So many times 1,024 bytes. */
    public static ByteSize ofKiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 10));
    }

    /** So many times 1,048,576 bytes. */
    public static ByteSize ofMiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 20));
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        int unit = bytes == 0 ? 0 : Math.min(Long.numberOfTrailingZeros(bytes) / 10, BINARY_UNITS.length - 1);
        return (bytes >> (10 * unit)) + BINARY_UNITS[unit];
    }
}
