package io.firn.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.server.auth.SignedRequest.Header;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs as a client does: from decoded keys, parameters and headers, by the letter of AWS's description and without regard to
 * speed. Shares no code with the verifier.
 */
final class ReferenceSigner {

    static final String ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
    static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private ReferenceSigner() {}

    /** What a client wants to send, in decoded form. */
    record Intent(
            String method,
            List<String> pathSegments,
            List<Map.Entry<String, String>> parameters,
            List<Header> headers,
            String payloadHash,
            String timestamp,
            String region) {

        String scope() {
            return timestamp.substring(0, 8) + "/" + region + "/s3/aws4_request";
        }

        String path() {
            return "/" + pathSegments.stream().map(ReferenceSigner::encode).collect(Collectors.joining("/"));
        }
    }

    static String encode(String text) {
        String encoded = "";
        for (byte b : text.getBytes(UTF_8)) {
            String c = new String(new byte[] {b}, ISO_8859_1);
            encoded += c.matches("[A-Za-z0-9._~-]")
                    ? c
                    : "%" + HexFormat.of().withUpperCase().toHexDigits(b);
        }
        return encoded;
    }

    static String canonicalRequest(Intent intent, List<Header> allHeaders) {
        TreeMap<String, List<String>> query = new TreeMap<>();
        for (Map.Entry<String, String> parameter : intent.parameters()) {
            query.computeIfAbsent(encode(parameter.getKey()), name -> new ArrayList<>())
                    .add(encode(parameter.getValue()));
        }
        List<String> pairs = new ArrayList<>();
        query.forEach((name, values) -> values.stream().sorted().forEach(value -> pairs.add(name + "=" + value)));
        TreeMap<String, List<String>> headers = new TreeMap<>();
        for (Header header : allHeaders) {
            headers.computeIfAbsent(header.name().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(header.value().replaceAll("[ \t]+", " ").strip());
        }
        String headerLines = headers.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + String.join(",", entry.getValue()) + "\n")
                .collect(Collectors.joining());
        return String.join(
                "\n",
                intent.method(),
                intent.path(),
                String.join("&", pairs),
                headerLines,
                String.join(";", headers.keySet()),
                intent.payloadHash());
    }

    static String signature(Intent intent, List<Header> allHeaders) {
        return sign(
                intent,
                "AWS4-HMAC-SHA256\n" + intent.timestamp() + "\n" + intent.scope() + "\n"
                        + sha256(canonicalRequest(intent, allHeaders).getBytes(ISO_8859_1)));
    }

    static String sign(Intent intent, String stringToSign) {
        byte[] key = ("AWS4" + SECRET_KEY).getBytes(UTF_8);
        for (String part : intent.scope().split("/", -1)) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, stringToSign));
    }

    /** The request with all of the intent's headers and SigV4's own, signed in the Authorization header. */
    static SignedRequest signInHeader(Intent intent, String rawPath, String rawQuery) {
        List<Header> headers = new ArrayList<>(intent.headers());
        headers.add(new Header("X-Amz-Date", intent.timestamp()));
        headers.add(new Header("x-amz-content-sha256", intent.payloadHash()));
        String names = headers.stream()
                .map(header -> header.name().toLowerCase(Locale.ROOT))
                .sorted()
                .distinct()
                .collect(Collectors.joining(";"));
        String authorization = "AWS4-HMAC-SHA256 Credential=" + ACCESS_KEY + "/" + intent.scope() + ", SignedHeaders="
                + names + ", Signature=" + signature(intent, headers);
        headers.add(new Header("Authorization", authorization));
        return new SignedRequest(intent.method(), rawPath, rawQuery, headers);
    }

    /** An aws-chunked body with the given chunks, signed if {@code seed} is not empty; ends in {@code trailer} lines. */
    static byte[] chunked(Intent intent, String seed, List<byte[]> chunks, List<String> trailer, boolean signTrailer) {
        ByteBuffer body = ByteBuffer.allocate(
                chunks.stream().mapToInt(chunk -> chunk.length).sum() + 200 * (chunks.size() + 3));
        String previous = seed;
        List<byte[]> all = new ArrayList<>(chunks);
        all.add(new byte[0]);
        for (byte[] chunk : all) {
            String head = Integer.toHexString(chunk.length);
            if (!seed.isEmpty()) {
                previous = sign(
                        intent,
                        String.join(
                                "\n",
                                "AWS4-HMAC-SHA256-PAYLOAD",
                                intent.timestamp(),
                                intent.scope(),
                                previous,
                                sha256(new byte[0]),
                                sha256(chunk)));
                head += ";chunk-signature=" + previous;
            }
            body.put((head + "\r\n").getBytes(ISO_8859_1));
            if (chunk.length > 0) {
                body.put(chunk).put(new byte[] {'\r', '\n'});
            }
        }
        for (String line : trailer) {
            body.put((line + "\r\n").getBytes(ISO_8859_1));
        }
        if (signTrailer) {
            String lines = trailer.stream().map(line -> line + "\n").collect(Collectors.joining());
            String signature = sign(
                    intent,
                    String.join(
                            "\n",
                            "AWS4-HMAC-SHA256-TRAILER",
                            intent.timestamp(),
                            intent.scope(),
                            previous,
                            sha256(lines.getBytes(ISO_8859_1))));
            body.put(("x-amz-trailer-signature:" + signature + "\r\n").getBytes(ISO_8859_1));
        }
        body.put(new byte[] {'\r', '\n'});
        byte[] bytes = new byte[body.flip().remaining()];
        body.get(bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(ISO_8859_1));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
