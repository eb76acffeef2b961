package io.firn.objectstore;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tags of an object (at most 10) or of a bucket (at most 50), sorted by key. Keys have 1 to 128 characters, values at most 256.
 *
 * <p>Source: Amazon S3 User Guide, "Categorizing your objects using tags" (read 2026-11-23).
 */
public record Tags(SortedMap<String, String> byKey) {
    public static final int MAX_OBJECT_TAGS = 10;
    public static final int MAX_BUCKET_TAGS = 50;
    public static final Tags NONE = new Tags(Collections.emptySortedMap());

    private static final int MAX_KEY_CHARACTERS = 128;
    private static final int MAX_VALUE_CHARACTERS = 256;

    public Tags {
        byKey = byKey.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(byKey));
    }

    public boolean isEmpty() {
        return byKey.isEmpty();
    }

    public int count() {
        return byKey.size();
    }

    /** The rule these tags break, with at most {@code maxTags} allowed; nothing when they are in order. */
    public Optional<String> brokenRule(int maxTags) {
        if (byKey.size() > maxTags) {
            return Optional.of(
                    maxTags == MAX_OBJECT_TAGS
                            ? "Object tags cannot be greater than 10"
                            : "Bucket tag count cannot be greater than " + maxTags);
        }
        for (Map.Entry<String, String> tag : byKey.entrySet()) {
            String key = tag.getKey();
            if (key.isEmpty() || key.codePointCount(0, key.length()) > MAX_KEY_CHARACTERS) {
                return Optional.of("The TagKey you have provided is invalid");
            }
            String value = tag.getValue();
            if (value.codePointCount(0, value.length()) > MAX_VALUE_CHARACTERS) {
                return Optional.of("The TagValue you have provided is invalid");
            }
        }
        return Optional.empty();
    }
}
