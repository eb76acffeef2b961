package io.firn.objectstore;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A read: which version (the current one unless named), which bytes (all unless a range or a part is named), under which conditions.
 */
public record GetObject(
        BucketName bucket,
        ObjectKey key,
        Optional<VersionId> versionId,
        Optional<ByteRange> range,
        OptionalInt partNumber,
        Conditions conditions) {

    /** All bytes of the current version. */
    public static GetObject of(String bucket, String key) {
        return of(new BucketName(bucket), ObjectKey.of(key));
    }

    public static GetObject of(BucketName bucket, ObjectKey key) {
        return new GetObject(bucket, key, Optional.empty(), Optional.empty(), OptionalInt.empty(), Conditions.NONE);
    }

    public GetObject version(VersionId newVersionId) {
        return new GetObject(bucket, key, Optional.of(newVersionId), range, partNumber, conditions);
    }

    public GetObject range(ByteRange newRange) {
        return new GetObject(bucket, key, versionId, Optional.of(newRange), partNumber, conditions);
    }

    public GetObject part(int newPartNumber) {
        return new GetObject(bucket, key, versionId, range, OptionalInt.of(newPartNumber), conditions);
    }

    public GetObject with(Conditions newConditions) {
        return new GetObject(bucket, key, versionId, range, partNumber, newConditions);
    }
}
