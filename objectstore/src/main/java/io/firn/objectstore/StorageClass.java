package io.firn.objectstore;

import java.util.Optional;

/**
 * The storage classes of S3, by their wire names. The class-specific placements arrive with tiering; until then every class is kept
 * as {@link Placement} gives it and the name is remembered.
 */
public enum StorageClass {
    STANDARD,
    STANDARD_IA,
    ONEZONE_IA,
    INTELLIGENT_TIERING,
    GLACIER_IR,
    GLACIER,
    DEEP_ARCHIVE;

    /** The class of this wire name. */
    public static Optional<StorageClass> parse(String wireName) {
        for (StorageClass storageClass : values()) {
            if (storageClass.name().equals(wireName)) {
                return Optional.of(storageClass);
            }
        }
        return Optional.empty();
    }
}
