package io.firn.server.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3AddressTest {
    private static final List<String> DOMAINS = List.of("s3.example.org");

    private static S3Address path(String rawPath) {
        return S3Address.parse(rawPath, Optional.of("127.0.0.1:9000"), DOMAINS);
    }

    private static String key(S3Address address) {
        return address.key().orElseThrow().text();
    }

    @Test
    void pathStyleSplitsAtTheFirstSlash() {
        S3Address address = path("/bucket/a/b/c");
        assertEquals("bucket", address.bucket().orElseThrow());
        assertEquals("a/b/c", key(address));
    }

    @Test
    void aBucketWithAndWithoutTrailingSlashIsTheBucket() {
        assertTrue(path("/bucket").key().isEmpty());
        assertTrue(path("/bucket/").key().isEmpty());
        assertTrue(path("/").bucket().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "/b//, /",
        "/b//a, /a",
        "/b/a//b, a//b",
        "/b/../x, ../x",
        "/b/./x/., ./x/.",
        "/b/a%2Fb, a/b",
        "/b/%2e%2E/x, ../x",
        "/b/a+b, a+b",
        "/b/a%20b%2Bc/%C3%A9, a b+c/é",
        "/b/%252F, %2F",
        "/b/a%00b, a\0b"
    })
    void keysAreDecodedOnceAndNeverNormalised(String rawPath, String key) {
        assertEquals(key, key(path(rawPath)));
    }

    @Test
    void rawUtf8InThePathIsTakenAsIs() {
        // One char per byte, as the wire has it.
        assertEquals("é", key(path("/b/\u00C3\u00A9")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/b/%", "/b/%4", "/b/%G0", "/b/%C3", "/b/%FF", "/b/%C0%AF", "/b/%ED%A0%80", "/b/\u00FF", "*"})
    void whatIsNotPercentEncodedUtf8IsNoAddress(String rawPath) {
        S3Exception refused = assertThrows(S3Exception.class, () -> path(rawPath));
        assertEquals(S3ErrorCode.INVALID_URI, refused.code());
    }

    @Test
    void anEmptyBucketIsNoListingOfBuckets() {
        assertEquals(
                S3ErrorCode.INVALID_BUCKET_NAME,
                assertThrows(S3Exception.class, () -> path("//key")).code());
    }

    @Test
    void keysMayHave1024BytesAndNotOneMore() {
        assertEquals(1024, key(path("/b/" + "k".repeat(1024))).length());
        assertEquals(
                S3ErrorCode.KEY_TOO_LONG,
                assertThrows(S3Exception.class, () -> path("/b/" + "k".repeat(1025)))
                        .code());
        assertEquals(
                S3ErrorCode.KEY_TOO_LONG,
                assertThrows(S3Exception.class, () -> path("/b/" + "%C3%A9".repeat(513)))
                        .code());
    }

    @ParameterizedTest
    @CsvSource({
        "bucket.s3.example.org, bucket",
        "bucket.s3.example.org:9000, bucket",
        "Bucket.S3.Example.ORG, bucket",
        "a.b.s3.example.org, a.b",
        "bucket.localhost:9000, bucket"
    })
    void theHostNamesTheBucket(String host, String bucket) {
        S3Address address = S3Address.parse("/x/y", Optional.of(host), DOMAINS);
        assertTrue(address.isVirtualHost());
        assertEquals(bucket, address.bucket().orElseThrow());
        assertEquals("x/y", key(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3.example.org",
                "localhost:9000",
                "[::1]:9000",
                "other.example.org",
                "xs3.example.org",
                ".localhost"
            })
    void otherHostsNameNoBucket(String host) {
        assertEquals(
                "x",
                S3Address.parse("/x/y", Optional.of(host), DOMAINS).bucket().orElseThrow());
    }
}
