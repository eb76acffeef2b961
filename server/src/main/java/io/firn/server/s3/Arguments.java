package io.firn.server.s3;

import java.util.function.Supplier;

/** Reads numbers and words out of parameters and headers. */
final class Arguments {
    private Arguments() {}

    /** A decimal number from {@code min} to {@code max}, or the refusal. */
    static int integer(String text, int min, int max, Supplier<S3Exception> refusal) {
        boolean isNumber =
                !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = isNumber ? Long.parseLong(text) : -1;
        if (!isNumber || value < min || value > max) {
            throw refusal.get();
        }
        return (int) value;
    }

    /** {@code max-keys} and its like: 0 to 2147483647, of which the store gives at most 1,000 at a time. */
    static int pageSize(Query query, String name, int defaultSize) {
        return query.value(name)
                .filter(text -> !text.isEmpty())
                .map(text -> integer(
                        text,
                        0,
                        Integer.MAX_VALUE,
                        () -> S3Exception.invalidArgument(
                                "Argument " + name + " must be an integer between 0 and 2147483647", name, text)))
                .map(size -> Math.min(size, defaultSize))
                .orElse(defaultSize);
    }
}
