package io.firn.snapshot;

import io.firn.io.Randomness;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import java.util.Optional;

/** The bucket of a snapshot store for tests that look into it: without a master key, so what is encrypted cannot be read. */
final class PlainBucket {
    private PlainBucket() {}

    static SnapshotBucket of(ObjectStore objects, BucketName name) {
        return new SnapshotBucket(objects, name, new PackCipher(Optional.empty(), Randomness.seeded(1)));
    }
}
