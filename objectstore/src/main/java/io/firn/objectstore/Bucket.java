package io.firn.objectstore;

import java.time.Instant;

/**
 * A bucket as it is now.
 *
 * @param id never used again for another bucket, even one of the same name
 * @param owner the canonical id of the account that made it
 * @param region the location constraint it was made with, as text; empty for the default region
 */
public record Bucket(
        BucketName name, long id, String owner, String region, Instant created, Versioning versioning, Tags tags) {

    Bucket withVersioning(Versioning newVersioning) {
        return new Bucket(name, id, owner, region, created, newVersioning, tags);
    }

    Bucket withTags(Tags newTags) {
        return new Bucket(name, id, owner, region, created, versioning, newTags);
    }
}
