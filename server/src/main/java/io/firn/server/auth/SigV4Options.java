package io.firn.server.auth;

import java.time.Duration;

/**
 * What a {@link SigV4Verifier} insists on.
 *
 * @param service the service of the scope; {@code s3} also fixes S3's path encoding and required headers
 * @param region the region of the scope; a request signed for another one is told this one
 * @param maxSkew how far a request's time may be from now, either way; S3 allows 15 minutes. A server whose clock is moved by
 *     hand sets more, as its clients' clocks do not move along.
 */
public record SigV4Options(String service, String region, Duration maxSkew) {

    public static final Duration S3_MAX_SKEW = Duration.ofMinutes(15);

    public SigV4Options {
        if (service.isEmpty() || region.isEmpty() || maxSkew.isNegative()) {
            throw new IllegalArgumentException("Service " + service + ", region " + region + ", skew " + maxSkew);
        }
    }

    /** S3 in {@code region} with S3's own skew. */
    public static SigV4Options s3(String region) {
        return new SigV4Options("s3", region, S3_MAX_SKEW);
    }

    boolean isS3() {
        return service.equals("s3");
    }
}
