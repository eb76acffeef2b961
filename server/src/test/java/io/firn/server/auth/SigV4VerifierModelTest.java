package io.firn.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.firn.server.auth.SignedRequest.Header;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random keys, queries and headers, signed by {@link ReferenceSigner} from their decoded form and sent in a random spelling:
 * always accepted; with any one thing changed, never.
 *
 * <p>Replay: {@code mvn test -pl server -am -Dtest=SigV4VerifierModelTest -Dfirn.seed=SEED}.
 */
class SigV4VerifierModelTest {

    private static final int RUNS = 1000;
    private static final String[] ALPHABET = {
        "a", "Z", "0", "-", ".", "_", "~", "/", " ", "+", "%", "=", "&", "?", "#", ";", ":", "@", "!", "*", "'", "(",
        ")", "\"", "<", "[", "\\", "^", "`", "{", "|", "é", "ß", "漢", "😀", "\u0001", "\t", "\n", "\u007f", "..", "//",
        "%2F", "%zz"
    };

    private final SigV4Verifier verifier = new SigV4Verifier(SigV4VerifierTest.KEYS, SigV4Options.s3("us-east-1"));

    @Test
    void acceptsEverySpellingOfWhatWasSignedAndNothingElse() {
        long only = Long.getLong("firn.seed", -1);
        for (long seed = only < 0 ? 0 : only; seed < (only < 0 ? RUNS : only + 1); seed++) {
            run(seed);
        }
    }

    private void run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> segments = new ArrayList<>(List.of("bucket"));
        for (int i = random.nextInt(4); i > 0; i--) {
            segments.add(text(random, 6).replace("/", ""));
        }
        List<Map.Entry<String, String>> parameters = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            parameters.add(Map.entry("p" + text(random, 2), text(random, 4)));
        }
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Host", "firn.example:9000"));
        for (int i = random.nextInt(4); i > 0; i--) {
            String value = new String(text(random, 5).getBytes(UTF_8), ISO_8859_1).replaceAll("[\\x00-\\x1f\\x7f]", "");
            // Never empty: an empty header and none at all sign alike, so taking one away is no tampering.
            headers.add(new Header("X-Amz-Meta-" + "AbC".charAt(random.nextInt(3)), " v" + value + "  "));
        }
        ReferenceSigner.Intent intent = new ReferenceSigner.Intent(
                "PUT", segments, parameters, headers, "UNSIGNED-PAYLOAD", "20130524T000000Z", "us-east-1");
        String rawPath =
                "/" + segments.stream().map(s -> spell(random, s, false)).collect(Collectors.joining("/"));
        String rawQuery = parameters.stream()
                .map(p -> spell(random, p.getKey(), true)
                        + (p.getValue().isEmpty() && random.nextBoolean()
                                ? ""
                                : "=" + spell(random, p.getValue(), true)))
                .collect(Collectors.joining("&"));
        SignedRequest request = ReferenceSigner.signInHeader(intent, rawPath, rawQuery);
        AuthOutcome outcome = verifier.verify(request, SigV4VerifierTest.MAY_24);
        assertInstanceOf(AuthOutcome.Authenticated.class, outcome, () -> "seed " + seed + ": " + request);
        assertEquals(
                ReferenceSigner.signature(intent, withOwn(intent)),
                ((AuthOutcome.Authenticated) outcome).seed().signature(),
                "seed " + seed);

        SignedRequest tampered = tamper(random, request);
        AuthOutcome refused = verifier.verify(tampered, SigV4VerifierTest.MAY_24);
        assertFalse(
                refused instanceof AuthOutcome.Authenticated,
                () -> "seed " + seed + ": " + request + " as " + tampered);
    }

    private static List<Header> withOwn(ReferenceSigner.Intent intent) {
        List<Header> headers = new ArrayList<>(intent.headers());
        headers.add(new Header("x-amz-date", intent.timestamp()));
        headers.add(new Header("x-amz-content-sha256", intent.payloadHash()));
        return headers;
    }

    private static String text(SplittableRandom random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }

    /** Any byte may come as %XX, in either case; a space in a query also as +; unreserved and harmless bytes as themselves. */
    private static String spell(SplittableRandom random, String text, boolean query) {
        StringBuilder spelled = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            String hex = HexFormat.of().toHexDigits(b);
            String safe = query ? "-._~!*'():@/?" : "-._~!*'():@+&=;";
            boolean literal = Character.isLetterOrDigit(b) || safe.indexOf(b) >= 0;
            if (b == ' ' && query && random.nextBoolean()) {
                spelled.append('+');
            } else if (b > 0 && literal && random.nextInt(4) > 0) {
                spelled.append((char) b);
            } else {
                spelled.append('%').append(random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
            }
        }
        return spelled.toString();
    }

    private static SignedRequest tamper(SplittableRandom random, SignedRequest request) {
        List<Header> headers = new ArrayList<>(request.headers());
        switch (random.nextInt(6)) {
            case 0 -> {
                return new SignedRequest("GET", request.rawPath(), request.rawQuery(), headers);
            }
            case 1 -> {
                return new SignedRequest(request.method(), request.rawPath() + "x", request.rawQuery(), headers);
            }
            case 2 -> {
                return new SignedRequest(request.method(), request.rawPath(), request.rawQuery() + "&zz", headers);
            }
            case 3 -> {
                int which = random.nextInt(headers.size() - 1);
                Header header = headers.get(which);
                headers.set(which, new Header(header.name(), header.value() + "x"));
            }
            case 4 -> headers.remove(random.nextInt(headers.size() - 1));
            default -> {
                Header header = headers.getLast();
                StringBuilder value = new StringBuilder(header.value());
                int at = value.length() - 1 - random.nextInt(64);
                value.setCharAt(at, value.charAt(at) == 'a' ? 'b' : 'a');
                headers.set(headers.size() - 1, new Header(header.name(), value.toString()));
            }
        }
        return new SignedRequest(request.method(), request.rawPath(), request.rawQuery(), headers);
    }
}
