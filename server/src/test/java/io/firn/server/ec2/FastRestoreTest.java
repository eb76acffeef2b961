package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.server.wire.Fields;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A volume of a snapshot with fast restore on: {@code creating} until everything is in, and nobody waits for it. */
final class FastRestoreTest {
    private static final int BYTES = 1 << 20;

    private final Ec2Rig rig = new Ec2Rig(new SimDisk(1));
    private String snapshot = "";

    @BeforeEach
    void takeSnapshot() {
        String volume = rig.volume();
        byte[] bytes = new byte[BYTES];
        Randomness.seeded(1).nextBytes(bytes);
        rig.write(volume, 0, bytes);
        snapshot = rig.snapshot(volume);
    }

    private Fields change(String operation, String... zones) {
        return rig.call(
                operation,
                new Fields()
                        .putTexts("AvailabilityZones", List.of(zones))
                        .putTexts("SourceSnapshotIds", List.of(snapshot)));
    }

    private Fields wish() {
        return new Fields()
                .put("AvailabilityZone", Ec2Rig.ZONE)
                .put("SnapshotId", snapshot)
                .put("ClientToken", "once");
    }

    private String restored() {
        change("EnableFastSnapshotRestores", Ec2Rig.ZONE);
        return rig.call("CreateVolume", wish()).requiredText("VolumeId");
    }

    private static Fields named(String volume) {
        return new Fields().put("VolumeId", volume);
    }

    @Test
    void isCreatingUntilEverythingIsIn() {
        String volume = restored();
        rig.fill(BYTES / 4);
        assertEquals("creating", rig.state(volume));
        assertEquals(volume, rig.call("CreateVolume", wish()).requiredText("VolumeId"));
        assertEquals("IncorrectState", rig.refused("CreateSnapshot", named(volume)));
        assertEquals("IncorrectState", rig.refused("ModifyVolume", named(volume).put("Size", 2)));
        assertEquals("IncorrectState", rig.refused("CopyVolumes", new Fields().put("SourceVolumeId", volume)));
        assertEquals(
                "IncorrectState",
                rig.refused(
                        "AttachVolume",
                        named(volume).put("InstanceId", "i-0123456789abcdef0").put("Device", "/dev/sdf")));
        rig.killed();
        assertEquals("creating", rig.state(volume));
        rig.fillAll();
        assertEquals("available", rig.state(volume));
        assertTrue(rig.describe(volume).truth("FastRestored").orElseThrow());
        rig.call("CreateSnapshot", named(volume));
    }

    @Test
    void isDeletedBeforeEverythingIsIn() {
        String volume = restored();
        rig.call("DeleteVolume", named(volume));
        rig.fillAll();
        assertEquals("InvalidVolume.NotFound", rig.refused("DeleteVolume", named(volume)));
    }

    @Test
    void isInErrorWhenTheSnapshotIsDamaged() {
        String volume = restored();
        rig.killed();
        rig.rotObjects();
        rig.fill(2 * BYTES);
        assertEquals("error", rig.state(volume));
        rig.call("DeleteVolume", named(volume));
    }

    @Test
    void servesAtOnceWhereFastRestoreIsOff() {
        change("EnableFastSnapshotRestores", "us-east-1b");
        String volume = rig.call("CreateVolume", wish()).requiredText("VolumeId");
        assertEquals("available", rig.state(volume));
        assertEquals(1, rig.snapshots.hydrating());
    }

    private static List<String> zones(List<Fields> items) {
        return items.stream().map(item -> item.requiredText("AvailabilityZone")).toList();
    }

    @Test
    void everyZoneIsInOneOfTheTwoLists() {
        change("EnableFastSnapshotRestores", Ec2Rig.ZONE);
        Fields answer = change("DisableFastSnapshotRestores", Ec2Rig.ZONE, "us-east-1b", "us-east-1b");
        assertEquals(List.of(Ec2Rig.ZONE), zones(answer.structures("Successful")));
        Fields failed = answer.structures("Unsuccessful").getFirst();
        assertEquals(snapshot, failed.requiredText("SnapshotId"));
        List<Fields> errors = failed.structures("FastSnapshotRestoreStateErrors");
        assertEquals(List.of("us-east-1b"), zones(errors));
        assertEquals(
                "IncorrectState",
                errors.getFirst().fields("Error").orElseThrow().requiredText("Code"));
        Fields again = change("DisableFastSnapshotRestores", Ec2Rig.ZONE);
        assertEquals(List.of(), again.structures("Successful"));
        assertEquals(1, again.structures("Unsuccessful").size());
        assertEquals(
                List.of(),
                rig.call("DescribeFastSnapshotRestores", new Fields()).structures("FastSnapshotRestores"));
    }
}
