package io.firn.server.s3;

import io.firn.server.http.HeaderList;
import java.util.ArrayList;
import java.util.List;

/**
 * A request refused with one of S3's errors. Made anew for every refusal and dressed by the thrower with the fields and headers that
 * S3 gives this error.
 *
 * <p>It carries no stack trace: a refusal is an answer, not a fault.
 */
public final class S3Exception extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An element of the error document beside code, message, resource and ids. */
    public record Field(String name, String value) {}

    private final S3ErrorCode code;
    private final transient List<Field> fields = new ArrayList<>();
    private final transient HeaderList headers = new HeaderList();

    public S3Exception(S3ErrorCode code) {
        this(code, code.message());
    }

    public S3Exception(S3ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** InvalidArgument with the two fields S3 puts beside it. */
    static S3Exception invalidArgument(String message, String name, String value) {
        return new S3Exception(S3ErrorCode.INVALID_ARGUMENT, message)
                .with("ArgumentName", name)
                .with("ArgumentValue", value);
    }

    /** NotImplemented for a header. */
    static S3Exception headerNotImplemented(String header) {
        return new S3Exception(S3ErrorCode.NOT_IMPLEMENTED).with("Header", header);
    }

    /** Adds an element to the error document and returns this. */
    public S3Exception with(String field, String value) {
        fields.add(new Field(field, value));
        return this;
    }

    /** Adds a header to the reply and returns this. */
    public S3Exception header(String name, String value) {
        headers.add(name, value);
        return this;
    }

    public S3ErrorCode code() {
        return code;
    }

    /** The further elements of the error document, in order. */
    public List<Field> fields() {
        return List.copyOf(fields);
    }

    /** The further headers of the reply. */
    public HeaderList headers() {
        return headers;
    }

    /** The message; never null. */
    public String text() {
        String message = getMessage();
        return message == null ? code.message() : message;
    }
}
