package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.io.Clock;
import io.firn.server.auth.Sha256;
import io.firn.server.users.KeyPair;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs a small request with AWS Signature Version 4 as a client does (S3 API Reference, "Authenticating Requests", read 2026-11). */
final class RequestSigner {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final KeyPair keys;
    private final String region;
    private final Clock clock;

    RequestSigner(KeyPair keys, String region, Clock clock) {
        this.keys = keys;
        this.region = region;
        this.clock = clock;
    }

    /** The headers to add; {@code path} has no query and nothing that wants encoding. */
    Map<String, String> sign(String method, String authority, String path, byte[] body) {
        Instant now = clock.now();
        String timestamp = TIMESTAMP.format(now);
        String date = timestamp.substring(0, 8);
        String bodyHash = Sha256.hex(body);
        String scope = date + "/" + region + "/s3/aws4_request";
        String signedHeaders = "host;x-amz-content-sha256;x-amz-date";
        String canonical = method + "\n" + path + "\n\nhost:" + authority + "\nx-amz-content-sha256:" + bodyHash
                + "\nx-amz-date:" + timestamp + "\n\n" + signedHeaders + "\n" + bodyHash;
        String toSign = "AWS4-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n" + Sha256.hex(canonical.getBytes(UTF_8));
        byte[] key = ("AWS4" + keys.secretKey().reveal()).getBytes(UTF_8);
        for (String part : new String[] {date, region, "s3", "aws4_request"}) {
            key = hmac(key, part);
        }
        String signature = HexFormat.of().formatHex(hmac(key, toSign));
        return Map.of(
                "x-amz-date",
                timestamp,
                "x-amz-content-sha256",
                bodyHash,
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + keys.accessKey() + "/" + scope + ",SignedHeaders=" + signedHeaders
                        + ",Signature=" + signature);
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
