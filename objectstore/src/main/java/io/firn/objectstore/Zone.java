package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentDirectory;
import io.firn.extent.ExtentOptions;
import io.firn.io.Disk;
import io.firn.io.StorageException;
import java.util.List;
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
    private volatile @Nullable ExtentDirectory opened;
    private volatile @Nullable String failure;
    private volatile boolean isUnderRepair;

    Zone(String name, Disk disk) {
        this.name = name;
        this.disk = disk;
    }

    String name() {
        return name;
    }

    Disk disk() {
        return disk;
    }

    /** The zone's extents, opened when they are first asked for: a zone that cannot be read fails then, not the whole store. */
    ExtentDirectory extents() {
        ExtentDirectory present = opened;
        if (present == null) {
            synchronized (this) {
                present = opened;
                if (present == null) {
                    present = ExtentDirectory.open(disk, EXTENTS, ExtentOptions.defaults());
                    opened = present;
                }
            }
        }
        return present;
    }

    /** True when writes go to it. */
    boolean isHealthy() {
        return failure == null || isUnderRepair;
    }

    /** True when it is known to have everything. */
    boolean isReadable() {
        return failure == null;
    }

    boolean isUnderRepair() {
        return isUnderRepair;
    }

    /** Why the zone is out of use. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    void fail(StorageException cause) {
        fail(String.valueOf(cause.getMessage()));
    }

    void fail(String why) {
        if (failure == null || isUnderRepair) {
            failure = why;
            isUnderRepair = false;
            System.getLogger(Zone.class.getName())
                    .log(System.Logger.Level.ERROR, "zone {0} is out of use: {1}", name, why);
        }
    }

    /** From now on it takes part in writes, though it lacks what was written before. */
    void beginRepair() {
        isUnderRepair = true;
    }

    /** It has everything again. */
    void repaired() {
        failure = null;
        isUnderRepair = false;
    }

    void write(EncodedFrame frame) {
        if (isUnderRepair) {
            // The extent may have been begun before the zone was back.
            extents().ensure(frame.ref().extentId());
        }
        extents().write(frame);
    }

    void write(List<EncodedFrame> frames) {
        if (isUnderRepair) {
            frames.stream()
                    .mapToLong(frame -> frame.ref().extentId())
                    .distinct()
                    .forEach(extents()::ensure);
        }
        extents().write(frames);
    }

    void sync(long extentId) {
        if (isUnderRepair) {
            extents().ensure(extentId);
        }
        extents().sync(extentId);
    }

    @Override
    public void close() {
        ExtentDirectory present = opened;
        if (present != null) {
            present.close();
        }
    }
}
