package io.firn.server.s3;

import java.util.List;

/**
 * Headers that ask for what Firn does not do yet. They are refused with 501: storing an object unencrypted, unlocked or private when
 * the client asked for something else would be a silent lie.
 */
final class Unsupported {
    private static final List<String> ENCRYPTION = List.of(
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-server-side-encryption-context",
            "x-amz-server-side-encryption-bucket-key-enabled",
            "x-amz-server-side-encryption-customer-algorithm",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-server-side-encryption-customer-key-md5",
            "x-amz-copy-source-server-side-encryption-customer-algorithm",
            "x-amz-copy-source-server-side-encryption-customer-key",
            "x-amz-copy-source-server-side-encryption-customer-key-md5");
    private static final List<String> LOCK =
            List.of("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold");
    private static final List<String> GRANTS = List.of(
            "x-amz-grant-full-control",
            "x-amz-grant-read",
            "x-amz-grant-read-acp",
            "x-amz-grant-write",
            "x-amz-grant-write-acp");
    private static final List<String> APPEND = List.of("x-amz-write-offset-bytes");

    private Unsupported() {}

    /** Refuses a request that writes an object with such headers. */
    static void refuseInWrite(S3Request request) {
        refuseEncryption(request);
        refuseAny(request, LOCK);
        refuseAny(request, APPEND);
        refuseGrants(request);
    }

    /** Refuses a read or a part upload under a customer's key. */
    static void refuseEncryption(S3Request request) {
        refuseAny(request, ENCRYPTION);
    }

    /** Refuses grants to named grantees. */
    static void refuseGrants(S3Request request) {
        refuseAny(request, GRANTS);
    }

    /** Refuses what a new bucket cannot be. */
    static void refuseBucketOptions(S3Request request) {
        if (request.header("x-amz-bucket-object-lock-enabled")
                .filter("true"::equalsIgnoreCase)
                .isPresent()) {
            throw S3Exception.headerNotImplemented("x-amz-bucket-object-lock-enabled");
        }
        // The bucket's owner may do everything with its objects already.
        if (request.header("x-amz-object-ownership")
                .filter(value -> !value.equals("BucketOwnerEnforced"))
                .isPresent()) {
            throw S3Exception.headerNotImplemented("x-amz-object-ownership");
        }
    }

    private static void refuseAny(S3Request request, List<String> headers) {
        for (String header : headers) {
            if (request.hasHeader(header)) {
                throw S3Exception.headerNotImplemented(header);
            }
        }
    }
}
