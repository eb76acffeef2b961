package io.firn.bench.snapshot;

import io.firn.bench.Scratch;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Clock;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.Threads;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.snapshot.FirstTouches;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotSources;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshotsOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Volumes and their snapshots in a folder of the disk to measure, wired as the server wires them, with the threads and steps it has. Closing
 * leaves the folder as it is.
 */
final class Rig implements AutoCloseable {
    private static final Duration IDLE = Duration.ofMillis(50);
    private static final Duration POLL = Duration.ofMillis(1);
    private static final long STEP_BYTES = 2 << 20;
    private static final int UPLOADERS = 2;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Clock clock;
    private final VolumeStore volumes;
    private final SnapshotStore store;
    private final VolumeSnapshots snapshots;

    Rig(Scratch scratch, String name) {
        clock = scratch.clock();
        VolumeSnapshotsOptions options = VolumeSnapshotsOptions.DEFAULT;
        ObjectStore objects = open(scratch.store(name + "/objects", ObjectStoreOptions.DEFAULT));
        store = open(SnapshotStore.open(objects, clock, Randomness.secure(), SnapshotStoreOptions.DEFAULT));
        SnapshotSources sources =
                SnapshotSources.open(store, FirstTouches.open(objects, new BucketName("restores")), options);
        volumes = open(VolumeStore.open(
                FileChannelDisk.open(scratch.folder().resolve(name).resolve("volumes")),
                clock,
                VolumeStoreOptions.DEFAULT.withSources(sources)));
        snapshots = VolumeSnapshots.open(volumes, store, sources, clock, options);
        for (int i = 0; i < UPLOADERS; i++) {
            open(Threads.loop("firn-snapshot-upload-" + i, snapshots.uploads(), STEP_BYTES, IDLE));
        }
        open(Threads.loop("firn-snapshot-restore", snapshots.hydration(), STEP_BYTES, IDLE));
        open(Threads.loop("firn-snapshot-care", store.task(), 1, IDLE));
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    VolumeStore volumes() {
        return volumes;
    }

    SnapshotStore store() {
        return store;
    }

    VolumeSnapshots snapshots() {
        return snapshots;
    }

    Volume create(String name, long sizeBytes) {
        return volumes.create(VolumeSpec.of(name, sizeBytes)).orElseThrow();
    }

    /** Takes a snapshot and waits until it is whole. */
    SnapshotInfo whole(Volume volume) {
        SnapshotInfo info =
                snapshots.create(volume, SnapshotSpec.of(volume.sizeBytes())).orElseThrow();
        awaitUploads();
        return store.info(info.id()).orElseThrow();
    }

    void awaitUploads() {
        while (snapshots.uploading() > 0) {
            Threads.sleep(POLL);
        }
    }

    /** Writes {@code bytes} of content from {@code offset} on. */
    void write(Volume volume, Content content, long offset, long bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        for (long at = offset; at < offset + bytes; at += buffer.capacity()) {
            volume.write(at, content.fill(buffer));
        }
        volume.flush();
    }

    /** What {@code work} takes. */
    double seconds(Runnable work) {
        long startNanos = clock.nanoTime();
        work.run();
        return (clock.nanoTime() - startNanos) / 1e9;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception failed) {
                throw new IllegalStateException("while closing", failed);
            }
        }
    }
}
