package io.firn.server.s3;

import java.util.List;

/**
 * What the S3 door is told.
 *
 * @param region the one region it serves. Default {@code us-east-1}
 * @param domains names under which a bucket may be a host name, in lower case; {@code localhost} always is. Default none
 */
public record S3Options(String region, List<String> domains) {
    public static final S3Options DEFAULT = new S3Options("us-east-1", List.of());

    public S3Options {
        domains = List.copyOf(domains);
        if (region.isEmpty()) {
            throw new IllegalArgumentException("a region has a name");
        }
    }
}
