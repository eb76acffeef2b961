package io.firn.objectstore;

import java.util.List;
import java.util.Optional;

/**
 * A listing of all versions and delete markers: by key, newest first within a key.
 *
 * @param keyMarker only entries after this key or common prefix
 * @param versionIdMarker with {@code keyMarker}: begin after this version of that key
 */
public record ListVersions(
        BucketName bucket,
        String prefix,
        String delimiter,
        Optional<String> keyMarker,
        Optional<VersionId> versionIdMarker,
        int maxKeys) {

    public ListVersions {
        if (maxKeys < 0) {
            throw new IllegalArgumentException("maxKeys is not negative");
        }
        maxKeys = Math.min(maxKeys, ListObjects.MAX_KEYS);
    }

    /**
     * A page of a listing.
     *
     * @param versions versions and delete markers
     * @param next the key and version of the last entry (the version is absent when that was a common prefix); absent on the last page
     */
    public record Page(List<ObjectVersion> versions, List<String> commonPrefixes, Optional<Next> next) {}

    /** Where the next page begins after. */
    public record Next(String keyMarker, Optional<VersionId> versionIdMarker) {}
}
