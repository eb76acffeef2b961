package io.firn.server.s3;

import io.firn.objectstore.ByteRange;
import java.util.Optional;
import java.util.OptionalLong;

/** The {@code Range} header (RFC 9110 section 14.2), of which S3 serves one range, and {@code x-amz-copy-source-range}, which must be one. */
final class RangeHeader {
    private static final String UNIT = "bytes=";

    private RangeHeader() {}

    /** The one range named; empty when there are several, another unit or no sense in it: then the whole object is sent. */
    static Optional<ByteRange> parse(String value) {
        if (!value.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return Optional.empty();
        }
        String range = value.substring(UNIT.length()).strip();
        int dash = range.indexOf('-');
        if (dash < 0) {
            return Optional.empty();
        }
        String from = range.substring(0, dash).strip();
        String to = range.substring(dash + 1).strip();
        OptionalLong first = number(from);
        OptionalLong last = number(to);
        boolean isBroken = (from.isEmpty() && to.isEmpty())
                || (!from.isEmpty() && first.isEmpty())
                || (!to.isEmpty() && last.isEmpty())
                || (first.isPresent() && last.isPresent() && first.getAsLong() > last.getAsLong());
        return isBroken ? Optional.empty() : Optional.of(new ByteRange(first, last));
    }

    /** The range of a part copy: {@code bytes=first-last}, nothing else. */
    static ByteRange parseCopySource(String value) {
        return parse(value)
                .filter(range -> range.first().isPresent() && range.last().isPresent())
                .orElseThrow(() -> S3Exception.invalidArgument(
                        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last"
                                + " are the zero-based offsets of the first and last bytes to copy",
                        "x-amz-copy-source-range",
                        value));
    }

    private static OptionalLong number(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        // Beyond the largest offset there is nothing to tell apart.
        return OptionalLong.of(digits.length() > 18 ? Long.MAX_VALUE - 1 : Long.parseLong(digits));
    }
}
