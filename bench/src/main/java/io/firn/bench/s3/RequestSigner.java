package io.firn.bench.s3;

import io.firn.io.Clock;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 in the Authorization header, signing {@code host}, {@code x-amz-content-sha256} and {@code x-amz-date}.
 *
 * <p>The day's signing key is derived once and its {@link Mac} reused, the time formatted once a second: a signature costs one
 * SHA-256 and one HMAC over a few hundred bytes. Source: "Create a signed AWS API request", AWS IAM user guide, read 2026-11-23.
 *
 * <p><b>Threads.</b> One thread.
 */
final class RequestSigner {
    /** Payload hash of an unsigned body. */
    static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String SIGNED_HEADERS = "host;x-amz-content-sha256;x-amz-date";
    private static final HexFormat HEX = HexFormat.of();

    private final Credentials credentials;
    private final String authority;
    private final Clock clock;
    private final MessageDigest sha256;
    private final Mac mac;
    private final StringBuilder text = new StringBuilder(512);

    private long stampSecond = Long.MIN_VALUE;
    private String stamp = "";
    private String scope = "";

    RequestSigner(Credentials credentials, Endpoint endpoint, Clock clock) {
        this.credentials = credentials;
        this.authority = endpoint.authority();
        this.clock = clock;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
            this.mac = Mac.getInstance("HmacSHA256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256 and HmacSHA256", e);
        }
    }

    /** Lower-case hexadecimal SHA-256 of {@code body}. */
    static String payloadHash(byte[] body) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Appends the three signed headers and Authorization, each with its CRLF.
     *
     * @param path encoded as on the wire
     * @param query canonical: encoded, sorted by name, each name with {@code =}; without the question mark; may be empty
     */
    void appendHeaders(StringBuilder head, String method, String path, String query, String payloadHash) {
        refreshStamp();
        text.setLength(0);
        text.append(method).append('\n').append(path).append('\n').append(query);
        text.append("\nhost:").append(authority);
        text.append("\nx-amz-content-sha256:").append(payloadHash);
        text.append("\nx-amz-date:").append(stamp);
        text.append("\n\n").append(SIGNED_HEADERS).append('\n').append(payloadHash);
        String requestHash = HEX.formatHex(sha256.digest(ascii(text)));

        text.setLength(0);
        text.append("AWS4-HMAC-SHA256\n")
                .append(stamp)
                .append('\n')
                .append(scope)
                .append('\n')
                .append(requestHash);
        String signature = HEX.formatHex(mac.doFinal(ascii(text)));

        head.append("Host: ").append(authority);
        head.append("\r\nx-amz-content-sha256: ").append(payloadHash);
        head.append("\r\nx-amz-date: ").append(stamp);
        head.append("\r\nAuthorization: AWS4-HMAC-SHA256 Credential=")
                .append(credentials.accessKey())
                .append('/')
                .append(scope);
        head.append(", SignedHeaders=")
                .append(SIGNED_HEADERS)
                .append(", Signature=")
                .append(signature)
                .append("\r\n");
    }

    private void refreshStamp() {
        Instant now = clock.now();
        if (now.getEpochSecond() == stampSecond) {
            return;
        }
        stampSecond = now.getEpochSecond();
        String previousDay = stamp.isEmpty() ? "" : stamp.substring(0, 8);
        stamp = STAMP.format(now);
        String day = stamp.substring(0, 8);
        if (!day.equals(previousDay)) {
            scope = day + "/" + credentials.region() + "/s3/aws4_request";
            deriveKey(day);
        }
    }

    private void deriveKey(String day) {
        byte[] key = ("AWS4" + credentials.secretKey()).getBytes(StandardCharsets.UTF_8);
        try {
            for (String part : new String[] {day, credentials.region(), "s3", "aws4_request"}) {
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                key = mac.doFinal(part.getBytes(StandardCharsets.UTF_8));
            }
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("an HMAC takes any key", e);
        }
    }

    private static byte[] ascii(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
