package io.firn.snapshot;

import static io.firn.snapshot.VolumeSnapshotsRig.BLOCK;
import static io.firn.snapshot.VolumeSnapshotsRig.bytes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.Volume;
import io.firn.io.Randomness;
import io.firn.testkit.PowerFailure;
import io.firn.testkit.Property;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Volumes written, sealed, cloned, snapshotted, restored and deleted at random, with kills and power failures: every snapshot shows for ever
 * what its volume showed at the call, every restored volume what its snapshot shows. Every fourth history deduplicates and writes whole chunks
 * of few contents.
 */
final class VolumeSnapshotsModelTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    private static final int CONTENTS = 2;
    private static final LongAdder LINKED = new LongAdder();

    private record Step(int kind, int which, int at, int length, long value) {
        /** Writes a content that others have too. */
        Step common() {
            return new Step(kind, which, at / Chunk.BYTES * Chunk.BYTES, Chunk.BYTES, Math.floorMod(value, CONTENTS));
        }
    }

    private static List<Step> steps(RandomGenerator random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            steps.add(new Step(
                    random.nextInt(40),
                    random.nextInt(64),
                    random.nextInt(VolumeSnapshotsRig.VOLUME_BYTES),
                    1 + random.nextInt(3 * Chunk.BYTES / 2),
                    random.nextLong()));
        }
        return steps;
    }

    @Test
    void everySnapshotShowsItsInstantForEver() {
        Property.check(
                "snapshots and restored volumes show what they must",
                2_000,
                VolumeSnapshotsModelTest::steps,
                (seed, steps) -> run(new VolumeSnapshotsRig(seed), seed, steps));
        boolean isReplay = System.getProperty("firn.seed") != null;
        assertTrue(isReplay || LINKED.sum() > 100, "links were made: " + LINKED);
    }

    private static void run(VolumeSnapshotsRig rig, long seed, List<Step> steps) {
        RandomGenerator random = Randomness.seeded(seed ^ 0x5a5a);
        rig.isDeduplicating = seed % 4 == 0;
        rig.isSealSyncedFirst = seed % 2 == 0;
        rig.open();
        if (seed % 4 == 1) {
            rig.createEncrypted("a");
        } else {
            rig.create("a");
        }
        rig.write("a", 0, bytes(rig.isDeduplicating ? 1 : seed, VolumeSnapshotsRig.VOLUME_BYTES / 2));
        boolean isSealLeft = false;
        for (Step step : steps) {
            if (step.kind() == 39) {
                int more = 1 + random.nextInt(6);
                (random.nextBoolean() ? rig.volumeDisk : rig.objectDisk)
                        .crashAtSync((random.nextBoolean() ? rig.volumeDisk : rig.objectDisk).syncCount() + more);
            }
            Map<String, byte[]> before = new TreeMap<>();
            rig.expectedVolumes.forEach((name, content) -> before.put(name, content.clone()));
            try {
                apply(rig, step);
            } catch (PowerFailure failed) {
                isSealLeft |= rig.isSealLeft;
                rig.isSealLeft = false;
                rig.powerFailed(step.value());
                adopt(rig, before);
            }
        }
        if (rig.volumeDisk.isOff() || rig.objectDisk.isOff()) {
            rig.powerFailed(seed);
        }
        finish(rig, seed, isSealLeft || rig.isSealLeft);
    }

    private static void finish(VolumeSnapshotsRig rig, long seed, boolean isSealLeft) {
        try {
            rig.uploadAll();
            rig.checkSnapshots();
            rig.checkVolumes();
            rig.hydrateAll();
            rig.store.step();
        } catch (PowerFailure failed) {
            rig.powerFailed(seed);
            rig.uploadAll();
        }
        rig.hydrateAll();
        rig.store.step();
        rig.checkSnapshots();
        rig.checkVolumes();
        rig.killed();
        LINKED.add(rig.linked);
        rig.checkSnapshots();
        rig.checkVolumes();
        for (SnapshotId id : rig.readable()) {
            SnapshotVerification found = rig.store.verify(id, VerifyDepth.FULL).orElseThrow();
            assertTrue(found.isSound(), () -> found.problems().toString());
        }
        for (Volume volume : rig.volumes.list()) {
            assertTrue(isSealLeft || volume.views().isEmpty(), "a view of " + volume.name() + " is left");
        }
        rig.close();
    }

    /** Takes note of snapshots whose calls a power failure cut short, and forgets those whose deletion it did not. */
    private static void adopt(VolumeSnapshotsRig rig, Map<String, byte[]> before) {
        for (SnapshotInfo info : rig.snapshots.infos()) {
            boolean isGivenUp = rig.leaving.containsKey(info.id()) && info.state() == SnapshotState.ERROR;
            Optional<byte[]> shown = Optional.ofNullable(
                    rig.leaving.getOrDefault(info.id(), before.get(info.spec().volume())));
            if (!isGivenUp && !rig.expected.containsKey(info.id()) && shown.isPresent()) {
                rig.expected.put(info.id(), shown.get());
            }
        }
        rig.expected.keySet().removeIf(id -> rig.store.info(id).isEmpty());
        rig.leaving.keySet().removeAll(rig.expected.keySet());
        // A restore or clone that was cut short may have made its volume.
    }

    private static void apply(VolumeSnapshotsRig rig, Step step) {
        String name = NAMES.get(step.which() % NAMES.size());
        String other = NAMES.get(step.which() / 4 % NAMES.size());
        boolean isThere = rig.volume(name).isPresent();
        List<SnapshotId> readable = rig.readable();
        switch (step.kind()) {
            case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> {
                if (isThere) {
                    Step write = rig.isDeduplicating ? step.common() : step;
                    int length = Math.min(write.length(), rig.expectedOf(name).length - write.at());
                    rig.write(name, write.at(), bytes(write.value(), length));
                }
            }
            case 9, 10, 11 -> {
                if (isThere) {
                    int at = step.at() / BLOCK * BLOCK;
                    int length =
                            Math.min(step.length() / BLOCK * BLOCK, (rig.expectedOf(name).length - at) / BLOCK * BLOCK);
                    rig.trim(name, at, length);
                }
            }
            case 12, 13, 14, 15, 16 -> {
                boolean mayTake = rig.snapshots.uploading() < 4;
                if (isThere && mayTake) {
                    rig.snapshot(name);
                }
            }
            case 17, 18, 19, 20 -> rig.upload(step.length());
            case 21, 22 -> rig.uploadAll();
            case 23, 24, 25 -> {
                if (!isThere && !readable.isEmpty()) {
                    rig.restore(readable.get(step.which() % readable.size()), name, step.length() % 4 == 0);
                }
            }
            case 26, 27 -> rig.hydrate(step.length());
            case 28 -> rig.hydrateAll();
            case 29, 30 -> {
                if (isThere && rig.volume(other).isEmpty()) {
                    rig.cloneOf(name, other);
                }
            }
            case 31 -> {
                if (isThere && !name.equals("a")) {
                    rig.delete(name);
                }
            }
            case 32, 33 -> {
                List<SnapshotId> all = List.copyOf(rig.expected.keySet());
                if (!all.isEmpty()) {
                    rig.delete(all.get(step.which() % all.size()));
                }
            }
            case 34 -> rig.killed();
            case 35 -> {
                rig.volumes.checkpoint();
                rig.volumes.clean();
                rig.volumes.flatten(1000);
            }
            case 36 -> {
                if (isThere) {
                    Volume volume = rig.volume(name).orElseThrow();
                    int at = step.at() / BLOCK * BLOCK;
                    ByteBuffer found = ByteBuffer.allocate(Math.min(BLOCK, (int) volume.sizeBytes() - at));
                    volume.read(at, found);
                    byte[] wanted = new byte[found.capacity()];
                    System.arraycopy(rig.expectedOf(name), at, wanted, 0, wanted.length);
                    VolumeSnapshotsRig.assertSame("a read of " + name, wanted, found.array());
                }
            }
            case 37 -> {
                if (isThere) {
                    rig.sealAndRelease(name);
                    if (step.length() % 2 == 0) {
                        Volume volume = rig.volume(name).orElseThrow();
                        volume.forgetChanges(volume.epoch() - 1);
                    }
                }
            }
            case 38 -> rig.store.step();
            default -> rig.checkSnapshots();
        }
    }
}
