package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.MasterKey;
import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Randomness;
import io.firn.io.Task;
import io.firn.io.VirtualClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Both stores on simulated disks, what binds them, and beside them arrays of what volumes and snapshots must show. */
final class VolumeSnapshotsRig {
    static final int BLOCK = 4096;

    /** Five chunks and a half, and a last block that is not whole. */
    static final int VOLUME_BYTES = 88 * BLOCK - 1000;

    static final VolumeSnapshotsOptions OPTIONS = VolumeSnapshotsOptions.DEFAULT.withSaveBytes(2 * Chunk.BYTES);

    final VirtualClock clock;
    SimDisk volumeDisk;
    SimDisk objectDisk;
    ObjectStore objects;
    SnapshotStore store;
    VolumeStore volumes;
    VolumeSnapshots snapshots;
    private Task uploads = budget -> 0;
    private Task hydration = budget -> 0;
    private long lives;

    /** Whether a create makes its seal durable before its record, or after it. */
    boolean isSealSyncedFirst = true;

    /** Whether chunks that were stored before are linked to. */
    boolean isDeduplicating;

    /** How many were, in lives that are over. */
    long linked;

    /** A seal that is no snapshot's was cut short, and nobody is left to release it. */
    boolean isSealLeft;

    final Map<String, byte[]> expectedVolumes = new TreeMap<>();
    final Map<SnapshotId, byte[]> expected = new TreeMap<>();

    /** Those whose deletion was cut short: gone, whole, or given up when they were pending. */
    final Map<SnapshotId, byte[]> leaving = new TreeMap<>();

    VolumeSnapshotsRig(long seed) {
        this(new SimDisk(seed), new SimDisk(seed + 1), new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")));
    }

    @SuppressWarnings("NullAway.Init") // by open()
    VolumeSnapshotsRig(SimDisk volumeDisk, SimDisk objectDisk, VirtualClock clock) {
        this.clock = clock;
        this.volumeDisk = volumeDisk;
        this.objectDisk = objectDisk;
    }

    void open() {
        linked += lives > 0 ? store.figures().chunksLinked() : 0;
        lives++;
        MasterKey masterKey = new MasterKey(bytes(7, MasterKey.BYTES));
        RandomGenerator random = Randomness.seeded(volumeDisk.fingerprint() * 31 + lives);
        objects = ObjectStore.openInMemory(
                List.of(objectDisk), clock, random, ObjectStoreOptions.DEFAULT.withSmallFiles());
        SnapshotStoreOptions options = SnapshotStoreOptions.DEFAULT
                .withBucket("snapshots")
                .withPackBytes(Chunk.BYTES * 2)
                .withMasterKey(masterKey);
        store = SnapshotStore.open(objects, clock, random, isDeduplicating ? options.withDeduplication() : options);
        SnapshotSources sources =
                SnapshotSources.open(store, FirstTouches.open(objects, new BucketName("restores")), OPTIONS);
        volumes = VolumeStore.openStepped(
                volumeDisk,
                clock,
                random,
                VolumeStoreOptions.DEFAULT
                        .withSmallFiles()
                        .withMasterKey(masterKey)
                        .withSources(sources));
        snapshots = VolumeSnapshots.open(
                volumes, store, sources, clock, OPTIONS, isSealSyncedFirst ? Runnable::run : sync -> {});
        uploads = snapshots.uploads();
        hydration = snapshots.hydration();
    }

    void close() {
        volumes.close();
        store.close();
        objects.close();
    }

    /** The process is gone, the machine is not: what was acknowledged is there. */
    void killed() {
        SimDisk volumesFound = volumeDisk.kill();
        SimDisk objectsFound = objectDisk.kill();
        volumeDisk = volumesFound;
        objectDisk = objectsFound;
        open();
    }

    /** The power is gone: volumes are what they are found to be, snapshots what they were. */
    void powerFailed(long seed) {
        SimDisk volumesFound = volumeDisk.crash(seed);
        SimDisk objectsFound = objectDisk.crash(seed + 1);
        volumeDisk = volumesFound;
        objectDisk = objectsFound;
        open();
        expectedVolumes.clear();
        volumes.list().forEach(volume -> expectedVolumes.put(volume.name().value(), content(volume)));
    }

    Optional<Volume> volume(String name) {
        return volumes.find(new VolumeName(name));
    }

    void create(String name) {
        create(VolumeSpec.of(name, VOLUME_BYTES));
    }

    void createEncrypted(String name) {
        create(VolumeSpec.of(name, VOLUME_BYTES).encrypted());
    }

    private void create(VolumeSpec spec) {
        String name = spec.name().value();
        assertTrue(volumes.create(spec).isPresent());
        expectedVolumes.put(name, new byte[VOLUME_BYTES]);
    }

    void write(String name, long offset, byte[] bytes) {
        volume(name).orElseThrow().write(offset, ByteBuffer.wrap(bytes));
        System.arraycopy(bytes, 0, expectedOf(name), (int) offset, bytes.length);
    }

    void trim(String name, int offset, int length) {
        volume(name).orElseThrow().trim(offset, length);
        Arrays.fill(expectedOf(name), offset, offset + length, (byte) 0);
    }

    byte[] expectedOf(String name) {
        return Objects.requireNonNull(expectedVolumes.get(name), name);
    }

    SnapshotId snapshot(String name) {
        byte[] now = expectedOf(name).clone();
        SnapshotInfo info = snapshots
                .create(volume(name).orElseThrow(), SnapshotSpec.of(1).withDescription("of " + name))
                .orElseThrow();
        expected.put(info.id(), now);
        return info.id();
    }

    /** Takes one and uploads it. */
    SnapshotId whole(String name) {
        SnapshotId id = snapshot(name);
        uploadAll();
        return id;
    }

    void upload(long budget) {
        uploads.step(budget);
    }

    void uploadAll() {
        for (int i = 0; i < 10_000 && snapshots.uploading() > 0; i++) {
            uploads.step(1 << 20);
        }
        assertEquals(0, snapshots.uploading());
    }

    void hydrate(long budget) {
        hydration.step(budget);
    }

    void hydrateAll() {
        for (int i = 0; i < 10_000 && snapshots.hydrating() > 0; i++) {
            hydration.step(1 << 20);
        }
        assertEquals(0, snapshots.hydrating());
    }

    void restore(SnapshotId id, String name, boolean isFast) {
        byte[] bytes = Objects.requireNonNull(expected.get(id), id.text());
        Volume volume =
                snapshots.restore(id, VolumeSpec.of(name, bytes.length), 0).orElseThrow();
        expectedVolumes.put(name, bytes.clone());
        if (isFast) {
            snapshots.awaitFilled(volume);
        }
    }

    void cloneOf(String name, String made) {
        isSealLeft = true;
        SealedView view = volume(name).orElseThrow().seal();
        assertTrue(volumes.cloneOf(view, new VolumeName(made)).isPresent());
        view.release();
        isSealLeft = false;
        expectedVolumes.put(made, expectedOf(name).clone());
    }

    void sealAndRelease(String name) {
        isSealLeft = true;
        volume(name).orElseThrow().seal().release();
        isSealLeft = false;
    }

    void delete(String name) {
        volumes.delete(volume(name).orElseThrow());
        expectedVolumes.remove(name);
    }

    void delete(SnapshotId id) {
        leaving.put(id, Objects.requireNonNull(expected.remove(id)));
        snapshots.delete(id).orElseThrow();
        leaving.remove(id);
    }

    List<SnapshotId> readable() {
        List<SnapshotId> ids = new ArrayList<>();
        for (SnapshotId id : expected.keySet()) {
            if (store.snapshot(id).isPresent()) {
                ids.add(id);
            }
        }
        return ids;
    }

    SnapshotInfo info(SnapshotId id) {
        return store.info(id).orElseThrow();
    }

    void checkVolumes() {
        assertEquals(
                List.copyOf(expectedVolumes.keySet()),
                volumes.list().stream().map(volume -> volume.name().value()).toList());
        expectedVolumes.forEach((name, bytes) ->
                assertSame("volume " + name, bytes, content(volume(name).orElseThrow())));
    }

    void checkSnapshots() {
        expected.forEach((id, bytes) -> {
            SnapshotInfo info = info(id);
            assertTrue(info.state() != SnapshotState.ERROR, id + ": " + info.reason());
            store.snapshot(id)
                    .ifPresent(snapshot -> assertSame("snapshot " + info, bytes, content(snapshot, info.sizeBytes())));
        });
    }

    static void assertSame(String what, byte[] expected, byte[] found) {
        int at = Arrays.mismatch(expected, found);
        assertTrue(at < 0, () -> what + " differs at byte " + at + " of " + expected.length + ", block " + at / BLOCK);
    }

    static byte[] content(Volume volume) {
        ByteBuffer bytes = ByteBuffer.allocate((int) volume.sizeBytes());
        volume.read(0, bytes);
        return bytes.array();
    }

    static byte[] content(Snapshot snapshot, long sizeBytes) {
        ByteBuffer bytes = ByteBuffer.allocate((int) sizeBytes);
        snapshot.read(0, bytes);
        return bytes.array();
    }

    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        Randomness.seeded(seed).nextBytes(bytes);
        return bytes;
    }
}
