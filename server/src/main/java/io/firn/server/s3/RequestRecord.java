package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.log.RequestFacts;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a request so far: filled while it is served, so that the access log tells of a refused request as much as was found
 * out before the refusal.
 *
 * <p><b>Threads.</b> The request's own.
 */
final class RequestRecord {
    private static final String NO_OPERATION = "Unknown";

    private final ReplyIds ids;
    private Optional<S3Address> address = Optional.empty();
    private Optional<String> versionId = Optional.empty();
    private Optional<Caller> caller = Optional.empty();
    private RequestFacts.Authentication authentication = RequestFacts.Authentication.NONE;
    private Optional<Route> route = Optional.empty();
    private Optional<Bucket> bucket = Optional.empty();
    private Optional<S3ErrorCode> error = Optional.empty();
    private OptionalLong objectBytes = OptionalLong.empty();

    RequestRecord(ReplyIds ids) {
        this.ids = ids;
    }

    ReplyIds ids() {
        return ids;
    }

    void addressed(S3Address found, Query query) {
        address = Optional.of(found);
        versionId = query.value("versionId");
    }

    void authenticated(Authenticator.Verified verified) {
        caller = Optional.of(verified.caller());
        authentication = verified.authentication();
    }

    void routed(Route found) {
        route = Optional.of(found);
    }

    void authorised(Optional<Bucket> found) {
        bucket = found;
    }

    /** The object that was read or written. */
    void touched(ObjectVersion version) {
        objectBytes = OptionalLong.of(version.lengthBytes());
    }

    void refused(S3ErrorCode code) {
        error = Optional.of(code);
    }

    RequestFacts facts() {
        return new RequestFacts(
                route.map(Route::name).orElse(NO_OPERATION),
                route.map(Route::logName).orElse("-"),
                ids.requestId(),
                ids.hostId(),
                caller.filter(found -> !found.isAnonymous()).map(Caller::id),
                bucket.map(Bucket::owner),
                address.flatMap(S3Address::bucket),
                address.flatMap(S3Address::key).map(ObjectKey::text),
                versionId,
                error.map(S3ErrorCode::wireCode),
                objectBytes,
                authentication);
    }
}
