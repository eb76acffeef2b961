package io.firn.snapshot;

import static io.firn.snapshot.VolumeSnapshotsRig.BLOCK;
import static io.firn.snapshot.VolumeSnapshotsRig.VOLUME_BYTES;
import static io.firn.snapshot.VolumeSnapshotsRig.bytes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.Volume;
import io.firn.io.VirtualClock;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.SimDisk;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The power fails at every sync of creating, uploading, restoring, filling and deleting, of either store's disk. */
final class VolumeSnapshotsCrashTest {

    private static VirtualClock clock() {
        return new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    }

    private static void live(VolumeSnapshotsRig rig) {
        rig.open();
        rig.create("disk");
        rig.write("disk", 0, bytes(1, VOLUME_BYTES));
        SnapshotId first = rig.whole("disk");
        rig.write("disk", Chunk.BYTES, bytes(2, BLOCK));
        rig.snapshot("disk");
        rig.upload(1);
        rig.upload(1);
        rig.restore(first, "slow", false);
        rig.hydrate(2 * Chunk.BYTES);
        rig.snapshot("slow");
        rig.uploadAll();
        rig.restore(first, "fast", true);
        rig.leaving.put(first, Objects.requireNonNull(rig.expected.remove(first)));
        rig.snapshots.delete(first);
        rig.hydrateAll();
        rig.store.step();
        rig.close();
    }

    private static void check(VolumeSnapshotsRig before, VolumeSnapshotsRig after) {
        after.open();
        after.expected.putAll(before.expected);
        for (SnapshotInfo info : after.snapshots.infos()) {
            byte[] shown = before.leaving.getOrDefault(
                    info.id(), before.expectedVolumes.get(info.spec().volume()));
            if (shown != null) {
                after.expected.putIfAbsent(info.id(), shown);
            }
        }
        after.uploadAll();
        after.checkSnapshots();
        before.expected
                .keySet()
                .forEach(id -> assertTrue(after.store.snapshot(id).isPresent(), id + " is lost"));
        for (String name : new String[] {"slow", "fast"}) {
            byte[] shown = before.expectedVolumes.get(name);
            if (shown != null) {
                Volume volume = after.volume(name).orElseThrow();
                VolumeSnapshotsRig.assertSame(name, shown, VolumeSnapshotsRig.content(volume));
            }
        }
        after.hydrateAll();
        for (Volume volume : after.volumes.list()) {
            assertTrue(volume.views().isEmpty(), "a view of " + volume.name() + " is left");
            byte[] shown = before.expectedVolumes.get(volume.name().value());
            if (shown != null && !volume.name().value().equals("disk")) {
                VolumeSnapshotsRig.assertSame("filled " + volume.name(), shown, VolumeSnapshotsRig.content(volume));
            }
        }
        assertTrue(
                after.store.infos().stream().noneMatch(SnapshotSources::isHidden),
                "a copy that stood in for a deleted snapshot is left");
        after.close();
    }

    /** A create syncs two disks at once: in either order, a crash between the two finds the one done and not the other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void survivesAPowerFailureAtEverySyncOfTheVolumes(boolean isSealSyncedFirst) {
        long syncs = CrashPoints.everySync(
                1,
                2,
                () -> new AtomicReference<VolumeSnapshotsRig>(),
                (disk, history) -> {
                    VolumeSnapshotsRig rig = new VolumeSnapshotsRig(disk, new SimDisk(2), clock());
                    rig.isSealSyncedFirst = isSealSyncedFirst;
                    history.set(rig);
                    live(rig);
                },
                (found, history) -> {
                    VolumeSnapshotsRig before = Objects.requireNonNull(history.get());
                    check(
                            before,
                            new VolumeSnapshotsRig(
                                    found, before.objectDisk.copy().crash(3), before.clock));
                });
        assertTrue(syncs > 10, "syncs: " + syncs);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void survivesAPowerFailureAtEverySyncOfTheObjects(boolean isSealSyncedFirst) {
        long syncs = CrashPoints.everySync(
                1,
                2,
                () -> new AtomicReference<VolumeSnapshotsRig>(),
                (disk, history) -> {
                    VolumeSnapshotsRig rig = new VolumeSnapshotsRig(new SimDisk(2), disk, clock());
                    rig.isSealSyncedFirst = isSealSyncedFirst;
                    history.set(rig);
                    live(rig);
                },
                (found, history) -> {
                    VolumeSnapshotsRig before = Objects.requireNonNull(history.get());
                    check(
                            before,
                            new VolumeSnapshotsRig(before.volumeDisk.copy().crash(3), found, before.clock));
                });
        assertTrue(syncs > 10, "syncs: " + syncs);
    }
}
