package io.firn.server.auth;

import static io.firn.server.auth.AuthFailure.INCOMPLETE_BODY;
import static io.firn.server.auth.AuthFailure.INVALID_CHUNK_SIZE;
import static io.firn.server.auth.AuthFailure.INVALID_REQUEST;
import static io.firn.server.auth.AuthFailure.MALFORMED_TRAILER;
import static io.firn.server.auth.AuthFailure.MISSING_CONTENT_LENGTH;
import static io.firn.server.auth.AuthFailure.NOT_IMPLEMENTED;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Takes the payload out of a body framed in {@code aws-chunked}, as it arrives, and checks the chunks' signatures.
 *
 * <pre>
 *   body    = *chunk last-chunk *trailer CRLF
 *   chunk   = 1*HEX [";chunk-signature=" 64HEX] CRLF payload CRLF
 *   last    = "0"   [";chunk-signature=" 64HEX] CRLF
 *   trailer = name ":" value CRLF ["x-amz-trailer-signature:" 64HEX CRLF]
 * </pre>
 *
 * <p>Call {@link #decode} until it asks for more input, feed it the next buffer, and call {@link #end} after the last. Payload is
 * handed out as slices of the input before the signature of its chunk can be checked: <b>nothing of it may be made visible
 * before {@link Complete}</b>. After a refusal every call repeats it.
 *
 * <p><b>Memory.</b> At most one line, {@value #MAX_LINE_BYTES} bytes; payload is never kept. <b>Threads.</b> For one at a time.
 *
 * <p>Sources: S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks"
 * and "... Including Trailing Headers", read 2026-11.
 */
public final class AwsChunkedDecoder {

    /** What became of the input so far. */
    public sealed interface Step {}

    /** The next bytes of the payload: a slice of the input buffer, valid as long as that is. */
    public record Payload(ByteBuffer bytes) implements Step {}

    /** The input is consumed and the body is not at its end. */
    public record NeedInput() implements Step {}

    /**
     * The body ended well: every signature held and the payload has the announced length.
     *
     * @param trailingChecksum what the trailer says the payload's checksum is; comparing it is the caller's part
     */
    public record Complete(Optional<Checksum> trailingChecksum) implements Step {}

    /** The request must be answered with this error and its payload be dropped. */
    public record Refused(AuthRefusal refusal) implements Step, Opening {}

    /** What {@link #open} made of the headers. */
    public sealed interface Opening {}

    /** The body can be decoded. */
    public record Ready(AwsChunkedDecoder decoder) implements Opening {}

    /** Longest line that is read: chunk headers and trailers. */
    static final int MAX_LINE_BYTES = 8192;

    /** S3's smallest chunk, but for the last. */
    static final int MIN_CHUNK_BYTES = 8192;

    private static final int MAX_TRAILER_LINES = 16;
    private static final int MAX_SIZE_DIGITS = 15;
    private static final int SIGNATURE_LENGTH = 64;
    private static final String SIGNATURE_EXTENSION = ";chunk-signature=";
    private static final String TRAILER_SIGNATURE = "x-amz-trailer-signature";
    private static final String EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final Step NEED_INPUT = new NeedInput();

    private enum State {
        CHUNK_HEADER,
        PAYLOAD,
        PAYLOAD_END,
        TRAILER,
        COMPLETE,
        REFUSED
    }

    private final Optional<SignatureSeed> seed;
    private final boolean signedTrailer;
    private final long decodedLength;
    private final Optional<ChecksumAlgorithm> declaredTrailer;
    private final MessageDigest chunkHash = Sha256.digest();

    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int lineBytes;
    private State state = State.CHUNK_HEADER;
    private Step outcome = NEED_INPUT;

    private long chunkNumber;
    private long chunkBytes;
    private long chunkLeft;
    private long payloadBytes;
    private String previousSignature;
    private String chunkSignature = "";

    private int trailerLines;
    private final StringBuilder canonicalTrailer = new StringBuilder();
    private Optional<Checksum> trailingChecksum = Optional.empty();
    private Optional<String> trailerSignature = Optional.empty();

    private AwsChunkedDecoder(
            Optional<SignatureSeed> seed,
            boolean signedTrailer,
            long decodedLength,
            Optional<ChecksumAlgorithm> declaredTrailer) {
        this.seed = seed;
        this.signedTrailer = signedTrailer;
        this.decodedLength = decodedLength;
        this.declaredTrailer = declaredTrailer;
        this.previousSignature = seed.map(SignatureSeed::signature).orElse("");
    }

    /**
     * Prepares to decode the body of {@code request}, whose verification gave {@code payload} and, unless it is anonymous,
     * {@code seed}. Also for requests that say {@code Content-Encoding: aws-chunked} and sign none of it.
     */
    public static Opening open(SignedRequest request, PayloadHash payload, Optional<SignatureSeed> seed) {
        PayloadHash.Kind kind = payload.kind();
        if (kind == PayloadHash.Kind.STREAMING_ECDSA || kind == PayloadHash.Kind.STREAMING_ECDSA_TRAILER) {
            return refused(
                    NOT_IMPLEMENTED, "The chunk encoding algorithm " + payload.wireValue() + " is not supported.");
        }
        if (payload.hasSignedChunks() && seed.isEmpty()) {
            throw new IllegalArgumentException("Signed chunks need the signature of their request");
        }
        Optional<Long> decodedLength =
                request.header("x-amz-decoded-content-length").flatMap(AwsChunkedDecoder::parseLength);
        if (decodedLength.isEmpty()) {
            return refused(MISSING_CONTENT_LENGTH, "You must provide the Content-Length HTTP header.");
        }
        Optional<ChecksumAlgorithm> declared = Optional.empty();
        boolean hasTrailer = kind != PayloadHash.Kind.STREAMING_SIGNED;
        Optional<String> trailer = request.header("x-amz-trailer");
        if (hasTrailer && trailer.isPresent() && !trailer.get().isBlank()) {
            declared = ChecksumAlgorithm.ofHeader(trailer.get().strip());
            if (declared.isEmpty()) {
                return refused(INVALID_REQUEST, "The value specified in the x-amz-trailer header is not supported");
            }
        }
        return new Ready(new AwsChunkedDecoder(
                payload.hasSignedChunks() ? seed : Optional.empty(),
                kind == PayloadHash.Kind.STREAMING_SIGNED_TRAILER,
                decodedLength.get(),
                declared));
    }

    /** The length that the payload will have, from {@code x-amz-decoded-content-length}. */
    public long decodedLength() {
        return decodedLength;
    }

    /** The algorithm that {@code x-amz-trailer} announces a checksum of, if any. */
    public Optional<ChecksumAlgorithm> declaredTrailer() {
        return declaredTrailer;
    }

    /** Consumes input up to the next payload, the end of the body, or its own end, whichever comes first. */
    public Step decode(ByteBuffer input) {
        while (state != State.REFUSED && input.hasRemaining()) {
            switch (state) {
                case CHUNK_HEADER -> {
                    if (readLine(input)) {
                        beginChunk(takeLine());
                    }
                }
                case PAYLOAD -> {
                    return new Payload(takePayload(input));
                }
                case PAYLOAD_END -> {
                    if (readLine(input)) {
                        endChunk(takeLine());
                    }
                }
                case TRAILER -> {
                    if (readLine(input)) {
                        trailer(takeLine());
                    }
                }
                case COMPLETE -> refuse(AuthRefusal.incompleteBody());
                case REFUSED -> throw new IllegalStateException("Left by the loop");
            }
        }
        return outcome;
    }

    /** The body has no more input: {@link Complete} if it was whole, else its refusal. */
    public Step end() {
        if (state != State.COMPLETE && state != State.REFUSED) {
            refuse(AuthRefusal.incompleteBody());
        }
        return outcome;
    }

    // Lines

    /** Collects up to and including LF; false when the input ends first. Refuses a line beyond the bound. */
    private boolean readLine(ByteBuffer input) {
        while (input.hasRemaining()) {
            byte b = input.get();
            if (b == '\n') {
                return true;
            }
            if (lineBytes == MAX_LINE_BYTES) {
                refuse(AuthRefusal.incompleteBody());
                return false;
            }
            line[lineBytes++] = b;
        }
        return false;
    }

    /** The line without its LF, CR kept: whether one is needed depends on the line. */
    private String takeLine() {
        String text = new String(line, 0, lineBytes, ISO_8859_1);
        lineBytes = 0;
        return text;
    }

    // Chunks

    private void beginChunk(String header) {
        String expectedEnd = "\r";
        int sizeEnd = header.length() - expectedEnd.length();
        if (!header.endsWith(expectedEnd)) {
            refuse(AuthRefusal.incompleteBody());
            return;
        }
        if (seed.isPresent()) {
            int signatureStart = sizeEnd - SIGNATURE_LENGTH;
            sizeEnd = signatureStart - SIGNATURE_EXTENSION.length();
            if (sizeEnd < 1 || !header.startsWith(SIGNATURE_EXTENSION, sizeEnd)) {
                refuse(AuthRefusal.incompleteBody());
                return;
            }
            chunkSignature = header.substring(signatureStart, signatureStart + SIGNATURE_LENGTH);
        }
        Optional<Long> size = parseSize(header.substring(0, sizeEnd));
        if (size.isEmpty()) {
            refuse(AuthRefusal.incompleteBody());
            return;
        }
        startChunk(size.get());
    }

    private void startChunk(long size) {
        boolean last = size == 0;
        if (!last && chunkNumber > 0 && chunkBytes < MIN_CHUNK_BYTES) {
            refuse(AuthRefusal.of(
                    INVALID_CHUNK_SIZE,
                    "Only the last chunk is allowed to have a size less than 8192 bytes",
                    new AuthRefusal.Field("Chunk", Long.toString(chunkNumber)),
                    new AuthRefusal.Field("BadChunkSize", Long.toString(chunkBytes))));
            return;
        }
        if (size > decodedLength - payloadBytes || (last && payloadBytes != decodedLength)) {
            refuse(AuthRefusal.of(
                    INCOMPLETE_BODY,
                    "You did not provide the number of bytes specified by the Content-Length HTTP header"));
            return;
        }
        chunkNumber++;
        chunkBytes = size;
        chunkLeft = size;
        payloadBytes += size;
        if (!last) {
            state = State.PAYLOAD;
        } else if (verifyChunk()) {
            state = State.TRAILER;
        }
    }

    private ByteBuffer takePayload(ByteBuffer input) {
        int length = (int) Math.min(chunkLeft, input.remaining());
        ByteBuffer payload = input.slice(input.position(), length);
        input.position(input.position() + length);
        if (seed.isPresent()) {
            chunkHash.update(payload.duplicate());
        }
        chunkLeft -= length;
        if (chunkLeft == 0) {
            state = State.PAYLOAD_END;
        }
        return payload;
    }

    private void endChunk(String rest) {
        if (!rest.equals("\r")) {
            refuse(AuthRefusal.incompleteBody());
        } else if (verifyChunk()) {
            state = State.CHUNK_HEADER;
        }
    }

    private boolean verifyChunk() {
        if (seed.isEmpty()) {
            return true;
        }
        String payloadHash = HexFormat.of().formatHex(chunkHash.digest());
        String stringToSign = stringToSignStart("PAYLOAD") + EMPTY_SHA256 + '\n' + payloadHash;
        return verify(seed.get(), stringToSign, chunkSignature);
    }

    // The trailer

    private void trailer(String rawLine) {
        String text = rawLine.stripTrailing();
        if (text.isEmpty()) {
            // Some clients end a trailer with LF CR LF, which leaves an empty line before the trailer's signature.
            boolean awaitsSignature = signedTrailer && trailerSignature.isEmpty();
            if (!awaitsSignature) {
                finish();
                return;
            }
        }
        if (++trailerLines > MAX_TRAILER_LINES || trailerSignature.isPresent()) {
            malformedTrailer();
            return;
        }
        if (!text.isEmpty()) {
            trailerField(text);
        }
    }

    private void trailerField(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        String value = text.substring(colon + 1).strip();
        if (signedTrailer && name.equals(TRAILER_SIGNATURE)) {
            trailerSignature = Optional.of(value);
            return;
        }
        if (declaredTrailer.isEmpty()
                || !declaredTrailer.get().headerName().equals(name)
                || trailingChecksum.isPresent()) {
            malformedTrailer();
            return;
        }
        trailingChecksum = Checksum.parse(declaredTrailer.get(), value);
        if (trailingChecksum.isEmpty()) {
            refuse(AuthRefusal.of(INVALID_REQUEST, "Value for " + name + " trailing header is invalid."));
            return;
        }
        canonicalTrailer.append(name).append(':').append(value).append('\n');
    }

    private void finish() {
        if (declaredTrailer.isPresent() && trailingChecksum.isEmpty()) {
            malformedTrailer();
            return;
        }
        if (seed.isPresent() && signedTrailer) {
            String stringToSign =
                    stringToSignStart("TRAILER") + CanonicalRequest.sha256Hex(canonicalTrailer.toString());
            if (!verify(seed.get(), stringToSign, trailerSignature.orElse(""))) {
                return;
            }
        }
        state = State.COMPLETE;
        outcome = new Complete(trailingChecksum);
    }

    private void malformedTrailer() {
        refuse(
                AuthRefusal.of(
                        MALFORMED_TRAILER,
                        "The request contained trailing data that was not well-formed or did not conform to our published schema."));
    }

    // Signatures

    private String stringToSignStart(String what) {
        SignatureSeed of = seed.orElseThrow();
        return CanonicalRequest.ALGORITHM
                + '-'
                + what
                + '\n'
                + of.timestamp()
                + '\n'
                + of.scope().text()
                + '\n'
                + previousSignature
                + '\n';
    }

    private boolean verify(SignatureSeed of, String stringToSign, String signature) {
        String expected = of.key().sign(stringToSign);
        if (!SigV4Verifier.sameText(expected, signature)) {
            refuse(AuthRefusal.signatureDoesNotMatch(
                    of.scope().accessKeyId(), stringToSign, signature, of.canonicalRequest()));
            return false;
        }
        previousSignature = expected;
        return true;
    }

    private void refuse(AuthRefusal refusal) {
        state = State.REFUSED;
        outcome = new Refused(refusal);
    }

    private static Opening refused(AuthFailure failure, String message) {
        return new Refused(AuthRefusal.of(failure, message));
    }

    private static Optional<Long> parseLength(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<Long> parseSize(String hex) {
        boolean digits =
                !hex.isEmpty() && hex.length() <= MAX_SIZE_DIGITS && hex.chars().allMatch(c -> HexFormat.isHexDigit(c));
        return digits ? Optional.of(HexFormat.fromHexDigitsToLong(hex)) : Optional.empty();
    }
}
