package io.firn.objectstore;

import io.firn.extent.ExtentDirectory;
import io.firn.extent.ExtentOptions;
import io.firn.io.Disk;
import io.firn.io.StorageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One place that holds a copy of everything: a disk with its own journal, checkpoint and extents. A zone that fails is left alone
 * until it is repaired.
 */
final class Zone implements AutoCloseable {
    static final String EXTENTS = "extents";

    private final String name;
    private final Disk disk;
    private final ExtentDirectory extents;
    private volatile @Nullable String failure;

    Zone(String name, Disk disk) {
        this.name = name;
        this.disk = disk;
        this.extents = ExtentDirectory.open(disk, EXTENTS, ExtentOptions.defaults());
    }

    String name() {
        return name;
    }

    Disk disk() {
        return disk;
    }

    ExtentDirectory extents() {
        return extents;
    }

    boolean isHealthy() {
        return failure == null;
    }

    /** Why the zone is out of use. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    void fail(StorageException cause) {
        fail(String.valueOf(cause.getMessage()));
    }

    void fail(String why) {
        if (failure == null) {
            failure = why;
            System.getLogger(Zone.class.getName())
                    .log(System.Logger.Level.ERROR, "zone {0} is out of use: {1}", name, why);
        }
    }

    void repaired() {
        failure = null;
    }

    @Override
    public void close() {
        extents.close();
    }
}
