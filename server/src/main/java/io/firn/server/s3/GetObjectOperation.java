package io.firn.server.s3;

import io.firn.io.FileStretch;
import io.firn.objectstore.ByteRange;
import io.firn.objectstore.Checksum;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.MultipartUpload.Part;
import io.firn.objectstore.ObjectReader;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.Refusal;
import io.firn.server.http.HeaderList;
import io.firn.server.http.ResponseBody;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code GET} and {@code HEAD /bucket/key}: the object, one range of it, or one of its parts.
 *
 * <p>The first bytes are read before the head of the reply is sent, so that damage found at once is an error document; damage found
 * later cuts the connection.
 */
final class GetObjectOperation implements Operation {
    private static final int BUFFER_BYTES = 128 << 10;
    private static final int STRETCH_BYTES = 256 << 10;

    /** Query parameters that replace a header of the reply, for callers who signed them. */
    private static final Map<String, String> OVERRIDES = Map.of(
            "response-content-type", "Content-Type",
            "response-content-language", "Content-Language",
            "response-expires", "Expires",
            "response-cache-control", "Cache-Control",
            "response-content-disposition", "Content-Disposition",
            "response-content-encoding", "Content-Encoding");

    private final ObjectStore store;

    GetObjectOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        Unsupported.refuseEncryption(request);
        refuseUnsignedOverrides(request);
        GetObject read = toRead(request);
        if (request.isHead()) {
            ObjectStore.Head head = valueOf(store.head(read), request);
            HeaderList headers = head(request, read, head.version(), head.span());
            headers.add("Content-Length", String.valueOf(head.span().length()));
            request.reply(status(read, head.span()), headers);
            return;
        }
        try (ObjectReader reader = valueOf(store.get(read), request)) {
            send(request, read, reader);
        }
    }

    private static GetObject toRead(S3Request request) {
        Optional<ByteRange> range = request.header("Range").flatMap(RangeHeader::parse);
        OptionalInt partNumber = request.partNumber();
        if (range.isPresent() && partNumber.isPresent()) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST, "Cannot specify both Range header and partNumber query parameter");
        }
        return new GetObject(
                request.bucketName(),
                request.key(),
                request.versionId(),
                range,
                partNumber,
                ConditionHeaders.ofRead(request));
    }

    private static <T> T valueOf(Outcome<T> outcome, S3Request request) {
        return outcome.orElseThrow(refusal -> {
            S3Exception error = Refusals.toError(refusal, request.bucket());
            if (refusal.reason() == Refusal.Reason.INVALID_RANGE) {
                error.with("RangeRequested", request.header("Range").orElse(""));
            }
            if (refusal.reason() == Refusal.Reason.NO_SUCH_KEY) {
                error.with("Key", request.key().text());
            }
            if (refusal.reason() == Refusal.Reason.NO_SUCH_VERSION) {
                error.with("Key", request.key().text())
                        .with("VersionId", request.query().text("versionId"));
            }
            return error;
        });
    }

    private void send(S3Request request, GetObject read, ObjectReader reader) {
        long length = reader.span().length();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(length, BUFFER_BYTES));
        fill(reader, buffer);
        HeaderList headers = head(request, read, reader.version(), reader.span());
        if (length <= BUFFER_BYTES) {
            request.reply(status(read, reader.span()), headers, buffer.array());
            return;
        }
        try (ResponseBody body = request.replyStreaming(status(read, reader.span()), headers, length)) {
            body.write(buffer.flip());
            boolean isMore = true;
            while (isMore) {
                Optional<FileStretch> verified = body.takesStretches() ? reader.lend(STRETCH_BYTES) : Optional.empty();
                if (verified.isPresent()) {
                    body.send(verified.get());
                } else {
                    isMore = body.writeFrom(reader::read);
                }
            }
        }
    }

    private static void fill(ObjectReader reader, ByteBuffer buffer) {
        while (buffer.hasRemaining() && reader.read(buffer) >= 0) {
            // Reads until full or ended.
        }
    }

    private static int status(GetObject read, ByteRange.Span span) {
        boolean isPartial = read.range().isPresent() || read.partNumber().isPresent();
        return isPartial && span.length() > 0 ? 206 : 200;
    }

    private HeaderList head(S3Request request, GetObject read, ObjectVersion version, ByteRange.Span span) {
        request.touched(version);
        HeaderList headers = request.replyHeaders();
        ObjectHeaders.describe(headers, version, request.bucket());
        if (status(read, span) == 206) {
            headers.add(
                    "Content-Range",
                    "bytes " + span.offset() + "-" + (span.offset() + span.length() - 1) + "/" + version.lengthBytes());
        }
        if (read.partNumber().isPresent() && version.partCount() > 0) {
            headers.add("x-amz-mp-parts-count", String.valueOf(version.partCount()));
        }
        if (request.header("x-amz-checksum-mode")
                .filter("ENABLED"::equalsIgnoreCase)
                .isPresent()) {
            addChecksum(headers, read, version);
        }
        OVERRIDES.forEach((parameter, header) ->
                request.query().value(parameter).ifPresent(value -> headers.set(header, overriding(parameter, value))));
        return headers;
    }

    /** The checksum of the whole with the whole, of a part with a part; none with a range, which has none. */
    private void addChecksum(HeaderList headers, GetObject read, ObjectVersion version) {
        if (read.range().isPresent() || version.checksum().isEmpty()) {
            return;
        }
        if (read.partNumber().isEmpty() || version.partCount() == 0) {
            ObjectHeaders.addChecksum(headers, version.checksum().get());
            return;
        }
        int number = read.partNumber().getAsInt();
        List<Part> parts = store.parts(read.bucket(), read.key(), Optional.of(version.versionId()))
                .orElseThrow(refusal -> new S3Exception(S3ErrorCode.NO_SUCH_KEY));
        // The number counts the object's parts, whatever they were uploaded as.
        if (number <= parts.size() && parts.get(number - 1).checksum().isPresent()) {
            Checksum checksum = parts.get(number - 1).checksum().get();
            headers.add(checksum.algorithm().headerName(), checksum.wireValue());
            headers.add("x-amz-checksum-type", version.checksum().get().type().name());
        }
    }

    private static String overriding(String parameter, String value) {
        if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
            throw S3Exception.invalidArgument("Header value cannot be represented using ISO-8859-1.", parameter, value);
        }
        return PercentEncoding.toWire(value);
    }

    private static void refuseUnsignedOverrides(S3Request request) {
        boolean isOverridden = OVERRIDES.keySet().stream().anyMatch(request.query()::has);
        if (isOverridden && request.caller().isAnonymous()) {
            throw new S3Exception(
                    S3ErrorCode.INVALID_REQUEST,
                    "Request specific response headers cannot be used for anonymous GET requests.");
        }
    }
}
