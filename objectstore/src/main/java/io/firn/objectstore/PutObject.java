package io.firn.objectstore;

/** A put: where to, with which attributes, what is claimed of the bytes, under which conditions. */
public record PutObject(
        BucketName bucket,
        ObjectKey key,
        ObjectAttributes attributes,
        Expectations expectations,
        Conditions conditions) {

    /** A plain put. */
    public static PutObject of(String bucket, String key) {
        return new PutObject(
                new BucketName(bucket),
                ObjectKey.of(key),
                ObjectAttributes.DEFAULT,
                Expectations.NONE,
                Conditions.NONE);
    }

    public PutObject with(ObjectAttributes newAttributes) {
        return new PutObject(bucket, key, newAttributes, expectations, conditions);
    }

    public PutObject with(Expectations newExpectations) {
        return new PutObject(bucket, key, attributes, newExpectations, conditions);
    }

    public PutObject with(Conditions newConditions) {
        return new PutObject(bucket, key, attributes, expectations, newConditions);
    }
}
