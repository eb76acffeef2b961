package io.firn.objectstore;

import java.util.List;
import java.util.Optional;

/**
 * A listing of current objects in the order of their keys' bytes.
 *
 * @param prefix only keys that begin with this; may be empty
 * @param delimiter keys that share what comes up to and with the first delimiter after the prefix are rolled up; may be empty
 * @param startAfter only keys and common prefixes after this one
 * @param maxKeys the most entries (objects and common prefixes together), 0 to 1,000
 */
public record ListObjects(
        BucketName bucket, String prefix, String delimiter, Optional<String> startAfter, int maxKeys) {
    public static final int MAX_KEYS = 1000;

    public ListObjects {
        if (maxKeys < 0) {
            throw new IllegalArgumentException("maxKeys is not negative");
        }
        maxKeys = Math.min(maxKeys, MAX_KEYS);
    }

    /** Everything with a prefix, from the beginning. */
    public static ListObjects of(String bucket, String prefix) {
        return new ListObjects(new BucketName(bucket), prefix, "", Optional.empty(), MAX_KEYS);
    }

    /**
     * A page of a listing.
     *
     * @param commonPrefixes the rolled-up prefixes, sorted
     * @param next where the next page starts after: the last entry of this page; absent when this page is the last
     */
    public record Page(List<ObjectVersion> objects, List<String> commonPrefixes, Optional<String> next) {}
}
