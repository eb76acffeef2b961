package io.firn.server.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.server.auth.SignedRequest.Header;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigV4VerifierTest {

    static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static final Instant MAY_24 = Instant.parse("2013-05-24T00:00:00Z");
    static final AccessKey KEY = new AccessKey(ReferenceSigner.ACCESS_KEY, ReferenceSigner.SECRET_KEY);
    static final AccessKeys KEYS =
            id -> Optional.of(KEY).filter(key -> key.accessKeyId().equals(id));

    private static final String GET_SIGNATURE = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    private static final String PRESIGNED =
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                    + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                    + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    private final SigV4Verifier verifier = new SigV4Verifier(KEYS, SigV4Options.s3("us-east-1"));

    // The examples of the S3 API Reference

    @Test
    void acceptsThePublishedGetObject() {
        AuthOutcome.Authenticated outcome = accepted(getObject(GET_SIGNATURE));
        assertEquals(new CredentialScope(KEY.accessKeyId(), "20130524", "us-east-1", "s3"), outcome.scope());
        assertEquals(new PayloadHash(PayloadHash.Kind.SHA256, EMPTY), outcome.payload());
        assertFalse(outcome.presigned());
    }

    @Test
    void acceptsThePublishedPutObject() {
        String sha256 = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        accepted(request(
                "PUT",
                "/test$file.text",
                "",
                authorization(
                        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
                "Host",
                "examplebucket.s3.amazonaws.com",
                "Date",
                "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-storage-class",
                "REDUCED_REDUNDANCY",
                "x-amz-content-sha256",
                sha256));
    }

    @ParameterizedTest
    @CsvSource({
        "lifecycle, fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "max-keys=2&prefix=J, 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        "prefix=J&max-keys=2, 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    })
    void acceptsThePublishedBucketRequests(String query, String signature) {
        accepted(request(
                "GET",
                "/",
                query,
                authorization("host;x-amz-content-sha256;x-amz-date", signature),
                "Host",
                "examplebucket.s3.amazonaws.com",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-content-sha256",
                EMPTY));
    }

    @Test
    void acceptsThePublishedPresignedUrl() {
        AuthOutcome.Authenticated outcome = accepted(presigned(PRESIGNED));
        assertTrue(outcome.presigned());
        assertEquals(PayloadHash.UNSIGNED, outcome.payload());
    }

    /** Signed by botocore 1.43 for {@code https://h.example} and the region eu-north-1. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/b/a%20b%2Bc/%C3%A9 '' 71badc66c32327f3589d6f984225855897fa99d73eeb817fe72c4dabd06f9c1a",
                "/b/a%20b+c/%c3%a9 '' 71badc66c32327f3589d6f984225855897fa99d73eeb817fe72c4dabd06f9c1a",
                "/b/%2fx/../y/./z '' 2b09426c7ddac868c5098f6a55c7986ebdf4849290ff3924c36e37e05edf5a06",
                "/b//x/../y/./z '' 2b09426c7ddac868c5098f6a55c7986ebdf4849290ff3924c36e37e05edf5a06",
                "/b list-type=2&prefix=a%20b%2B&delimiter=%2F&encoding-type=url&continuation-token="
                        + " ed971a26bad909abee220ed98549c1c44a7f243197c33c3b4b63fd9e284ca1ed",
                "/b list-type=2&prefix=a+b%2b&delimiter=/&encoding-type=url&continuation-token"
                        + " ed971a26bad909abee220ed98549c1c44a7f243197c33c3b4b63fd9e284ca1ed",
                "/b delete 3a86fb0398eb0ba972bae302c51a54c27a2909478657e2a26a1968079df9351e",
                "/b/k uploadId=x%3D%3D&partNumber=1 bc5d4642594909e5125b81cdf19c6eceffea2d2d3fbee4b6002201ede6664a4a",
                "/b/k versionId=a&response-content-disposition=attachment%3B%20filename%3D%22x.txt%22"
                        + " ddf19369c823df7b8d6ba8530c89514c66f60ddb10b1e7fe80c9a7ca069ef4be",
            })
    void acceptsWhatBotocoreSigns(String path, String query, String signature) {
        String authorization = authorization("content-md5;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a", signature)
                .replace("us-east-1", "eu-north-1");
        SigV4Verifier north = new SigV4Verifier(KEYS, SigV4Options.s3("eu-north-1"));
        SignedRequest request = request(
                "GET",
                path,
                query,
                authorization,
                "Host",
                "h.example",
                "X-Amz-Meta-A",
                "  two   words ",
                "Content-MD5",
                "x",
                "X-Amz-Date",
                "20130524T000000Z",
                "X-Amz-Content-SHA256",
                EMPTY);
        assertInstanceOf(AuthOutcome.Authenticated.class, north.verify(request, MAY_24));
    }

    // Refusals

    @Test
    void explainsASignatureThatDoesNotMatch() {
        AuthRefusal refusal = refused(getObject(GET_SIGNATURE.replace('f', 'e')));
        assertEquals(AuthFailure.SIGNATURE_DOES_NOT_MATCH, refusal.failure());
        assertEquals(
                "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
                        + "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
                field(refusal, "StringToSign"));
        assertEquals(
                "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\nx-amz-content-sha256:" + EMPTY
                        + "\nx-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n" + EMPTY,
                field(refusal, "CanonicalRequest"));
        assertTrue(field(refusal, "StringToSignBytes").startsWith("41 57 53 34 2d 48"));
    }

    @Test
    void namesTheRegionItExpects() {
        SigV4Verifier west = new SigV4Verifier(KEYS, SigV4Options.s3("eu-west-1"));
        AuthRefusal refusal = refusal(west.verify(getObject(GET_SIGNATURE), MAY_24));
        assertEquals(AuthFailure.AUTHORIZATION_HEADER_MALFORMED, refusal.failure());
        assertEquals(
                "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
                refusal.message());
        assertEquals("eu-west-1", field(refusal, "Region"));
    }

    @Test
    void refusesATimeTooFarFromNow() {
        SignedRequest request = getObject(GET_SIGNATURE);
        Duration edge = Duration.ofMinutes(15);
        assertInstanceOf(AuthOutcome.Authenticated.class, verifier.verify(request, MAY_24.plus(edge)));
        assertInstanceOf(AuthOutcome.Authenticated.class, verifier.verify(request, MAY_24.minus(edge)));
        for (Instant now :
                List.of(MAY_24.plus(edge).plusMillis(1), MAY_24.minus(edge).minusMillis(1))) {
            AuthRefusal refusal = refusal(verifier.verify(request, now));
            assertEquals(AuthFailure.REQUEST_TIME_TOO_SKEWED, refusal.failure());
            assertEquals("20130524T000000Z", field(refusal, "RequestTime"));
            assertEquals("900000", field(refusal, "MaxAllowedSkewMilliseconds"));
        }
    }

    @Test
    void refusesAPresignedUrlOutsideItsTime() {
        SignedRequest request = presigned(PRESIGNED);
        assertInstanceOf(AuthOutcome.Authenticated.class, verifier.verify(request, MAY_24.plusSeconds(86400)));
        AuthRefusal late = refusal(verifier.verify(request, MAY_24.plusSeconds(86401)));
        assertEquals(AuthFailure.ACCESS_DENIED, late.failure());
        assertEquals("Request has expired", late.message());
        assertEquals("2013-05-25T00:00:00Z", field(late, "Expires"));
        AuthRefusal early = refusal(verifier.verify(request, MAY_24.minusSeconds(901)));
        assertEquals("Request is not yet valid", early.message());
    }

    @Test
    void refusesAnUnknownKey() {
        AuthRefusal refusal =
                refused(withAuthorization(authorization("host", "0").replace("AKIA", "NOTA")));
        assertEquals(AuthFailure.INVALID_ACCESS_KEY_ID, refusal.failure());
        assertEquals("NOTAIOSFODNN7EXAMPLE", field(refusal, "AWSAccessKeyId"));
    }

    @Test
    void refusesUnsignedHeadersThatMatter() {
        SignedRequest signed = getObject(GET_SIGNATURE);
        List<Header> headers = new ArrayList<>(signed.headers());
        headers.add(new Header("X-Amz-Tagging", "a=b"));
        headers.add(new Header("x-amz-copy-source", "b/k"));
        headers.add(new Header("Content-Type", "text/plain"));
        AuthRefusal refusal = refused(new SignedRequest("GET", "/test.txt", "", headers));
        assertEquals(AuthFailure.ACCESS_DENIED, refusal.failure());
        assertEquals("There were headers present in the request which were not signed", refusal.message());
        assertEquals("x-amz-copy-source, x-amz-tagging", field(refusal, "HeadersNotSigned"));

        AuthRefusal noHost = refused(withAuthorization(authorization("x-amz-content-sha256;x-amz-date", "0")));
        assertEquals("host", field(noHost, "HeadersNotSigned"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "invalid_header | InvalidArgument | Authorization header is invalid -- one and only one ' ' (space) required.",
                "AWS2-HMAC-SHA1 Credential=a | InvalidArgument | Unsupported Authorization Type",
                "AWS AKIA:sig | InvalidRequest | The authorization mechanism you have provided is not supported. Please use"
                        + " AWS4-HMAC-SHA256.",
                "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,Signature=5f | AuthorizationHeaderMalformed"
                        + " | The authorization header is malformed; the authorization header requires three components:"
                        + " Credential, SignedHeaders, and Signature.",
                "AWS4-HMAC-SHA256 Credential=a,SignedHeaders-Content-Length,Signature=s | AuthorizationHeaderMalformed"
                        + " | The authorization header is malformed; the authorization component"
                        + " \"SignedHeaders-Content-Length\" is malformed.",
                "AWS4-HMAC-SHA256 missing=a,SignedHeaders=host,Signature=s | AuthorizationHeaderMalformed | The authorization"
                        + " header is malformed; missing Credential.",
                "AWS4-HMAC-SHA256 Credential=a,missing=host,Signature=s | AuthorizationHeaderMalformed | The authorization"
                        + " header is malformed; missing SignedHeaders.",
                "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host,missing=s | AuthorizationHeaderMalformed | The"
                        + " authorization header is malformed; missing Signature.",
                "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=s | AuthorizationHeaderMalformed | The"
                        + " authorization header is malformed; the Credential is mal-formed; expecting"
                        + " \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
                "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/ec2/aws4_request,SignedHeaders=host,Signature=s"
                        + " | AuthorizationHeaderMalformed | The authorization header is malformed; incorrect service"
                        + " \"ec2\". This endpoint belongs to \"s3\".",
                "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws_request,SignedHeaders=host,Signature=s"
                        + " | AuthorizationHeaderMalformed | The authorization header is malformed; incorrect terminal"
                        + " \"aws_request\". This endpoint uses \"aws4_request\".",
                "AWS4-HMAC-SHA256 Credential=a/3223423234/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=s"
                        + " | AuthorizationHeaderMalformed | The authorization header is malformed; incorrect date format"
                        + " \"3223423234\". This date in the credential must be in the format \"yyyyMMdd\".",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130523/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=s"
                        + " | AuthorizationHeaderMalformed | The authorization header is malformed; Invalid credential date"
                        + " \"20130523\". This date is not the same as X-Amz-Date: \"20130524\".",
            })
    void wordsRefusalsOfTheHeaderAsS3Does(String authorization, String code, String message) {
        AuthRefusal refusal = refused(withAuthorization(authorization));
        assertEquals(code, refusal.failure().code());
        assertEquals(message, refusal.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "X-Amz-Expires=86400 | X-Amz-Expires=604801 | X-Amz-Expires must be less than a week (in seconds); that is,"
                        + " the given X-Amz-Expires must be less than 604800 seconds",
                "X-Amz-Expires=86400 | X-Amz-Expires=99999999999999999999 | X-Amz-Expires must be less than a week (in"
                        + " seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
                "X-Amz-Expires=86400 | X-Amz-Expires=-1 | X-Amz-Expires must be non-negative",
                "X-Amz-Expires=86400 | X-Amz-Expires=soon | X-Amz-Expires should be a number",
                "X-Amz-Expires=86400 | x=y | Query-string authentication version 4 requires the X-Amz-Algorithm,"
                        + " X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
                "X-Amz-Algorithm=AWS4 | X-Amz-Algorithm=AWS5 | X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and"
                        + " AWS4-ECDSA-P256-SHA256\"",
                "X-Amz-Date=20130524T000000Z | X-Amz-Date=20130524 | X-Amz-Date must be in the ISO8601 Long Format"
                        + " \"yyyyMMdd'T'HHmmss'Z'\"",
                "X-Amz-Date=20130524 | X-Amz-Date=20130525 | Invalid credential date \"20130524\". This date is not the same"
                        + " as X-Amz-Date: \"20130525\".",
                "us-east-1 | eu-west-1 | Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong;"
                        + " expecting 'us-east-1'",
                "%2Fs3%2F | %2Fiam%2F | Error parsing the X-Amz-Credential parameter; incorrect service \"iam\". This"
                        + " endpoint belongs to \"s3\".",
            })
    void wordsRefusalsOfTheQueryAsS3Does(String from, String to, String message) {
        AuthRefusal refusal = refused(presigned(PRESIGNED.replace(from, to)));
        assertEquals(AuthFailure.AUTHORIZATION_QUERY_PARAMETERS_ERROR, refusal.failure());
        assertEquals(message, refusal.message());
    }

    @Test
    void refusesATamperedPresignedUrl() {
        assertEquals(
                AuthFailure.SIGNATURE_DOES_NOT_MATCH,
                refused(presigned(PRESIGNED + "&versionId=x")).failure());
        assertEquals(
                AuthFailure.SIGNATURE_DOES_NOT_MATCH,
                refused(presigned(PRESIGNED.replace("86400", "86401"))).failure());
    }

    @Test
    void refusesTwoMechanismsAtOnceAndSignatureVersion2() {
        SignedRequest both =
                new SignedRequest("GET", "/", PRESIGNED, List.of(new Header("Authorization", "AWS4-HMAC-SHA256 x")));
        assertEquals(AuthFailure.INVALID_ARGUMENT, refused(both).failure());
        AuthRefusal v2 = refused(presigned("AWSAccessKeyId=AKIA&Signature=abc&Expires=1"));
        assertEquals(AuthFailure.INVALID_REQUEST, v2.failure());
    }

    @Test
    void refusesAMissingOrUnknownPayloadHashAndAMissingDate() {
        SignedRequest noHash =
                request("GET", "/", "", authorization("host", "0"), "Host", "h", "x-amz-date", "20130524T000000Z");
        assertEquals(
                "Missing required header for this request: x-amz-content-sha256",
                refused(noHash).message());
        SignedRequest badHash = request(
                "GET",
                "/",
                "",
                authorization("host", "0"),
                "Host",
                "h",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-content-sha256",
                "invalid_sha256");
        assertEquals(AuthFailure.INVALID_ARGUMENT, refused(badHash).failure());
        SignedRequest noDate =
                request("GET", "/", "", authorization("host", "0"), "Host", "h", "x-amz-date", "03032006");
        assertEquals(AuthFailure.ACCESS_DENIED, refused(noDate).failure());
    }

    @Test
    void asksTemporaryKeysForTheirToken() {
        AccessKey temporary = new AccessKey(KEY.accessKeyId(), KEY.secretKey(), Optional.of("token"));
        SigV4Verifier strict = new SigV4Verifier(id -> Optional.of(temporary), SigV4Options.s3("us-east-1"));
        assertEquals(
                AuthFailure.INVALID_TOKEN,
                refusal(strict.verify(getObject(GET_SIGNATURE), MAY_24)).failure());
    }

    @Test
    void letsAnonymousRequestsThroughAsSuch() {
        AuthOutcome outcome = verifier.verify(new SignedRequest("GET", "/b/k", "versionId=1", List.of()), MAY_24);
        assertEquals(new AuthOutcome.Anonymous(PayloadHash.UNSIGNED), outcome);
        AuthRefusal streaming = refused(new SignedRequest(
                "PUT", "/b/k", "", List.of(new Header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))));
        assertEquals(AuthFailure.INVALID_REQUEST, streaming.failure());
    }

    @Test
    void tellsTheClaimedServiceForRouting() {
        SignedRequest signed = getObject(GET_SIGNATURE);
        assertEquals(
                Optional.of("s3"),
                SigV4Verifier.claimedService(signed.header("Authorization").orElseThrow(), ""));
        assertEquals(
                Optional.of("s3"),
                SigV4Verifier.claimedService("", presigned(PRESIGNED).rawQuery()));
        assertEquals(Optional.empty(), SigV4Verifier.claimedService("", ""));
        assertEquals(Optional.empty(), SigV4Verifier.claimedService("AWS4-HMAC-SHA256 Credential=a/b", ""));
    }

    /** From AWS's signature test suite, "get-vanilla", "get-unreserved" and "get-utf8": host and date signed, service "service". */
    @ParameterizedTest
    @CsvSource({
        "/, 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz,"
                + " 07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        "/\u00e1\u0088\u00b4, 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    })
    void verifiesOtherServicesWithTheBodysHash(String path, String signature) {
        AccessKey suite = new AccessKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        SigV4Verifier service = new SigV4Verifier(
                id -> Optional.of(suite), new SigV4Options("service", "us-east-1", Duration.ofMinutes(15)));
        SignedRequest request = request(
                "GET",
                path,
                "",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                        + " SignedHeaders=host;x-amz-date, Signature=" + signature,
                "Host",
                "example.amazonaws.com",
                "X-Amz-Date",
                "20150830T123600Z");
        AuthOutcome outcome = service.verify(request, Optional.of(EMPTY), Instant.parse("2015-08-30T12:36:00Z"));
        assertInstanceOf(AuthOutcome.Authenticated.class, outcome, outcome.toString());
    }

    // Ways to say it

    private AuthOutcome.Authenticated accepted(SignedRequest request) {
        AuthOutcome outcome = verifier.verify(request, MAY_24);
        return assertInstanceOf(AuthOutcome.Authenticated.class, outcome, outcome.toString());
    }

    private AuthRefusal refused(SignedRequest request) {
        return refusal(verifier.verify(request, MAY_24));
    }

    static AuthRefusal refusal(AuthOutcome outcome) {
        return assertInstanceOf(AuthOutcome.Refused.class, outcome).refusal();
    }

    private static String field(AuthRefusal refusal, String name) {
        return refusal.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static SignedRequest getObject(String signature) {
        return request(
                "GET",
                "/test.txt",
                "",
                authorization("host;range;x-amz-content-sha256;x-amz-date", signature),
                "Host",
                "examplebucket.s3.amazonaws.com",
                "Range",
                "bytes=0-9",
                "x-amz-content-sha256",
                EMPTY,
                "x-amz-date",
                "20130524T000000Z");
    }

    private static SignedRequest presigned(String query) {
        return new SignedRequest(
                "GET", "/test.txt", query, List.of(new Header("Host", "examplebucket.s3.amazonaws.com")));
    }

    private static SignedRequest withAuthorization(String authorization) {
        return request(
                "GET",
                "/",
                "",
                authorization,
                "Host",
                "h",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-content-sha256",
                EMPTY);
    }

    static String authorization(String signedHeaders, String signature) {
        return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
                + signedHeaders + ",Signature=" + signature;
    }

    static SignedRequest request(
            String method, String path, String query, String authorization, String... namesAndValues) {
        List<Header> headers = new ArrayList<>();
        for (List<String> pair : Arrays.asList(namesAndValues).stream()
                .gather(java.util.stream.Gatherers.windowFixed(2))
                .toList()) {
            headers.add(new Header(pair.getFirst(), pair.getLast()));
        }
        headers.add(new Header("authorization", authorization));
        return new SignedRequest(method, path, query, headers);
    }
}
