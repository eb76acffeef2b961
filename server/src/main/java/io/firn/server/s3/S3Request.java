package io.firn.server.s3;

import io.firn.io.Invariant;
import io.firn.objectstore.Bucket;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.VersionId;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.http.ResponseBody;
import io.firn.server.xml.XmlWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A request as its operation sees it: routed, authenticated, authorised, its body not yet read; and the ways to reply to it.
 *
 * <p><b>Threads.</b> Used by the exchange's thread.
 */
final class S3Request {
    private static final byte[] NO_BODY = new byte[0];
    private static final Set<String> UNIMPLEMENTED_ACLS = Set.of("aws-exec-read", "log-delivery-write");

    private final HttpExchange exchange;
    private final S3Address address;
    private final Query query;
    private final RequestRecord record;
    private final Caller caller;
    private final Payload payload;
    private final Optional<Bucket> bucket;

    S3Request(
            HttpExchange exchange,
            S3Address address,
            Query query,
            RequestRecord record,
            Caller caller,
            Payload payload,
            Optional<Bucket> bucket) {
        this.exchange = exchange;
        this.address = address;
        this.query = query;
        this.record = record;
        this.caller = caller;
        this.payload = payload;
        this.bucket = bucket;
    }

    Caller caller() {
        return caller;
    }

    Query query() {
        return query;
    }

    /** The body, decoded and verified as it is read. */
    Payload payload() {
        return payload;
    }

    /** The bucket named by the path, which exists and which the caller may use; only for operations on one. */
    Bucket bucket() {
        Invariant.check(bucket.isPresent(), "the operation was routed without its bucket");
        return bucket.orElseThrow();
    }

    BucketName bucketName() {
        return bucket().name();
    }

    /** The bucket as named, for operations that make one. */
    String requestedBucket() {
        return address.bucket().orElse("");
    }

    /** The key named by the path; only for operations on an object. */
    ObjectKey key() {
        Invariant.check(address.key().isPresent(), "the operation was routed without its key");
        return address.key().orElseThrow();
    }

    boolean isHead() {
        return exchange.method().equals("HEAD");
    }

    /** The first header of this name, one {@code char} per byte as the wire has it. */
    Optional<String> header(String name) {
        return exchange.header(name);
    }

    boolean hasHeader(String name) {
        return exchange.headers().contains(name);
    }

    /** The canned access control list that {@code x-amz-acl} names. */
    Optional<CannedAcl> cannedAcl() {
        return header(CannedAcl.HEADER)
                .map(name -> CannedAcl.parse(name)
                        .orElseThrow(() -> UNIMPLEMENTED_ACLS.contains(name)
                                ? S3Exception.headerNotImplemented(CannedAcl.HEADER)
                                : S3Exception.invalidArgument("Invalid canned ACL", CannedAcl.HEADER, name)));
    }

    /** All headers as received. */
    HeaderList headers() {
        return exchange.headers();
    }

    /** True when the request says how long its body is. */
    boolean declaresLength() {
        return exchange.headers().contains("Content-Length");
    }

    /** The version named by {@code versionId=}. */
    Optional<VersionId> versionId() {
        return query.value("versionId").map(text -> {
            if (text.isEmpty()) {
                throw S3Exception.invalidArgument("Version id cannot be the empty string", "versionId", text);
            }
            return VersionId.parse(text)
                    .orElseThrow(() -> S3Exception.invalidArgument("Invalid version id specified", "versionId", text));
        });
    }

    /** The part named by {@code partNumber=}. */
    OptionalInt partNumber() {
        Optional<String> text = query.value("partNumber");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Arguments.integer(
                text.get(),
                1,
                10_000,
                () -> S3Exception.invalidArgument(
                        "Part number must be an integer between 1 and 10000, inclusive", "partNumber", text.get())));
    }

    /** The address of the object as clients may use it. */
    String location() {
        String scheme = exchange.isTls() ? "https://" : "http://";
        String host = exchange.header("Host").orElse("localhost");
        return scheme + host + exchange.rawPath();
    }

    /** Headers that carry the reply's ids, to be added to. */
    HeaderList replyHeaders() {
        return record.ids().headers();
    }

    /** Notes the object that was read or written, for the access log. */
    void touched(ObjectVersion version) {
        record.touched(version);
    }

    /** Replies without a body. */
    void reply(int status, HeaderList headers) {
        exchange.respond(status, headers, NO_BODY);
    }

    /** Replies 200 with a document. */
    void reply(HeaderList headers, XmlWriter document) {
        exchange.respond(200, headers.add("Content-Type", "application/xml"), document.toBytes());
    }

    /** Replies 200 with a document. */
    void reply(XmlWriter document) {
        reply(replyHeaders(), document);
    }

    /** Replies with bytes that the caller writes. */
    ResponseBody replyStreaming(int status, HeaderList headers, long contentLength) {
        return exchange.respondStreaming(status, headers, contentLength);
    }

    /** Replies with bytes at hand. */
    void reply(int status, HeaderList headers, byte[] body) {
        exchange.respond(status, headers, body);
    }
}
