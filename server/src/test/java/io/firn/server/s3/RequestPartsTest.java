package io.firn.server.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.objectstore.ByteRange;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges, copy sources, queries, times, tags and tokens, as headers and parameters give them. */
class RequestPartsTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-9, 0, 10",
        "bytes=4-, 4, 96",
        "bytes=-7, 93, 7",
        "bytes=-700, 0, 100",
        "bytes=90-200, 90, 10",
        "bytes=0-99999999999999999999, 0, 100",
        "BYTES=1-1, 1, 1"
    })
    void oneRangeIsServed(String header, long offset, long length) {
        ByteRange.Span span =
                RangeHeader.parse(header).orElseThrow().within(100).orElseThrow();
        assertEquals(new ByteRange.Span(offset, length), span);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"})
    void aRangeBeyondTheObjectIsUnsatisfiable(String header) {
        assertTrue(RangeHeader.parse(header).orElseThrow().within(100).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-2",
                "bytes=0-1,3-4",
                "items=0-1",
                "bytes=--1"
            })
    void anythingElseMeansTheWholeObject(String header) {
        assertTrue(RangeHeader.parse(header).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0-2",
                "bytes=0",
                "bytes=hello-world",
                "bytes=0-bar",
                "bytes=hello-",
                "bytes=0-2,3-5",
                "bytes=-5",
                "bytes=5-"
            })
    void theRangeOfAPartCopyIsStrict(String header) {
        assertEquals(
                S3ErrorCode.INVALID_ARGUMENT,
                assertThrows(S3Exception.class, () -> RangeHeader.parseCopySource(header))
                        .code());
    }

    @Test
    void copySources() {
        CopySource plain = CopySource.parse("bucket/some/key");
        assertEquals("bucket", plain.bucket());
        assertEquals("some/key", plain.key().text());
        assertTrue(plain.versionId().isEmpty());
        assertEquals("some key", CopySource.parse("/bucket/some%20key").key().text());
        assertEquals("some key", CopySource.parse("/bucket/some+key").key().text());
        assertEquals("?versionId", CopySource.parse("bucket/%3FversionId").key().text());
        assertEquals("a%b", CopySource.parse("bucket/a%25b").key().text());
        CopySource version = CopySource.parse("bucket/key?versionId=" + "0123456789abcdef".repeat(2));
        assertEquals("key", version.key().text());
        assertTrue(version.versionId().isPresent());
        assertTrue(CopySource.parse("bucket/key?versionId=null")
                .versionId()
                .orElseThrow()
                .isNull());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "bucket",
                "bucket/",
                "/bucket/",
                "//key",
                "bucket/%zz",
                "bucket/k?versionId=nonsense",
                "bucket/k?versionId="
            })
    void copySourcesThatNameNothing(String header) {
        assertEquals(
                S3ErrorCode.INVALID_ARGUMENT,
                assertThrows(S3Exception.class, () -> CopySource.parse(header)).code());
    }

    @Test
    void queries() {
        Query query = Query.parse("delete&prefix=a%2Fb+c&prefix=second&empty=&&%C3%A9=1");
        assertTrue(query.has("delete"));
        assertEquals(Optional.of(""), query.value("delete"));
        assertEquals("a/b c", query.text("prefix"));
        assertEquals(Optional.of(""), query.value("empty"));
        assertEquals("1", query.text("é"));
        assertEquals(Optional.empty(), query.value("absent"));
        assertEquals(
                S3ErrorCode.INVALID_URI,
                assertThrows(S3Exception.class, () -> Query.parse("prefix=%ff")).code());
        assertEquals(
                S3ErrorCode.INVALID_URI,
                assertThrows(S3Exception.class, () -> Query.parse(manyParameters(1000)))
                        .code());
    }

    private static String manyParameters(int count) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < count; i++) {
            query.append('p').append(i).append('&');
        }
        return query.toString();
    }

    @Test
    void timesInTheThreeFormsOfHttp() {
        Instant expected = Instant.parse("1994-11-06T08:49:37Z");
        assertEquals(Optional.of(expected), S3Time.parseHttp("Sun, 06 Nov 1994 08:49:37 GMT"));
        assertEquals(Optional.of(expected), S3Time.parseHttp("Sun Nov  6 08:49:37 1994"));
        assertEquals(Optional.of(expected), S3Time.parseEither("1994-11-06T08:49:37Z"));
        assertEquals(Optional.empty(), S3Time.parseHttp("yesterday"));
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", S3Time.http(expected));
        assertEquals("1994-11-06T08:49:37.000Z", S3Time.iso(expected));
    }

    @Test
    void tagsOfTheHeader() {
        assertEquals(
                "{bar=, foo=b r}",
                ObjectHeaders.parseTags("foo=b%20r&bar").byKey().toString());
        assertEquals(
                S3ErrorCode.INVALID_ARGUMENT,
                assertThrows(S3Exception.class, () -> ObjectHeaders.parseTags("a=1&a=2"))
                        .code());
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "gzip|gzip",
                "gzip, aws-chunked|gzip",
                "aws-chunked,gzip|gzip",
                "AWS-Chunked|",
                "aws-chunked, aws-chunked|",
                "deflate, gzip|deflate, gzip"
            },
            delimiter = '|')
    void awsChunkedIsNoCodingOfTheObject(String header, String kept) {
        assertEquals(Optional.ofNullable(kept), ObjectHeaders.withoutAwsChunked(header));
    }

    @Test
    void continuationTokensComeBackAndForgedOnesDoNot() {
        for (String name : new String[] {"a", "ü/ /\0", "z".repeat(1024)}) {
            assertEquals(name, ContinuationToken.decode(ContinuationToken.encode(name)));
        }
        for (String forged : new String[] {"%%%", "AAAA", "foo"}) {
            assertEquals(
                    S3ErrorCode.INVALID_ARGUMENT,
                    assertThrows(S3Exception.class, () -> ContinuationToken.decode(forged))
                            .code());
        }
    }

    @Test
    void keysOfListingsAreEscapedAsClientsUnescapeThem() {
        assertEquals("foo%2B1/", PercentEncoding.encodeKey("foo+1/"));
        assertEquals("quux%20ab/", PercentEncoding.encodeKey("quux ab/"));
        assertEquals("%C3%A9%0A%25", PercentEncoding.encodeKey("é\n%"));
    }

    @Test
    void replyIdsDoNotRepeat() {
        ReplyIdSource source = new ReplyIdSource(new Random(1));
        assertEquals(
                10_000,
                java.util.stream.Stream.generate(() -> source.next().requestId())
                        .limit(10_000)
                        .peek(id -> assertTrue(id.matches("[0-9A-Z]{16}"), id))
                        .distinct()
                        .count());
    }
}
