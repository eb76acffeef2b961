package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.ObjectAttributes;
import java.util.Locale;
import java.util.Optional;

/**
 * The canned access control lists: which strangers may do what, beside the owner, who may do everything.
 *
 * <p>Kept by wire name with the bucket and with the object; private is kept as nothing. Lists that name grantees are not implemented.
 * Source: Amazon S3 User Guide, "Canned ACL" (read 2026-11-23).
 */
enum CannedAcl {
    PRIVATE,
    PUBLIC_READ,
    PUBLIC_READ_WRITE,
    AUTHENTICATED_READ,
    /** Beyond the owner, the bucket's owner: who may read every object of the bucket anyway. */
    BUCKET_OWNER_READ,
    BUCKET_OWNER_FULL_CONTROL;

    /** The header that sets one, the setting of a bucket and the system header of an object that keep it. */
    static final String HEADER = "x-amz-acl";

    private final String wireName = name().toLowerCase(Locale.ROOT).replace('_', '-');

    String wireName() {
        return wireName;
    }

    static Optional<CannedAcl> parse(String wireName) {
        for (CannedAcl acl : values()) {
            if (acl.wireName.equals(wireName)) {
                return Optional.of(acl);
            }
        }
        return Optional.empty();
    }

    static CannedAcl of(Bucket bucket) {
        return kept(Optional.ofNullable(bucket.settings().get(HEADER)));
    }

    static CannedAcl of(ObjectAttributes attributes) {
        return kept(Optional.ofNullable(attributes.metadata().headers().get(HEADER)));
    }

    /** What a name that was kept means; one that a newer Firn kept grants nothing here. */
    private static CannedAcl kept(Optional<String> name) {
        return name.flatMap(CannedAcl::parse).orElse(PRIVATE);
    }

    /** The name to keep; nothing for private. */
    Optional<String> toKeep() {
        return this == PRIVATE ? Optional.empty() : Optional.of(wireName);
    }

    /** Whether somebody who owns nothing here may read: list a bucket, get an object. */
    boolean letsRead(Caller caller) {
        return switch (this) {
            case PUBLIC_READ, PUBLIC_READ_WRITE -> true;
            case AUTHENTICATED_READ -> !caller.isAnonymous();
            case PRIVATE, BUCKET_OWNER_READ, BUCKET_OWNER_FULL_CONTROL -> false;
        };
    }

    /** Whether somebody who owns nothing here may write and delete objects of a bucket. */
    boolean letsWrite() {
        return this == PUBLIC_READ_WRITE;
    }
}
