package io.firn.objectstore;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an object's writer says of it and gets back with every read, both maps keyed by lower-case names and sorted.
 *
 * @param headers system headers kept as they came: {@code content-type}, {@code cache-control}, {@code content-disposition},
 *     {@code content-encoding}, {@code content-language}, {@code expires}, {@code x-amz-website-redirect-location}; and {@code x-amz-acl},
 *     which doors keep to themselves
 * @param user user metadata, names without {@code x-amz-meta-}; at most {@value #MAX_USER_BYTES} bytes of names and values
 */
public record ObjectMetadata(SortedMap<String, String> headers, SortedMap<String, String> user) {
    /** The most bytes of user metadata, names and values counted as UTF-8. */
    public static final int MAX_USER_BYTES = 2048;

    /** No headers, no user metadata. */
    public static final ObjectMetadata EMPTY =
            new ObjectMetadata(Collections.emptySortedMap(), Collections.emptySortedMap());

    public ObjectMetadata {
        headers = headers.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(headers));
        user = user.isEmpty() ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(new TreeMap<>(user));
    }

    /** This metadata with one system header replaced, or without it. */
    public ObjectMetadata withHeader(String name, Optional<String> value) {
        SortedMap<String, String> changed = new TreeMap<>(headers);
        changed.remove(name);
        value.ifPresent(text -> changed.put(name, text));
        return new ObjectMetadata(changed, user);
    }

    /** Only a content type. */
    public static ObjectMetadata contentType(String contentType) {
        return new ObjectMetadata(new TreeMap<>(Map.of("content-type", contentType)), Collections.emptySortedMap());
    }

    /** Bytes of user metadata as the limit counts them. */
    int userBytes() {
        int bytes = 0;
        for (Map.Entry<String, String> entry : user.entrySet()) {
            bytes += entry.getKey().getBytes(StandardCharsets.UTF_8).length;
            bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }
}
