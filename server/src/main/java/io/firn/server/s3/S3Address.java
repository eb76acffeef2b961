package io.firn.server.s3;

import io.firn.objectstore.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which bucket and key a request names, in path style ({@code /bucket/key}) or virtual-host style ({@code bucket.domain}).
 *
 * <p>The raw path is split, then percent-decoded exactly once as UTF-8 and never normalised: {@code //}, {@code .} and {@code ..} are
 * ordinary parts of a key.
 *
 * @param bucket the bucket as named, not checked against the naming rules
 * @param key the key; present only with a bucket
 * @param isVirtualHost true when the host named the bucket
 */
record S3Address(Optional<String> bucket, Optional<ObjectKey> key, boolean isVirtualHost) {

    /** {@code *.localhost} is answered by the loopback interface (RFC 6761 section 6.3): virtual hosts work there without a domain. */
    private static final String LOOPBACK_DOMAIN = "localhost";

    /**
     * The address of a request.
     *
     * @param rawPath as received, beginning with {@code /}
     * @param host the Host header
     * @param domains the domains under which a bucket may be a host name
     * @throws S3Exception InvalidURI when the path is not percent-encoded UTF-8, KeyTooLongError
     */
    static S3Address parse(String rawPath, Optional<String> host, List<String> domains) {
        if (!rawPath.startsWith("/")) {
            throw new S3Exception(S3ErrorCode.INVALID_URI).with("URI", rawPath);
        }
        Optional<String> hostBucket = host.flatMap(name -> bucketOfHost(name, domains));
        if (hostBucket.isPresent()) {
            return new S3Address(hostBucket, key(rawPath.substring(1), rawPath), true);
        }
        int slash = rawPath.indexOf('/', 1);
        String bucket = decode(slash < 0 ? rawPath.substring(1) : rawPath.substring(1, slash), rawPath);
        if (bucket.isEmpty()) {
            if (rawPath.length() > 1) {
                // An empty bucket before a key is no address: it must not fall through to ListBuckets.
                throw new S3Exception(S3ErrorCode.INVALID_BUCKET_NAME).with("BucketName", "");
            }
            return new S3Address(Optional.empty(), Optional.empty(), false);
        }
        return new S3Address(
                Optional.of(bucket), slash < 0 ? Optional.empty() : key(rawPath.substring(slash + 1), rawPath), false);
    }

    private static Optional<String> bucketOfHost(String hostHeader, List<String> domains) {
        int colon = hostHeader.startsWith("[") ? -1 : hostHeader.lastIndexOf(':');
        String host = (colon < 0 ? hostHeader : hostHeader.substring(0, colon)).toLowerCase(Locale.ROOT);
        for (String domain : domains) {
            Optional<String> bucket = below(host, domain);
            if (bucket.isPresent()) {
                return bucket;
            }
            if (host.equals(domain)) {
                return Optional.empty();
            }
        }
        return below(host, LOOPBACK_DOMAIN);
    }

    private static Optional<String> below(String host, String domain) {
        int labels = host.length() - domain.length() - 1;
        return labels > 0 && host.endsWith(domain) && host.charAt(labels) == '.'
                ? Optional.of(host.substring(0, labels))
                : Optional.empty();
    }

    private static Optional<ObjectKey> key(String rawKey, String rawPath) {
        String key = decode(rawKey, rawPath);
        return key.isEmpty() ? Optional.empty() : Optional.of(objectKey(key));
    }

    /** The key of this text, which is not empty. */
    static ObjectKey objectKey(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > ObjectKey.MAX_BYTES) {
            throw new S3Exception(S3ErrorCode.KEY_TOO_LONG)
                    .with("Size", String.valueOf(bytes))
                    .with("MaxSizeAllowed", String.valueOf(ObjectKey.MAX_BYTES));
        }
        return ObjectKey.of(text);
    }

    private static String decode(String raw, String rawPath) {
        return PercentEncoding.decode(raw, false)
                .orElseThrow(() -> new S3Exception(S3ErrorCode.INVALID_URI).with("URI", rawPath));
    }
}
