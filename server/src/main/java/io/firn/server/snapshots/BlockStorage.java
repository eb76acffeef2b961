package io.firn.server.snapshots;

import io.firn.blockstore.VolumeStore;
import io.firn.io.Clock;
import io.firn.io.Randomness;
import io.firn.io.Threads;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.server.volumes.VolumeFolder;
import io.firn.snapshot.FirstTouches;
import io.firn.snapshot.SnapshotSources;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshotsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Volumes and snapshots of a data folder, wired to each other, with threads that upload, fill restored volumes and clean up. Snapshots are
 * in two buckets of the object store that S3 does not show.
 *
 * <p><b>Closing</b> ends the threads after the step under way, and closes what was opened here; the object store stays open. Uploads and
 * restores go on at the next opening.
 */
public final class BlockStorage implements AutoCloseable {
    private static final String SNAPSHOTS = "firn.internal.snapshots";
    private static final BucketName RESTORES = new BucketName("firn.internal.restores");
    private static final Duration IDLE = Duration.ofMillis(50);
    /** Bytes of a step: short enough to stop soon, and to let others at the disk. */
    private static final long STEP_BYTES = 2 << 20;

    /** One compresses while the other waits for the disk. */
    private static final int UPLOADERS = 2;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final VolumeStore volumes;
    private final SnapshotStore store;
    private final VolumeSnapshots snapshots;

    private BlockStorage(Path data, ObjectStore objects, Clock clock, SnapshotStoreOptions storeOptions) {
        try {
            VolumeSnapshotsOptions options = VolumeSnapshotsOptions.DEFAULT;
            store = open(SnapshotStore.open(
                    objects,
                    clock,
                    Randomness.secure(),
                    storeOptions.withBucket(SNAPSHOTS).withMasterKey(VolumeFolder.masterKey(data))));
            SnapshotSources sources = SnapshotSources.open(store, FirstTouches.open(objects, RESTORES), options);
            volumes = open(VolumeFolder.open(data, clock, sources));
            snapshots = VolumeSnapshots.open(volumes, store, sources, clock, options);
            for (int i = 0; i < UPLOADERS; i++) {
                open(Threads.loop("firn-snapshot-upload-" + i, snapshots.uploads(), STEP_BYTES, IDLE));
            }
            open(Threads.loop("firn-snapshot-restore", snapshots.hydration(), STEP_BYTES, IDLE));
            open(Threads.loop("firn-snapshot-care", store.task(), 1, IDLE));
        } catch (RuntimeException | Error failed) {
            closeOpened();
            throw failed;
        }
    }

    private BlockStorage(VolumeStore volumes, SnapshotStore store, VolumeSnapshots snapshots) {
        this.volumes = volumes;
        this.store = store;
        this.snapshots = snapshots;
    }

    /** Stores that somebody else opened, steps and closes, as simulations do; closing this changes nothing. */
    public static BlockStorage of(VolumeStore volumes, SnapshotStore store, VolumeSnapshots snapshots) {
        return new BlockStorage(volumes, store, snapshots);
    }

    /** Opens what is in a data folder whose lock the caller holds, and goes on with what was under way. */
    public static BlockStorage open(Path data, ObjectStore objects, Clock clock) {
        return open(data, objects, clock, SnapshotStoreOptions.DEFAULT);
    }

    /** As {@link #open(Path, ObjectStore, Clock)}; bucket and master key of the options are not used. */
    public static BlockStorage open(Path data, ObjectStore objects, Clock clock, SnapshotStoreOptions options) {
        return new BlockStorage(data, objects, clock, options);
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    public VolumeStore volumes() {
        return volumes;
    }

    public SnapshotStore store() {
        return store;
    }

    public VolumeSnapshots snapshots() {
        return snapshots;
    }

    @Override
    public void close() {
        closeOpened();
    }

    private void closeOpened() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception failed) {
                System.getLogger(BlockStorage.class.getName()).log(System.Logger.Level.ERROR, "while closing", failed);
            }
        }
    }
}
