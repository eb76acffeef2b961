package io.firn.objectstore;

import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A bucket as it is now.
 *
 * @param id never used again for another bucket, even one of the same name
 * @param owner the canonical id of the account that made it
 * @param region the location constraint it was made with, as text; empty for the default region
 * @param settings what doors keep with a bucket, by name: the store hands it back and never reads it
 */
public record Bucket(
        BucketName name,
        long id,
        String owner,
        String region,
        Instant created,
        Versioning versioning,
        Tags tags,
        SortedMap<String, String> settings) {

    public Bucket {
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    Bucket withVersioning(Versioning newVersioning) {
        return new Bucket(name, id, owner, region, created, newVersioning, tags, settings);
    }

    Bucket withTags(Tags newTags) {
        return new Bucket(name, id, owner, region, created, versioning, newTags, settings);
    }

    Bucket withSetting(String setting, Optional<String> value) {
        SortedMap<String, String> changed = new TreeMap<>(settings);
        changed.remove(setting);
        value.ifPresent(text -> changed.put(setting, text));
        return new Bucket(name, id, owner, region, created, versioning, tags, changed);
    }
}
