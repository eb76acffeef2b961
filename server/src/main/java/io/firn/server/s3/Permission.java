package io.firn.server.s3;

/** What a caller must be allowed to do with a bucket for an operation to run. */
enum Permission {
    /** About no bucket, or one that is yet to be made: any account. */
    ACCOUNT,
    LIST_OBJECTS,
    READ_OBJECT,
    WRITE_OBJECT,
    /** About the bucket's own settings. */
    OWN_BUCKET
}
