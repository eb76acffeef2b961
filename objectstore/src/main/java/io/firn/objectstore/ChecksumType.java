package io.firn.objectstore;

/**
 * What the checksum of an object covers, in the words of S3's {@code x-amz-checksum-type}.
 *
 * <p>Source: S3 User Guide, "Checking object integrity for data uploads in Amazon S3", read 2026-11.
 */
public enum ChecksumType {
    /** The digest of the parts' digests in part order, written with {@code -N} where N is the number of parts. */
    COMPOSITE,
    /** The digest of the object's bytes, however they were uploaded. */
    FULL_OBJECT
}
