package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.objectstore.Digester;
import io.firn.objectstore.Expectations;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlParser;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Reads the XML document that is a request's body: bounded, checked against its digests, safe from entities. */
final class RequestDocument {
    private static final int MAX_BYTES = 2 << 20;
    private static final int FIRST_BYTES = 8 << 10;

    private RequestDocument() {}

    /** The document, whose root must be {@code root}. */
    static XmlElement read(S3Request request, String root) {
        return readOptional(request, root).orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
    }

    /** As {@link #read}, for a request whose checksum headers are not about its body. */
    static XmlElement readUnchecked(S3Request request, String root) {
        return parse(
                        readBody(
                                request,
                                new Expectations(
                                        request.payload().lengthBytes(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        true)),
                        root)
                .orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
    }

    /** As {@link #read}, or nothing when there is no body. */
    static Optional<XmlElement> readOptional(S3Request request, String root) {
        return parse(
                readBody(
                        request,
                        ChecksumHeaders.expectations(request, request.payload().lengthBytes())),
                root);
    }

    private static Optional<XmlElement> parse(byte[] body, String root) {
        if (body.length == 0) {
            return Optional.empty();
        }
        XmlElement element = XmlParser.parse(body).orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
        if (!element.name().equals(root)) {
            throw new S3Exception(S3ErrorCode.MALFORMED_XML);
        }
        return Optional.of(element);
    }

    private static byte[] readBody(S3Request request, Expectations claimed) {
        Payload payload = request.payload();
        if (payload.lengthBytes().orElse(0) > MAX_BYTES) {
            throw tooLarge();
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) payload.lengthBytes().orElse(FIRST_BYTES) + 1);
        while (payload.read(buffer) >= 0) {
            if (!buffer.hasRemaining()) {
                if (buffer.capacity() > MAX_BYTES) {
                    throw tooLarge();
                }
                buffer = ByteBuffer.allocate(Math.min(2 * buffer.capacity(), MAX_BYTES + 1))
                        .put(buffer.flip());
            }
        }
        byte[] body = Arrays.copyOf(buffer.array(), buffer.position());
        check(body, claimed, payload.trailingChecksum());
        return body;
    }

    private static void check(byte[] body, Expectations claimed, Optional<Checksum> trailing) {
        if (claimed.lengthBytes().isPresent() && claimed.lengthBytes().getAsLong() != body.length) {
            throw new S3Exception(S3ErrorCode.INCOMPLETE_BODY);
        }
        claimed.md5().ifPresent(md5 -> {
            if (!digest(ChecksumAlgorithm.MD5, body).base64().equals(md5)) {
                throw new S3Exception(
                        S3ErrorCode.BAD_DIGEST, "The Content-MD5 you specified did not match what we received.");
            }
        });
        claimed.checksum().or(() -> trailing).ifPresent(checksum -> {
            if (!digest(checksum.algorithm(), body).equals(checksum)) {
                throw new S3Exception(
                        S3ErrorCode.BAD_DIGEST, "The checksum you specified did not match the calculated checksum.");
            }
        });
    }

    private static Checksum digest(ChecksumAlgorithm algorithm, byte[] body) {
        Digester digester = Digester.of(algorithm);
        digester.update(body, 0, body.length);
        return digester.checksum();
    }

    private static S3Exception tooLarge() {
        return new S3Exception(S3ErrorCode.MAX_MESSAGE_LENGTH_EXCEEDED)
                .with("MaxMessageLengthBytes", String.valueOf(MAX_BYTES));
    }
}
