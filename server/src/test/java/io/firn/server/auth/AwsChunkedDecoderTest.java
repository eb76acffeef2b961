package io.firn.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Digester;
import io.firn.server.auth.SignedRequest.Header;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AwsChunkedDecoderTest {

    private static final String SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private static final String SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    private static final String UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private static final String CRC32C = "x-amz-checksum-crc32c";

    private final SigV4Verifier verifier = new SigV4Verifier(SigV4VerifierTest.KEYS, SigV4Options.s3("us-east-1"));

    /** What a decoder made of a body. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Result(byte[] payload, AwsChunkedDecoder.Step last) {}

    // The examples of the S3 API Reference

    @Test
    void decodesThePublishedSignedChunks() {
        AwsChunkedDecoder decoder = decoder(publishedRequest(
                SIGNED,
                "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                        + "x-amz-storage-class",
                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
                "Content-Length",
                "66824"));
        String body = "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
                + "a".repeat(65536)
                + "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
                + "a".repeat(1024)
                + "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
        assertEquals(66824, body.length());
        Result result = decode(decoder, body.getBytes(ISO_8859_1), 1000);
        assertEquals(new AwsChunkedDecoder.Complete(Optional.empty()), result.last);
        assertEquals("a".repeat(66560), new String(result.payload, ISO_8859_1));
    }

    @Test
    void decodesThePublishedSignedTrailer() {
        AwsChunkedDecoder decoder = decoder(publishedRequest(
                SIGNED_TRAILER,
                "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;"
                        + "x-amz-trailer",
                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
                "x-amz-trailer",
                CRC32C));
        String body = "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
                + "a".repeat(65536)
                + "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
                + "a".repeat(1024)
                + "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
                + "x-amz-checksum-crc32c:sOO8/Q==\r\n"
                + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
        Result result = decode(decoder, body.getBytes(ISO_8859_1), 70_000);
        assertEquals(new AwsChunkedDecoder.Complete(Checksum.parse(ChecksumAlgorithm.CRC32C, "sOO8/Q==")), result.last);
    }

    // Ways a body can be wrong

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // framing
                "'' | IncompleteBody",
                "'5\r\nhello' | IncompleteBody",
                "'5\r\nhello\r\n' | IncompleteBody",
                "'5\r\nhello\r\n0\r\n' | IncompleteBody",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\n' | IncompleteBody",
                "'5\nhello\r\n0\r\n\r\n' | IncompleteBody",
                "'5\r\nhelloXX0\r\n\r\n' | IncompleteBody",
                "'\r\n' | IncompleteBody",
                "'-5\r\nhello\r\n' | IncompleteBody",
                "'+5\r\nhello\r\n' | IncompleteBody",
                "'5 \r\nhello\r\n' | IncompleteBody",
                "'5;chunk-signature=00\r\nhello\r\n' | IncompleteBody",
                "'zz\r\nhello\r\n' | IncompleteBody",
                "'00000000000000000005\r\nhello\r\n' | IncompleteBody",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\nmore' | IncompleteBody",
                // length
                "'6\r\nhello!\r\n' | IncompleteBody",
                "'4\r\nhell\r\n0\r\n\r\n' | IncompleteBody",
                "'7fffffffffffffe\r\n' | IncompleteBody",
                // chunks
                "'2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n' | InvalidChunkSizeError",
                // trailers
                "'5\r\nhello\r\n0\r\n\r\n' | MalformedTrailerError",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n' | MalformedTrailerError",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32c\r\n\r\n' | MalformedTrailerError",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\n' |"
                        + " MalformedTrailerError",
                "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:nonsense\r\n\r\n' | InvalidRequest",
            })
    void refusesAMalformedBody(String body, String code) {
        for (int size = 1; size < 8; size++) {
            AwsChunkedDecoder decoder = unsigned(5, CRC32C);
            Result result = decode(decoder, body.getBytes(ISO_8859_1), size);
            AwsChunkedDecoder.Refused refused = assertInstanceOf(AwsChunkedDecoder.Refused.class, result.last);
            assertEquals(code, refused.refusal().failure().code());
            assertSame(refused, decoder.decode(ByteBuffer.wrap(new byte[] {1})), "a refusal is final");
            assertSame(refused, decoder.end());
        }
    }

    @Test
    void boundsALine() {
        AwsChunkedDecoder decoder = unsigned(5, "");
        byte[] endless = new byte[AwsChunkedDecoder.MAX_LINE_BYTES + 1];
        Arrays.fill(endless, (byte) '0');
        assertInstanceOf(AwsChunkedDecoder.Refused.class, decoder.decode(ByteBuffer.wrap(endless)));
        AwsChunkedDecoder trailers = unsigned(0, "");
        trailers.decode(ByteBuffer.wrap("0\r\n".getBytes(ISO_8859_1)));
        assertInstanceOf(AwsChunkedDecoder.Refused.class, trailers.decode(ByteBuffer.wrap(endless)));
    }

    @Test
    void acceptsABodyWithoutTrailerWhenNoneWasDeclared() {
        Result result = decode(unsigned(5, ""), "5\r\nhello\r\n0\r\n\r\n".getBytes(ISO_8859_1), 3);
        assertEquals(new AwsChunkedDecoder.Complete(Optional.empty()), result.last);
        assertEquals("hello", new String(result.payload, ISO_8859_1));
    }

    @Test
    void acceptsABodyOfNothing() {
        Result result = decode(unsigned(0, ""), "0\r\n\r\n".getBytes(ISO_8859_1), 1);
        assertEquals(new AwsChunkedDecoder.Complete(Optional.empty()), result.last);
    }

    @Test
    void namesTheChunkThatIsTooSmall() {
        Result result = decode(unsigned(5, ""), "2\r\nhe\r\n3\r\n".getBytes(ISO_8859_1), 3);
        AuthRefusal refusal = ((AwsChunkedDecoder.Refused) result.last).refusal();
        assertEquals(
                List.of(new AuthRefusal.Field("Chunk", "1"), new AuthRefusal.Field("BadChunkSize", "2")),
                refusal.fields());
    }

    @Test
    void handsOutSlicesOfTheInput() {
        ByteBuffer input = ByteBuffer.allocateDirect(100);
        input.put("5\r\nhel".getBytes(ISO_8859_1)).flip();
        AwsChunkedDecoder.Payload payload = assertInstanceOf(
                AwsChunkedDecoder.Payload.class, unsigned(5, "").decode(input));
        assertEquals(3, payload.bytes().remaining());
        input.put(3, (byte) 'H');
        assertEquals('H', payload.bytes().get(0), "no copy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-amz-decoded-content-length | '' | MissingContentLength",
                "x-amz-decoded-content-length | 12a | MissingContentLength",
                "x-amz-decoded-content-length | -1 | MissingContentLength",
                "x-amz-trailer | x-amz-meta-a | InvalidRequest",
                "x-amz-trailer | 'x-amz-checksum-crc32,x-amz-checksum-sha1' | InvalidRequest",
            })
    void refusesHeadersItCannotDecodeBy(String name, String value, String code) {
        List<Header> headers = List.of(new Header(name, value), new Header("x-amz-decoded-content-length", "5"));
        AwsChunkedDecoder.Opening opening = AwsChunkedDecoder.open(
                new SignedRequest("PUT", "/", "", headers), payloadHash(UNSIGNED_TRAILER), Optional.empty());
        assertEquals(
                code,
                assertInstanceOf(AwsChunkedDecoder.Refused.class, opening)
                        .refusal()
                        .failure()
                        .code());
    }

    @Test
    void refusesSignatureVersion4A() {
        AwsChunkedDecoder.Opening opening = AwsChunkedDecoder.open(
                new SignedRequest("PUT", "/", "", List.of()),
                payloadHash("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"),
                Optional.empty());
        assertEquals(
                AuthFailure.NOT_IMPLEMENTED,
                assertInstanceOf(AwsChunkedDecoder.Refused.class, opening)
                        .refusal()
                        .failure());
        assertThrows(
                IllegalArgumentException.class,
                () -> AwsChunkedDecoder.open(
                        new SignedRequest("PUT", "/", "", List.of()), payloadHash(SIGNED), Optional.empty()));
    }

    // Any split, any corruption

    @Test
    void doesNotDependOnHowTheBodyArrives() {
        for (long seed = 0; seed < 300; seed++) {
            Example example = example(new SplittableRandom(seed));
            SplittableRandom random = new SplittableRandom(~seed);
            Result result = decodeRandomly(example.open(), example.body, random);
            assertEquals(example.complete(), result.last, "seed " + seed);
            assertArrayEquals(example.payload, result.payload, "seed " + seed);
        }
    }

    @Test
    void neverCompletesACorruptedBodyWithOtherBytes() {
        int refused = 0;
        for (long seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Example example = example(random);
            byte[] body = corrupt(random, example.body);
            Result result = decodeRandomly(example.open(), body, random);
            if (result.last instanceof AwsChunkedDecoder.Complete complete) {
                // Unsigned payload is only protected by its checksum, which the caller compares.
                boolean intact = Arrays.equals(example.payload, result.payload);
                boolean caught = complete.trailingChecksum()
                        .filter(sum -> !sum.equals(crc32c(result.payload)))
                        .isPresent();
                boolean unprotected = !example.signed && !example.trailer;
                assertEquals(true, intact || caught || unprotected, "seed " + seed);
                assertEquals(example.payload.length, result.payload.length, "seed " + seed);
            } else {
                assertInstanceOf(AwsChunkedDecoder.Refused.class, result.last, "seed " + seed);
                refused++;
            }
        }
        assertEquals(true, refused > 2000, "refused " + refused);
    }

    /** A well-formed request of random kind, chunking and content. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Example(
            SignedRequest request,
            SigV4Verifier verifier,
            byte[] body,
            byte[] payload,
            boolean signed,
            boolean trailer) {

        AwsChunkedDecoder open() {
            AuthOutcome.Authenticated outcome = assertInstanceOf(
                    AuthOutcome.Authenticated.class, verifier.verify(request, SigV4VerifierTest.MAY_24));
            return assertInstanceOf(
                            AwsChunkedDecoder.Ready.class,
                            AwsChunkedDecoder.open(request, outcome.payload(), Optional.of(outcome.seed())))
                    .decoder();
        }

        AwsChunkedDecoder.Step complete() {
            return new AwsChunkedDecoder.Complete(trailer ? Optional.of(crc32c(payload)) : Optional.empty());
        }
    }

    private Example example(SplittableRandom random) {
        boolean signed = random.nextBoolean();
        boolean trailer = random.nextBoolean();
        List<byte[]> chunks = new ArrayList<>();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int left = random.nextInt(4); left > 0; left--) {
            byte[] chunk = new byte[left == 1 ? random.nextInt(1, 9000) : random.nextInt(8192, 9000)];
            random.nextBytes(chunk);
            chunks.add(chunk);
            payload.writeBytes(chunk);
        }
        String kind = !signed ? UNSIGNED_TRAILER : trailer ? SIGNED_TRAILER : SIGNED;
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Host", "h"));
        headers.add(new Header("x-amz-decoded-content-length", Integer.toString(payload.size())));
        if (trailer) {
            headers.add(new Header("x-amz-trailer", CRC32C));
        }
        ReferenceSigner.Intent intent = new ReferenceSigner.Intent(
                "PUT", List.of("b", "k"), List.of(), headers, kind, "20130524T000000Z", "us-east-1");
        SignedRequest request = ReferenceSigner.signInHeader(intent, "/b/k", "");
        String authorization = request.header("authorization").orElseThrow();
        String seed = signed ? authorization.substring(authorization.length() - 64) : "";
        List<String> lines =
                trailer ? List.of(CRC32C + ":" + crc32c(payload.toByteArray()).wireValue()) : List.of();
        byte[] body = ReferenceSigner.chunked(intent, seed, chunks, lines, signed && trailer);
        return new Example(request, verifier, body, payload.toByteArray(), signed, trailer);
    }

    private static byte[] corrupt(SplittableRandom random, byte[] original) {
        byte[] body = original.clone();
        int at = random.nextInt(5) == 0 ? random.nextInt(Math.min(40, body.length)) : random.nextInt(body.length);
        return switch (random.nextInt(4)) {
            case 0 -> {
                body[at] ^= (byte) (1 << random.nextInt(8));
                yield body;
            }
            case 1 -> Arrays.copyOf(body, at);
            case 2 -> { // a byte too many
                byte[] longer = new byte[body.length + 1];
                System.arraycopy(body, 0, longer, 0, at);
                longer[at] = (byte) random.nextInt();
                System.arraycopy(body, at, longer, at + 1, body.length - at);
                yield longer;
            }
            default -> { // two stretches swapped
                int other = random.nextInt(body.length);
                int length = Math.min(random.nextInt(1, 100), body.length - Math.max(at, other));
                byte[] kept = Arrays.copyOfRange(body, at, at + length);
                System.arraycopy(body, other, body, at, length);
                System.arraycopy(kept, 0, body, other, length);
                if (Arrays.equals(body, original)) {
                    body[at] ^= 1;
                }
                yield body;
            }
        };
    }

    // Ways to say it

    private static Result decode(AwsChunkedDecoder decoder, byte[] body, int size) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; at += size) {
            feed(decoder, ByteBuffer.wrap(body, at, Math.min(size, body.length - at)), payload);
        }
        return new Result(payload.toByteArray(), decoder.end());
    }

    private static Result decodeRandomly(AwsChunkedDecoder decoder, byte[] body, SplittableRandom random) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; ) {
            int size = Math.min(body.length - at, random.nextInt(1, random.nextBoolean() ? 100 : 20_000));
            feed(decoder, ByteBuffer.wrap(body, at, size), payload);
            at += size;
        }
        return new Result(payload.toByteArray(), decoder.end());
    }

    private static void feed(AwsChunkedDecoder decoder, ByteBuffer input, ByteArrayOutputStream payload) {
        while (decoder.decode(input) instanceof AwsChunkedDecoder.Payload step) {
            byte[] bytes = new byte[step.bytes().remaining()];
            step.bytes().get(bytes);
            payload.writeBytes(bytes);
        }
    }

    private AwsChunkedDecoder decoder(SignedRequest request) {
        AuthOutcome outcome = verifier.verify(request, SigV4VerifierTest.MAY_24);
        AuthOutcome.Authenticated authenticated =
                assertInstanceOf(AuthOutcome.Authenticated.class, outcome, outcome.toString());
        return assertInstanceOf(
                        AwsChunkedDecoder.Ready.class,
                        AwsChunkedDecoder.open(request, authenticated.payload(), Optional.of(authenticated.seed())))
                .decoder();
    }

    private static AwsChunkedDecoder unsigned(long decodedLength, String trailer) {
        List<Header> headers = List.of(
                new Header("x-amz-decoded-content-length", Long.toString(decodedLength)),
                new Header("x-amz-trailer", trailer));
        return assertInstanceOf(
                        AwsChunkedDecoder.Ready.class,
                        AwsChunkedDecoder.open(
                                new SignedRequest("PUT", "/b/k", "", headers),
                                payloadHash(UNSIGNED_TRAILER),
                                Optional.empty()))
                .decoder();
    }

    private static PayloadHash payloadHash(String value) {
        return PayloadHash.parse(value).orElseThrow();
    }

    private static SignedRequest publishedRequest(
            String kind, String signedHeaders, String signature, String extraName, String extraValue) {
        return SigV4VerifierTest.request(
                "PUT",
                "/examplebucket/chunkObject.txt",
                "",
                SigV4VerifierTest.authorization(signedHeaders, signature),
                "Host",
                "s3.amazonaws.com",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-storage-class",
                "REDUCED_REDUNDANCY",
                "x-amz-content-sha256",
                kind,
                "Content-Encoding",
                "aws-chunked",
                "x-amz-decoded-content-length",
                "66560",
                extraName,
                extraValue);
    }

    private static Checksum crc32c(byte[] bytes) {
        Digester digester = Digester.of(ChecksumAlgorithm.CRC32C);
        digester.update(bytes, 0, bytes.length);
        return digester.checksum();
    }
}
