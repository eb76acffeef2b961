package io.firn.objectstore;

/** Whether a bucket keeps old versions: never asked to, keeping them, or keeping those it has. */
public enum Versioning {
    UNVERSIONED,
    ENABLED,
    SUSPENDED
}
