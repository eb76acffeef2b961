package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectAttributes;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.VersionId;
import java.util.Optional;

/**
 * Finds the bucket of a request and decides whether the caller may use it. Denies unless something grants: root may do everything, an
 * account everything with the buckets it made, anybody else what canned access control lists of bucket and object allow.
 *
 * <p>In S3's order: a name that cannot be one, a bucket that does not exist (anybody may learn that), an owner that is not the
 * expected one, a caller without the permission.
 */
final class Buckets {
    /** What buckets of the server's own are called: nobody's over S3, root's neither. */
    static final String RESERVED = "firn.internal.";

    private final ObjectStore store;

    Buckets(ObjectStore store) {
        this.store = store;
    }

    /** What of a bucket a request is about: an object, perhaps one version of it. */
    record Target(ObjectKey key, Optional<VersionId> versionId) {}

    /** The bucket, or the refusal. */
    Bucket authorise(
            Caller caller,
            String name,
            Permission permission,
            Optional<Target> target,
            Optional<String> expectedOwner) {
        Bucket bucket = store.bucket(bucketName(name))
                .filter(found -> !isReserved(name))
                .orElseThrow(() -> new S3Exception(S3ErrorCode.NO_SUCH_BUCKET).with("BucketName", name));
        boolean isExpected = expectedOwner.isEmpty() || expectedOwner.get().equals(bucket.owner());
        if (!isExpected || !mayUse(caller, bucket, permission, target)) {
            throw new S3Exception(S3ErrorCode.ACCESS_DENIED);
        }
        return bucket;
    }

    static boolean isReserved(String name) {
        return name.startsWith(RESERVED);
    }

    /** The name, or InvalidBucketName. The constructor checks: asking first would check twice, and every request comes by here. */
    static BucketName bucketName(String name) {
        try {
            return new BucketName(name);
        } catch (IllegalArgumentException notAName) {
            throw new S3Exception(S3ErrorCode.INVALID_BUCKET_NAME).with("BucketName", name);
        }
    }

    /** Refuses a caller that is no account. */
    void authoriseAccount(Caller caller) {
        if (caller.isAnonymous()) {
            throw new S3Exception(S3ErrorCode.ACCESS_DENIED);
        }
    }

    private boolean mayUse(Caller caller, Bucket bucket, Permission permission, Optional<Target> target) {
        if (caller.isRoot() || (!caller.isAnonymous() && bucket.owner().equals(caller.id()))) {
            return true;
        }
        CannedAcl acl = CannedAcl.of(bucket);
        return switch (permission) {
            case ACCOUNT -> !caller.isAnonymous();
            case OWN_BUCKET -> false;
            case LIST_OBJECTS -> acl.letsRead(caller);
            case WRITE_OBJECT -> acl.letsWrite();
            case READ_OBJECT -> target.isPresent() && mayRead(caller, bucket, target.get());
        };
    }

    /** An object that is not there is told to those who could have listed it; for others it might be there. */
    private boolean mayRead(Caller caller, Bucket bucket, Target target) {
        GetObject read = GetObject.of(bucket.name(), target.key());
        return switch (store.head(target.versionId().map(read::version).orElse(read))) {
            case Outcome.Done<ObjectStore.Head> done -> {
                ObjectAttributes attributes = done.value().version().attributes();
                boolean isOwn = !caller.isAnonymous() && attributes.owner().equals(caller.id());
                yield isOwn || CannedAcl.of(attributes).letsRead(caller);
            }
            case Outcome.Refused<ObjectStore.Head> refused ->
                CannedAcl.of(bucket).letsRead(caller);
        };
    }
}
