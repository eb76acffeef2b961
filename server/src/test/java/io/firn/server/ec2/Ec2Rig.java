package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.Task;
import io.firn.io.VirtualClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import io.firn.server.wire.Principal;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.FirstTouches;
import io.firn.snapshot.SnapshotSources;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshotsOptions;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** EC2's operations over stores and a register on one simulated disk, and calls of them as clients make them. */
final class Ec2Rig {
    static final String ZONE = "us-east-1a";
    private static final Principal ROOT = new Principal("123456789012", "root", true);

    final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    SimDisk disk;
    Register register;
    VolumeStore volumes;
    SnapshotStore store;
    VolumeSnapshots snapshots;
    private Task uploads = budget -> 0;
    private Task hydration = budget -> 0;
    private Map<String, Operation> operations = new HashMap<>();
    private long lives;

    @SuppressWarnings("NullAway.Init") // by open()
    Ec2Rig(SimDisk disk) {
        this.disk = disk;
        open();
    }

    private void open() {
        // Nobody gets an id again that somebody had before a restart.
        RandomGenerator random = Randomness.seeded(disk.fingerprint() * 31 + ++lives);
        ObjectStore objects = ObjectStore.openInMemory(
                List.of(new FolderDisk(disk, "objects")),
                clock,
                random,
                ObjectStoreOptions.DEFAULT.withSmallFiles().withReserveBytes(0));
        store = SnapshotStore.open(objects, clock, random, SnapshotStoreOptions.DEFAULT.withPackBytes(1 << 20));
        SnapshotSources sources = SnapshotSources.open(
                store, FirstTouches.open(objects, new BucketName("restores")), VolumeSnapshotsOptions.DEFAULT);
        volumes = VolumeStore.openStepped(
                new FolderDisk(disk, "volumes"),
                clock,
                random,
                VolumeStoreOptions.DEFAULT.withSmallFiles().withSources(sources));
        snapshots = VolumeSnapshots.open(volumes, store, sources, clock, VolumeSnapshotsOptions.DEFAULT);
        uploads = snapshots.uploads();
        hydration = snapshots.hydration();
        register = Register.open(new FolderDisk(disk, "ec2"), clock);
        BlockStorage blocks = BlockStorage.of(volumes, store, snapshots);
        operations = Ec2.operations(new Region("us-east-1", blocks, register, clock, random), clock);
    }

    /** The process is gone, the machine is not. */
    void killed() {
        disk = disk.kill();
        open();
    }

    Fields call(String operation, Fields input) {
        return Objects.requireNonNull(operations.get(operation)).handle(new Call(operation, input, ROOT, "request"));
    }

    /** The code of the error. */
    String refused(String operation, Fields input) {
        return assertThrows(ServiceException.class, () -> call(operation, input))
                .code();
    }

    static Fields tag(String key, String value) {
        return new Fields().put("Key", key).put("Value", value);
    }

    /** What to ask for so that the thing gets a tag. */
    static List<Fields> tagged(String type, String key, String value) {
        return List.of(new Fields().put("ResourceType", type).put("Tags", List.of(tag(key, value))));
    }

    /** An empty volume of 1 GiB. */
    String volume() {
        return call("CreateVolume", new Fields().put("AvailabilityZone", ZONE).put("Size", 1))
                .requiredText("VolumeId");
    }

    /** A running instance in the volumes' zone. */
    String instance() {
        return call("RunInstances", launch(1))
                .structures("Instances")
                .getFirst()
                .requiredText("InstanceId");
    }

    static Fields launch(int count) {
        return new Fields()
                .put("ImageId", "ami-0123456789abcdef0")
                .put("MinCount", count)
                .put("MaxCount", count);
    }

    void write(String volumeId, long offset, byte[] bytes) {
        volumes.find(new VolumeName(volumeId)).orElseThrow().write(offset, ByteBuffer.wrap(bytes));
    }

    /** A whole snapshot of a volume. */
    String snapshot(String volumeId) {
        String id =
                call("CreateSnapshot", new Fields().put("VolumeId", volumeId)).requiredText("SnapshotId");
        uploadAll();
        return id;
    }

    void uploadAll() {
        while (snapshots.uploading() > 0) {
            uploads.step(1 << 20);
        }
    }

    /** Turns a bit in every 64 KiB of what the object store holds. */
    void rotObjects() {
        for (String name : disk.files()) {
            if (name.startsWith("objects/")) {
                long length;
                try (DiskFile file = disk.open(name, Disk.OpenMode.READ)) {
                    length = file.length();
                }
                for (long at = 50_000; at < length; at += 1 << 16) {
                    disk.flipBit(name, at, 0);
                }
            }
        }
    }

    /** Brings in about so much. */
    void fill(long bytes) {
        hydration.step(bytes);
    }

    void fillAll() {
        for (int i = 0; i < 1_000 && snapshots.hydrating() > 0; i++) {
            fill(1 << 20);
        }
        assertEquals(0, snapshots.hydrating());
    }

    List<Fields> volumes() {
        return call("DescribeVolumes", new Fields()).structures("Volumes");
    }

    Fields describe(String volumeId) {
        return call("DescribeVolumes", new Fields().putTexts("VolumeIds", List.of(volumeId)))
                .structures("Volumes")
                .getFirst();
    }

    String state(String volumeId) {
        return describe(volumeId).requiredText("State");
    }
}
