package io.firn.objectstore;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One range of bytes as HTTP's {@code Range} header gives it: first to last (inclusive), first to the end, or the last so many.
 *
 * @param first the first byte, absent for a suffix range
 * @param last the last byte, or for a suffix range how many bytes from the end
 */
public record ByteRange(OptionalLong first, OptionalLong last) {
    public ByteRange {
        if (first.isEmpty() && last.isEmpty()) {
            throw new IllegalArgumentException("a range has a first or a last byte");
        }
        if (first.isPresent() && last.isPresent() && first.getAsLong() > last.getAsLong()) {
            throw new IllegalArgumentException("a range's first byte is not after its last");
        }
    }

    public static ByteRange of(long first, long last) {
        return new ByteRange(OptionalLong.of(first), OptionalLong.of(last));
    }

    public static ByteRange from(long first) {
        return new ByteRange(OptionalLong.of(first), OptionalLong.empty());
    }

    public static ByteRange suffix(long bytes) {
        return new ByteRange(OptionalLong.empty(), OptionalLong.of(bytes));
    }

    /** The part of {@code lengthBytes} bytes this range names; nothing when it names none of them (416). */
    public Optional<Span> within(long lengthBytes) {
        if (first.isEmpty()) {
            long wanted = Math.min(last.getAsLong(), lengthBytes);
            return wanted == 0 ? Optional.empty() : Optional.of(new Span(lengthBytes - wanted, wanted));
        }
        if (first.getAsLong() >= lengthBytes) {
            return Optional.empty();
        }
        long end = Math.min(last.orElse(Long.MAX_VALUE - 1), lengthBytes - 1);
        return Optional.of(new Span(first.getAsLong(), end - first.getAsLong() + 1));
    }

    /**
     * Where the bytes of a reply lie in the object.
     *
     * @param offset the first byte
     * @param length how many, in bytes
     */
    public record Span(long offset, long length) {
        public Span {
            if (offset < 0 || length < 0) {
                throw new IllegalArgumentException("offset and length are not negative");
            }
        }
    }
}
