package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Expectations;
import io.firn.server.http.HeaderList;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What headers claim of a body: {@code Content-MD5}, {@code x-amz-checksum-*}, {@code x-amz-trailer}, {@code x-amz-sdk-checksum-algorithm}. */
final class ChecksumHeaders {
    private static final String PREFIX = "x-amz-checksum-";
    private static final String SDK_ALGORITHM = "x-amz-sdk-checksum-algorithm";
    private static final Set<String> NOT_VALUES =
            Set.of("x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode");
    private static final int MD5_BYTES = 16;

    private ChecksumHeaders() {}

    /** The claims, with the length of the decoded body. */
    static Expectations expectations(S3Request request, OptionalLong lengthBytes) {
        Optional<Checksum> checksum = value(request);
        Optional<ChecksumAlgorithm> trailing = trailing(request);
        if (checksum.isPresent() && trailing.isPresent()) {
            throw new S3Exception(S3ErrorCode.INVALID_REQUEST, "Expecting a single x-amz-checksum- header");
        }
        Optional<ChecksumAlgorithm> algorithm =
                checksum.map(Checksum::algorithm).or(() -> trailing);
        checkSdkAlgorithm(request, algorithm);
        return new Expectations(lengthBytes, md5(request), checksum, algorithm, true);
    }

    /** The checksum sent as a header. */
    static Optional<Checksum> value(S3Request request) {
        Optional<Checksum> found = Optional.empty();
        HeaderList headers = request.headers();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i).toLowerCase(Locale.ROOT);
            if (!name.startsWith(PREFIX) || NOT_VALUES.contains(name)) {
                continue;
            }
            ChecksumAlgorithm algorithm = ChecksumAlgorithm.ofHeader(name)
                    .orElseThrow(() -> new S3Exception(
                            S3ErrorCode.INVALID_REQUEST,
                            "The algorithm type you specified in x-amz-checksum- header is invalid."));
            if (found.isPresent()) {
                throw new S3Exception(
                        S3ErrorCode.INVALID_REQUEST,
                        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
            }
            // A value that is no digest at all matches nothing: BadDigest is what conformance suites want of it.
            found = Optional.of(Checksum.parse(algorithm, headers.value(i).strip())
                    .orElseThrow(() ->
                            new S3Exception(S3ErrorCode.BAD_DIGEST, "Value for " + name + " header is invalid.")));
        }
        return found;
    }

    /** The algorithm whose value comes in the trailer. */
    private static Optional<ChecksumAlgorithm> trailing(S3Request request) {
        return request.header("x-amz-trailer")
                .filter(value -> !value.isBlank())
                .map(name -> ChecksumAlgorithm.ofHeader(name.strip())
                        .orElseThrow(() -> new S3Exception(
                                S3ErrorCode.INVALID_REQUEST,
                                "The value specified in the x-amz-trailer header is not supported")));
    }

    private static void checkSdkAlgorithm(S3Request request, Optional<ChecksumAlgorithm> sent) {
        Optional<String> claimed = request.header(SDK_ALGORITHM);
        if (claimed.isEmpty()) {
            return;
        }
        ChecksumAlgorithm algorithm = ChecksumAlgorithm.parse(claimed.get())
                .orElseThrow(() -> new S3Exception(
                        S3ErrorCode.INVALID_REQUEST, "Value for " + SDK_ALGORITHM + " header is invalid."));
        if (sent.isEmpty()) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST,
                    SDK_ALGORITHM
                            + " specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
        }
        if (sent.get() != algorithm) {
            throw new S3Exception(S3ErrorCode.INVALID_REQUEST, "Value for " + SDK_ALGORITHM + " header is invalid.");
        }
    }

    private static Optional<String> md5(S3Request request) {
        return request.header("Content-MD5").map(value -> {
            try {
                if (Base64.getDecoder().decode(value.strip()).length == MD5_BYTES) {
                    return value.strip();
                }
            } catch (IllegalArgumentException notBase64) {
                // Falls through to the refusal.
            }
            throw new S3Exception(S3ErrorCode.INVALID_DIGEST).with("Content-MD5", value);
        });
    }
}
