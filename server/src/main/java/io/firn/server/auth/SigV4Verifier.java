package io.firn.server.auth;

import static io.firn.server.auth.AuthFailure.ACCESS_DENIED;
import static io.firn.server.auth.AuthFailure.AUTHORIZATION_HEADER_MALFORMED;
import static io.firn.server.auth.AuthFailure.AUTHORIZATION_QUERY_PARAMETERS_ERROR;
import static io.firn.server.auth.AuthFailure.INVALID_ACCESS_KEY_ID;
import static io.firn.server.auth.AuthFailure.INVALID_ARGUMENT;
import static io.firn.server.auth.AuthFailure.INVALID_REQUEST;
import static io.firn.server.auth.AuthFailure.INVALID_TOKEN;
import static io.firn.server.auth.AuthFailure.REQUEST_TIME_TOO_SKEWED;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.server.auth.UriEncoding.Parameter;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Decides who signed a request with AWS Signature Version 4, in the Authorization header or in a presigned query.
 *
 * <p>A pure function of the request, the known keys and the time it is given. It costs one SHA-256 of the canonical request and
 * one HMAC once the day's signing key was derived. The body is not looked at: {@link AuthOutcome.Authenticated#payload} says
 * what to check while reading it.
 *
 * <p>Every header {@code x-amz-*} and {@code host} must be among the signed headers; signatures are compared in constant time.
 *
 * <p><b>Threads.</b> Safe.
 *
 * <p>Sources: S3 API Reference, "Authenticating Requests (AWS Signature Version 4)", read 2026-11; wordings of refusals as
 * observed from S3 and published in the test suites of versitygw and LocalStack.
 */
public final class SigV4Verifier {

    private static final String SIGV2_REFUSAL =
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    private static final String HEADER_MALFORMED = "The authorization header is malformed; ";
    private static final String QUERY_CREDENTIAL = "Error parsing the X-Amz-Credential parameter; ";
    private static final long MAX_EXPIRES_SECONDS = 604_800;
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);

    private final AccessKeys accessKeys;
    private final SigV4Options options;
    private final SigningKeys signingKeys = new SigningKeys();

    public SigV4Verifier(AccessKeys accessKeys, SigV4Options options) {
        this.accessKeys = accessKeys;
        this.options = options;
    }

    /** Verifies an S3 request at the time {@code now}. */
    public AuthOutcome verify(SignedRequest request, Instant now) {
        return verify(request, Optional.empty(), now);
    }

    /**
     * Verifies a request of a service whose clients sign the hash of the body without sending it ({@code ec2}, {@code ebs}):
     * {@code bodySha256Hex} stands in where the header {@code x-amz-content-sha256} is missing.
     */
    public AuthOutcome verify(SignedRequest request, Optional<String> bodySha256Hex, Instant now) {
        try {
            return decide(request, bodySha256Hex, now);
        } catch (Refusal refusal) {
            return new AuthOutcome.Refused(refusal.refusal);
        }
    }

    /** The service that a request claims to be signed for, before anything of it is verified: enough to route it. */
    public static Optional<String> claimedService(String authorization, String rawQuery) {
        Optional<String> credential = authorization.startsWith(CanonicalRequest.ALGORITHM)
                ? credentialOf(authorization)
                : UriEncoding.find(UriEncoding.parameters(rawQuery), "X-Amz-Credential");
        return credential
                .map(text -> text.split("/", -1))
                .filter(parts -> parts.length == 5)
                .map(parts -> parts[3]);
    }

    private static Optional<String> credentialOf(String authorization) {
        int start = authorization.indexOf("Credential=");
        if (start < 0) {
            return Optional.empty();
        }
        int comma = authorization.indexOf(',', start);
        return Optional.of(authorization
                .substring(start + "Credential=".length(), comma < 0 ? authorization.length() : comma)
                .strip());
    }

    private AuthOutcome decide(SignedRequest request, Optional<String> bodySha256Hex, Instant now) throws Refusal {
        List<Parameter> parameters = UriEncoding.parameters(request.rawQuery());
        Optional<String> authorization = request.header("authorization");
        boolean presigned = isPresigned(parameters);
        boolean presignedV2 = UriEncoding.find(parameters, "AWSAccessKeyId").isPresent()
                && UriEncoding.find(parameters, "Signature").isPresent();
        if (authorization.isPresent() && (presigned || presignedV2)) {
            throw new Refusal(
                    INVALID_ARGUMENT,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string"
                            + " parameter or the Authorization header should be specified",
                    new AuthRefusal.Field("ArgumentName", "Authorization"),
                    new AuthRefusal.Field("ArgumentValue", authorization.get()));
        }
        if (presignedV2) {
            throw new Refusal(INVALID_REQUEST, SIGV2_REFUSAL);
        }
        if (authorization.isPresent()) {
            return verifyHeader(request, parameters, authorization.get(), bodySha256Hex, now);
        }
        if (presigned) {
            return verifyQuery(request, parameters, bodySha256Hex, now);
        }
        return anonymous(request);
    }

    private static boolean isPresigned(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            switch (parameter.encodedName()) {
                case "X-Amz-Algorithm",
                        "X-Amz-Credential",
                        "X-Amz-Signature",
                        "X-Amz-SignedHeaders",
                        "X-Amz-Expires" -> {
                    return true;
                }
                default -> {}
            }
        }
        return false;
    }

    private static AuthOutcome anonymous(SignedRequest request) throws Refusal {
        Optional<String> hash = request.header("x-amz-content-sha256");
        PayloadHash payload = hash.isPresent() ? parsePayloadHash(hash.get()) : PayloadHash.UNSIGNED;
        if (payload.hasSignedChunks()) {
            throw new Refusal(
                    INVALID_REQUEST,
                    "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or"
                            + " STREAMING-UNSIGNED-PAYLOAD-TRAILER.");
        }
        return new AuthOutcome.Anonymous(payload);
    }

    // The Authorization header

    private AuthOutcome verifyHeader(
            SignedRequest request,
            List<Parameter> parameters,
            String authorization,
            Optional<String> bodySha256Hex,
            Instant now)
            throws Refusal {
        Authorization parsed = parseAuthorization(authorization);
        CredentialScope scope = parseCredential(parsed.credential, AUTHORIZATION_HEADER_MALFORMED, HEADER_MALFORMED);
        Instant time = requestTime(request);
        String timestamp = TIMESTAMP.format(time.atOffset(ZoneOffset.UTC));
        if (!timestamp.startsWith(scope.date())) {
            throw new Refusal(
                    AUTHORIZATION_HEADER_MALFORMED,
                    HEADER_MALFORMED + "Invalid credential date \"" + scope.date()
                            + "\". This date is not the same as X-Amz-Date: \"" + timestamp.substring(0, 8) + "\".");
        }
        AccessKey accessKey = findKey(scope, request.header("x-amz-security-token"));
        if (Duration.between(time, now).abs().compareTo(options.maxSkew()) > 0) {
            throw new Refusal(
                    REQUEST_TIME_TOO_SKEWED,
                    "The difference between the request time and the current time is too large.",
                    new AuthRefusal.Field("RequestTime", timestamp),
                    new AuthRefusal.Field("ServerTime", seconds(now)),
                    new AuthRefusal.Field(
                            "MaxAllowedSkewMilliseconds",
                            Long.toString(options.maxSkew().toMillis())));
        }
        PayloadHash payload = headerPayload(request, bodySha256Hex);
        List<String> signedHeaders = signedHeaders(request, parsed.signedHeaders);
        String canonicalQuery = UriEncoding.canonicalQuery(parameters, "");
        return verifySignature(
                request, accessKey, scope, timestamp, canonicalQuery, signedHeaders, parsed.signature, payload, false);
    }

    private record Authorization(String credential, String signedHeaders, String signature) {}

    private static Authorization parseAuthorization(String authorization) throws Refusal {
        String value = authorization.strip();
        int space = value.indexOf(' ');
        if (space < 0) {
            throw invalidAuthorization(
                    "Authorization header is invalid -- one and only one ' ' (space) required.", authorization);
        }
        String algorithm = value.substring(0, space);
        if (algorithm.equals("AWS") || algorithm.equals("AWS4-ECDSA-P256-SHA256")) {
            throw new Refusal(INVALID_REQUEST, SIGV2_REFUSAL);
        }
        if (!algorithm.equals(CanonicalRequest.ALGORITHM)) {
            throw invalidAuthorization("Unsupported Authorization Type", authorization);
        }
        String[] components = value.substring(space + 1).split(",", -1);
        if (components.length != 3) {
            throw malformedHeader(
                    "the authorization header requires three components: Credential, SignedHeaders, and Signature.");
        }
        String[] names = {"Credential", "SignedHeaders", "Signature"};
        String[] values = {"", "", ""};
        for (String component : components) {
            String text = component.strip();
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw malformedHeader("the authorization component \"" + text + "\" is malformed.");
            }
            int which = Arrays.asList(names).indexOf(text.substring(0, equals));
            if (which >= 0) {
                values[which] = text.substring(equals + 1);
            }
        }
        for (int i = 0; i < names.length; i++) {
            if (values[i].isEmpty()) {
                throw malformedHeader("missing " + names[i] + ".");
            }
        }
        return new Authorization(values[0], values[1], values[2]);
    }

    private static Refusal invalidAuthorization(String message, String value) {
        return new Refusal(
                INVALID_ARGUMENT,
                message,
                new AuthRefusal.Field("ArgumentName", "Authorization"),
                new AuthRefusal.Field("ArgumentValue", value));
    }

    private static Refusal malformedHeader(String what) {
        return new Refusal(AUTHORIZATION_HEADER_MALFORMED, HEADER_MALFORMED + what);
    }

    private static Instant requestTime(SignedRequest request) throws Refusal {
        Optional<String> text = request.header("x-amz-date").or(() -> request.header("date"));
        return text.flatMap(SigV4Verifier::parseTimestamp)
                .or(() -> text.flatMap(SigV4Verifier::parseHttpDate))
                .orElseThrow(() ->
                        new Refusal(ACCESS_DENIED, "AWS authentication requires a valid Date or x-amz-date header."));
    }

    private PayloadHash headerPayload(SignedRequest request, Optional<String> bodySha256Hex) throws Refusal {
        Optional<String> sent = request.header("x-amz-content-sha256").or(() -> bodySha256Hex);
        if (sent.isEmpty()) {
            throw new Refusal(INVALID_REQUEST, "Missing required header for this request: x-amz-content-sha256");
        }
        return parsePayloadHash(sent.get());
    }

    // The presigned query

    private AuthOutcome verifyQuery(
            SignedRequest request, List<Parameter> parameters, Optional<String> bodySha256Hex, Instant now)
            throws Refusal {
        String algorithm = required(parameters, "X-Amz-Algorithm");
        if (!algorithm.equals(CanonicalRequest.ALGORITHM)) {
            throw queryError("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
        }
        CredentialScope scope = parseCredential(
                required(parameters, "X-Amz-Credential"), AUTHORIZATION_QUERY_PARAMETERS_ERROR, QUERY_CREDENTIAL);
        String signature = required(parameters, "X-Amz-Signature");
        String signedHeadersText = required(parameters, "X-Amz-SignedHeaders");
        String timestamp = required(parameters, "X-Amz-Date");
        Optional<Instant> time = parseTimestamp(timestamp);
        if (time.isEmpty()) {
            throw queryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }
        if (!timestamp.startsWith(scope.date())) {
            throw queryError("Invalid credential date \"" + scope.date()
                    + "\". This date is not the same as X-Amz-Date: \"" + timestamp.substring(0, 8) + "\".");
        }
        checkExpiry(required(parameters, "X-Amz-Expires"), time.get(), now);
        AccessKey accessKey = findKey(
                scope,
                UriEncoding.find(parameters, "X-Amz-Security-Token").or(() -> request.header("x-amz-security-token")));
        List<String> signedHeaders = signedHeaders(request, signedHeadersText);
        Optional<String> announced = UriEncoding.find(parameters, "X-Amz-Content-Sha256")
                .or(() -> request.header("x-amz-content-sha256"))
                .or(() -> bodySha256Hex);
        PayloadHash payload = announced.isPresent() ? parsePayloadHash(announced.get()) : PayloadHash.UNSIGNED;
        String canonicalQuery = UriEncoding.canonicalQuery(parameters, "X-Amz-Signature");
        return verifySignature(
                request, accessKey, scope, timestamp, canonicalQuery, signedHeaders, signature, payload, true);
    }

    private static String required(List<Parameter> parameters, String name) throws Refusal {
        Optional<String> value = UriEncoding.find(parameters, name);
        if (value.isEmpty() || value.get().isEmpty()) {
            throw queryError("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                    + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
        return value.get();
    }

    private void checkExpiry(String expires, Instant time, Instant now) throws Refusal {
        boolean negative = expires.startsWith("-");
        String digits = negative ? expires.substring(1) : expires;
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw queryError("X-Amz-Expires should be a number");
        }
        if (negative) {
            throw queryError("X-Amz-Expires must be non-negative");
        }
        // Six digits hold a week; longer ones would overflow before they could be compared.
        long seconds = digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits);
        if (seconds > MAX_EXPIRES_SECONDS) {
            throw queryError(
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be"
                            + " less than 604800 seconds");
        }
        if (Duration.between(now, time).compareTo(options.maxSkew()) > 0) {
            throw new Refusal(ACCESS_DENIED, "Request is not yet valid");
        }
        Instant expiry = time.plusSeconds(seconds);
        if (now.isAfter(expiry)) {
            throw new Refusal(
                    ACCESS_DENIED,
                    "Request has expired",
                    new AuthRefusal.Field("X-Amz-Expires", Long.toString(seconds)),
                    new AuthRefusal.Field("Expires", seconds(expiry)),
                    new AuthRefusal.Field("ServerTime", seconds(now)));
        }
    }

    private static Refusal queryError(String message) {
        return new Refusal(AUTHORIZATION_QUERY_PARAMETERS_ERROR, message);
    }

    // Both

    private CredentialScope parseCredential(String credential, AuthFailure failure, String prefix) throws Refusal {
        String[] parts = credential.split("/", -1);
        if (parts.length != 5 || parts[0].isEmpty()) {
            throw new Refusal(
                    failure,
                    prefix
                            + "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        }
        CredentialScope scope = new CredentialScope(parts[0], parts[1], parts[2], parts[3]);
        if (!isDate(scope.date())) {
            throw new Refusal(
                    failure,
                    prefix + "incorrect date format \"" + scope.date()
                            + "\". This date in the credential must be in the format \"yyyyMMdd\".");
        }
        if (!scope.service().equals(options.service())) {
            throw new Refusal(
                    failure,
                    prefix + "incorrect service \"" + scope.service() + "\". This endpoint belongs to \""
                            + options.service() + "\".");
        }
        if (!parts[4].equals(CredentialScope.TERMINAL)) {
            throw new Refusal(
                    failure, prefix + "incorrect terminal \"" + parts[4] + "\". This endpoint uses \"aws4_request\".");
        }
        if (!scope.region().equals(options.region())) {
            throw new Refusal(
                    failure,
                    prefix + "the region '" + scope.region() + "' is wrong; expecting '" + options.region() + "'",
                    new AuthRefusal.Field("Region", options.region()));
        }
        return scope;
    }

    private AccessKey findKey(CredentialScope scope, Optional<String> token) throws Refusal {
        AccessKey key = accessKeys
                .find(scope.accessKeyId())
                .orElseThrow(() -> new Refusal(
                        INVALID_ACCESS_KEY_ID,
                        "The AWS Access Key Id you provided does not exist in our records.",
                        new AuthRefusal.Field("AWSAccessKeyId", scope.accessKeyId())));
        if (!sameText(key.sessionToken().orElse(""), token.orElse(""))) {
            throw new Refusal(INVALID_TOKEN, "The provided token is malformed or otherwise invalid.");
        }
        return key;
    }

    /** The signed headers in lower case, after making sure that nothing that must be signed is missing among them. */
    private static List<String> signedHeaders(SignedRequest request, String text) throws Refusal {
        List<String> signed = Arrays.asList(text.toLowerCase(Locale.ROOT).split(";", -1));
        TreeSet<String> unsigned = new TreeSet<>();
        for (SignedRequest.Header header : request.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if ((name.startsWith("x-amz-") || name.equals("host")) && !signed.contains(name)) {
                unsigned.add(name);
            }
        }
        if (!unsigned.isEmpty()) {
            throw new Refusal(
                    ACCESS_DENIED,
                    "There were headers present in the request which were not signed",
                    new AuthRefusal.Field("HeadersNotSigned", String.join(", ", unsigned)));
        }
        return new ArrayList<>(signed);
    }

    private AuthOutcome verifySignature(
            SignedRequest request,
            AccessKey accessKey,
            CredentialScope scope,
            String timestamp,
            String canonicalQuery,
            List<String> signedHeaders,
            String signature,
            PayloadHash payload,
            boolean presigned)
            throws Refusal {
        String canonicalPath = UriEncoding.canonicalPath(request.rawPath(), !options.isS3());
        String canonical =
                CanonicalRequest.of(request, canonicalPath, canonicalQuery, signedHeaders, payload.wireValue());
        String stringToSign = CanonicalRequest.stringToSign(timestamp, scope, canonical);
        SigningKey key = signingKeys.of(accessKey, scope);
        if (!sameText(key.sign(stringToSign), signature)) {
            // A slash of a key may be sent as %2F and signed as itself: the AWS SDK for Java does so with "//", which
            // its HTTP
            // client would make one. Both spellings name the same key.
            String slashes = canonicalPath.replace("%2F", "/");
            String respelled =
                    CanonicalRequest.of(request, slashes, canonicalQuery, signedHeaders, payload.wireValue());
            boolean isRespelled = options.isS3()
                    && !slashes.equals(canonicalPath)
                    && sameText(key.sign(CanonicalRequest.stringToSign(timestamp, scope, respelled)), signature);
            if (!isRespelled) {
                throw new Refusal(
                        AuthRefusal.signatureDoesNotMatch(scope.accessKeyId(), stringToSign, signature, canonical));
            }
            canonical = respelled;
        }
        SignatureSeed seed = new SignatureSeed(key, scope, timestamp, signature, canonical);
        return new AuthOutcome.Authenticated(scope, payload, presigned, seed);
    }

    private static PayloadHash parsePayloadHash(String value) throws Refusal {
        return PayloadHash.parse(value)
                .orElseThrow(() -> new Refusal(
                        INVALID_ARGUMENT,
                        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
                                + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
                                + " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD,"
                                + " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                        new AuthRefusal.Field("ArgumentName", "x-amz-content-sha256"),
                        new AuthRefusal.Field("ArgumentValue", value)));
    }

    /** In a time that does not depend on where the texts differ. */
    static boolean sameText(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(UTF_8), given.getBytes(UTF_8));
    }

    private static boolean isDate(String text) {
        try {
            return text.length() == 8 && LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE) != null;
        } catch (DateTimeException notADate) {
            return false;
        }
    }

    private static Optional<Instant> parseTimestamp(String text) {
        try {
            return Optional.of(LocalDateTime.parse(text, TIMESTAMP).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException notATimestamp) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> parseHttpDate(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException notADate) {
            return Optional.empty();
        }
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Carries a refusal out of the steps above to {@link #verify}; never leaves this class. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient AuthRefusal refusal;

        Refusal(AuthRefusal refusal) {
            super(refusal.message(), null, false, false);
            this.refusal = refusal;
        }

        Refusal(AuthFailure failure, String message, AuthRefusal.Field... fields) {
            this(AuthRefusal.of(failure, message, fields));
        }
    }
}
