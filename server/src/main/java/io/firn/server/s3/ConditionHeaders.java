package io.firn.server.s3;

import io.firn.objectstore.Conditions;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** The preconditions that headers carry. A date that is none is ignored, as RFC 9110 section 13.1.3 says. */
final class ConditionHeaders {
    private static final String COPY_SOURCE = "x-amz-copy-source-";

    private ConditionHeaders() {}

    /** Of GET and HEAD. */
    static Conditions ofRead(S3Request request) {
        return read(request, "");
    }

    /** Of the source of a copy. */
    static Conditions ofCopySource(S3Request request) {
        return read(request, COPY_SOURCE);
    }

    /** Of a put, a completion or the target of a copy. */
    static Conditions ofWrite(S3Request request) {
        return new Conditions(
                request.header("If-Match"),
                request.header("If-None-Match"),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }

    /** Of a delete. */
    static Conditions ofDelete(S3Request request) {
        Optional<Instant> lastModified = request.header("x-amz-if-match-last-modified-time")
                .map(text -> S3Time.parseEither(text)
                        .orElseThrow(() -> S3Exception.invalidArgument(
                                "The date is not valid", "x-amz-if-match-last-modified-time", text)));
        return new Conditions(
                request.header("If-Match"),
                Optional.empty(),
                Optional.empty(),
                lastModified,
                length(request.header("x-amz-if-match-size")));
    }

    /** A size in bytes that is to be matched. */
    static OptionalLong length(Optional<String> text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        String digits = text.get().strip();
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber) {
            throw S3Exception.invalidArgument("The size is not a number of bytes", "Size", digits);
        }
        return OptionalLong.of(Long.parseLong(digits));
    }

    private static Conditions read(S3Request request, String prefix) {
        Conditions conditions = new Conditions(
                request.header(prefix + "if-match"),
                request.header(prefix + "if-none-match"),
                request.header(prefix + "if-modified-since").flatMap(S3Time::parseHttp),
                request.header(prefix + "if-unmodified-since").flatMap(S3Time::parseHttp),
                OptionalLong.empty());
        return conditions.isNone() ? Conditions.NONE : conditions;
    }
}
