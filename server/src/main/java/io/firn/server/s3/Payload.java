package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ObjectSource;
import io.firn.server.auth.AuthOutcome;
import io.firn.server.auth.AuthRefusal;
import io.firn.server.auth.AwsChunkedDecoder;
import io.firn.server.auth.PayloadHash;
import io.firn.server.auth.Sha256;
import io.firn.server.auth.SignatureSeed;
import io.firn.server.auth.SignedRequest;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.RequestBody;
import io.firn.server.http.RequestBodyException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as its sender meant it: without the framing of {@code aws-chunked}, checked against what was signed.
 *
 * <p>Bytes are handed out before the checks at the end of the body or chunk can be made; {@link #read} returns -1 only when all of
 * them held, and throws otherwise. Nothing may be made visible before.
 *
 * <p><b>Memory.</b> One buffer of {@value #INPUT_BYTES} bytes for framed bodies, none for others. <b>Threads.</b> One at a time.
 */
final class Payload implements ObjectSource {
    private static final int INPUT_BYTES = 64 << 10;

    private final RequestBody body;
    private final OptionalLong lengthBytes;
    private final Optional<String> sha256Hex;
    private final @Nullable MessageDigest sha256;
    private final @Nullable AwsChunkedDecoder decoder;
    private ByteBuffer input = ByteBuffer.allocate(0);
    private ByteBuffer decoded = ByteBuffer.allocate(0);
    private Optional<Checksum> trailingChecksum = Optional.empty();
    private boolean isEnded;

    private Payload(
            RequestBody body,
            OptionalLong lengthBytes,
            Optional<String> sha256Hex,
            @Nullable AwsChunkedDecoder decoder) {
        this.body = body;
        this.lengthBytes = lengthBytes;
        this.sha256Hex = sha256Hex;
        this.sha256 = sha256Hex.isPresent() ? Sha256.digest() : null;
        this.decoder = decoder;
    }

    /** The payload of a request that was found authentic, or that nobody signed; nothing is read yet. */
    static Payload open(HttpExchange exchange, SignedRequest signed, AuthOutcome outcome) {
        return switch (outcome) {
            case AuthOutcome.Authenticated authenticated ->
                open(exchange, signed, authenticated.payload(), Optional.of(authenticated.seed()));
            case AuthOutcome.Anonymous anonymous -> open(exchange, signed, anonymous.payload(), Optional.empty());
            case AuthOutcome.Refused refused -> throw AuthErrors.toError(refused.refusal());
        };
    }

    private static Payload open(
            HttpExchange exchange, SignedRequest signed, PayloadHash hash, Optional<SignatureSeed> seed) {
        Optional<String> sha256Hex =
                hash.kind() == PayloadHash.Kind.SHA256 ? Optional.of(hash.wireValue()) : Optional.empty();
        if (!isFramed(exchange, hash)) {
            return new Payload(exchange.body(), exchange.contentLength(), sha256Hex, null);
        }
        if (hash.hasSignedChunks() && seed.isEmpty()) {
            throw new S3Exception(S3ErrorCode.ACCESS_DENIED);
        }
        return switch (AwsChunkedDecoder.open(signed, hash, seed)) {
            case AwsChunkedDecoder.Ready ready ->
                new Payload(
                        exchange.body(), OptionalLong.of(ready.decoder().decodedLength()), sha256Hex, ready.decoder());
            case AwsChunkedDecoder.Refused refused -> throw AuthErrors.toError(refused.refusal());
        };
    }

    /** Some clients frame the body and say so only in Content-Encoding; without a decoded length that header is a mere label. */
    private static boolean isFramed(HttpExchange exchange, PayloadHash hash) {
        return hash.isStreaming()
                || (exchange.headers().contains("x-amz-decoded-content-length")
                        && exchange.header("Content-Encoding")
                                .filter(value -> value.toLowerCase(Locale.ROOT).contains("aws-chunked"))
                                .isPresent());
    }

    /**
     * The length the body must have. A body of unknown length is taken only when its hash was signed, so that its end is known to be
     * its end.
     *
     * @throws S3Exception MissingContentLength
     */
    OptionalLong requiredLength(boolean declaresLength) {
        boolean isKnown = decoder != null || (declaresLength && lengthBytes.isPresent());
        boolean isChunked = lengthBytes.isEmpty();
        if (!isKnown && !(isChunked && sha256Hex.isPresent())) {
            throw new S3Exception(S3ErrorCode.MISSING_CONTENT_LENGTH);
        }
        return lengthBytes;
    }

    /** The length of the decoded body, where it is known ahead. */
    OptionalLong lengthBytes() {
        return lengthBytes;
    }

    @Override
    public int read(ByteBuffer target) {
        if (isEnded) {
            return -1;
        }
        return decoder == null ? readRaw(target) : readDecoded(decoder, target);
    }

    @Override
    public Optional<Checksum> trailingChecksum() {
        return trailingChecksum;
    }

    private int readDecoded(AwsChunkedDecoder framing, ByteBuffer target) {
        while (!decoded.hasRemaining()) {
            switch (framing.decode(input)) {
                case AwsChunkedDecoder.Payload payload -> decoded = payload.bytes();
                case AwsChunkedDecoder.NeedInput need -> {
                    if (!refill()) {
                        return end(framing);
                    }
                }
                case AwsChunkedDecoder.Complete complete -> {
                    // Anything after the end is refused by the decoder when it is fed.
                    if (!refill()) {
                        return end(framing);
                    }
                }
                case AwsChunkedDecoder.Refused refused -> throw AuthErrors.toError(refused.refusal());
            }
        }
        int count = Math.min(decoded.remaining(), target.remaining());
        target.put(target.position(), decoded, decoded.position(), count);
        target.position(target.position() + count);
        decoded.position(decoded.position() + count);
        return count;
    }

    private int end(AwsChunkedDecoder framing) {
        trailingChecksum = switch (framing.end()) {
            case AwsChunkedDecoder.Complete complete -> complete.trailingChecksum();
            case AwsChunkedDecoder.Refused refused -> throw AuthErrors.toError(refused.refusal());
            case AwsChunkedDecoder.NeedInput need -> throw new S3Exception(S3ErrorCode.INCOMPLETE_BODY);
            case AwsChunkedDecoder.Payload payload -> throw new S3Exception(S3ErrorCode.INCOMPLETE_BODY);
        };
        isEnded = true;
        return -1;
    }

    /** Reads more of the framed body; false at its end. */
    private boolean refill() {
        if (input.capacity() == 0) {
            input = ByteBuffer.allocate(INPUT_BYTES);
        }
        input.clear();
        int count = readRaw(input);
        input.flip();
        return count >= 0;
    }

    private int readRaw(ByteBuffer target) {
        int start = target.position();
        int count;
        try {
            count = body.read(target);
        } catch (RequestBodyException broken) {
            throw toError(broken);
        }
        if (sha256 != null) {
            if (count > 0) {
                sha256.update(target.duplicate().flip().position(start));
            } else if (count < 0) {
                checkSha256(sha256.digest());
            }
        }
        if (count < 0 && decoder == null) {
            isEnded = true;
        }
        return count;
    }

    private void checkSha256(byte[] digest) {
        String announced = sha256Hex.orElseThrow();
        String computed = HexFormat.of().formatHex(digest);
        if (!computed.equalsIgnoreCase(announced)) {
            throw AuthErrors.toError(AuthRefusal.contentSha256Mismatch(announced, computed));
        }
    }

    static S3Exception toError(RequestBodyException broken) {
        return switch (broken.reason()) {
            case TRUNCATED -> new S3Exception(S3ErrorCode.INCOMPLETE_BODY);
            case STALLED -> new S3Exception(S3ErrorCode.REQUEST_TIMEOUT);
            case MALFORMED -> new S3Exception(S3ErrorCode.INVALID_REQUEST, "The chunked transfer coding is malformed.");
        };
    }
}
