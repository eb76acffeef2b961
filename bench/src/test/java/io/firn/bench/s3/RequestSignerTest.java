package io.firn.bench.s3;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The worked examples of "Authenticating Requests: Using the Authorization Header", Amazon S3 API reference, read 2026-11-23. */
class RequestSignerTest {
    private final VirtualClock clock = new VirtualClock(Instant.parse("2013-05-24T00:00:00Z"));
    private final RequestSigner signer = new RequestSigner(
            new Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"),
            new Endpoint(false, "examplebucket.s3.amazonaws.com", 80),
            clock);

    @Test
    void getBucketLifecycle() {
        assertSigned("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    }

    @Test
    void listObjects() {
        assertSigned("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    }

    @Test
    void aNewDayGetsANewScope() {
        signer.appendHeaders(new StringBuilder(), "GET", "/", "", S3Client.EMPTY_HASH);
        clock.advance(Duration.ofDays(1));
        StringBuilder head = new StringBuilder();
        signer.appendHeaders(head, "GET", "/", "max-keys=2&prefix=J", S3Client.EMPTY_HASH);
        assertTrue(head.toString().contains("/20130525/us-east-1/s3/aws4_request"), head.toString());
        assertTrue(head.toString().contains("x-amz-date: 20130525T000000Z\r\n"), head.toString());
    }

    private void assertSigned(String query, String signature) {
        StringBuilder head = new StringBuilder();
        signer.appendHeaders(head, "GET", "/", query, S3Client.EMPTY_HASH);
        assertTrue(head.toString().contains("Signature=" + signature + "\r\n"), head.toString());
    }
}
