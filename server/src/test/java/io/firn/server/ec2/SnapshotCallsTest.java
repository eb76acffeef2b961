package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.firn.server.wire.Fields;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SnapshotCallsTest {
    private final Ec2Rig rig = new Ec2Rig(new SimDisk(1));
    private final String snapshot = rig.snapshot(rig.volume());

    private Fields copy() {
        return new Fields().put("SourceRegion", "us-east-1").put("SourceSnapshotId", snapshot);
    }

    private List<Fields> snapshots(String filter, String value) {
        Fields wanted = new Fields().put("Name", filter).putTexts("Values", List.of(value));
        return rig.call("DescribeSnapshots", new Fields().put("Filters", List.of(wanted)))
                .structures("Snapshots");
    }

    @Test
    void aCopyIsDoneInTheTimeThatIsNamed() {
        for (long minutes : new long[] {0, 14, 16, 2881, 2895, -15}) {
            assertEquals(
                    "InvalidParameterValue",
                    rig.refused("CopySnapshot", copy().put("CompletionDurationMinutes", minutes)));
        }
        assertEquals(1, rig.snapshots.infos().size(), "what is refused makes nothing");
        String timed = rig.call("CopySnapshot", copy().put("CompletionDurationMinutes", 45))
                .requiredText("SnapshotId");
        rig.call("CopySnapshot", copy());
        rig.killed();
        List<Fields> found = snapshots("transfer-type", "time-based");
        assertEquals(1, found.size());
        Fields told = found.getFirst();
        assertEquals(timed, told.requiredText("SnapshotId"));
        assertEquals("completed", told.requiredText("State"));
        assertEquals(45, told.number("CompletionDurationMinutes").orElseThrow());
        assertEquals(found, snapshots("completion-duration-minutes", "45"));
        assertFalse(snapshots("snapshot-id", snapshot).getFirst().has("TransferType"));
    }

    private Fields sharing(String operation, String... parties) {
        return new Fields()
                .put("SnapshotId", snapshot)
                .put("Attribute", "createVolumePermission")
                .put("OperationType", operation)
                .putTexts("UserIds", List.of(parties));
    }

    private List<String> parties() {
        Fields asked = new Fields().put("SnapshotId", snapshot).put("Attribute", "createVolumePermission");
        return rig.call("DescribeSnapshotAttribute", asked).structures("CreateVolumePermissions").stream()
                .map(each -> each.text("UserId").orElse("all"))
                .toList();
    }

    @Test
    void isSharedWithAccountsAndEveryone() {
        rig.call("ModifySnapshotAttribute", sharing("add", "210987654321", "123456789012"));
        rig.call(
                "ModifySnapshotAttribute",
                new Fields().put("SnapshotId", snapshot).putTexts("GroupNames", List.of("all")));
        assertEquals(
                "InvalidUserID.Malformed",
                rig.refused("ModifySnapshotAttribute", sharing("add", "123456789012,210987654321")));
        rig.killed();
        assertEquals(List.of("123456789012", "210987654321", "all"), parties());
        rig.call("ModifySnapshotAttribute", sharing("remove", "210987654321"));
        assertEquals(List.of("123456789012", "all"), parties());
        rig.call(
                "ResetSnapshotAttribute",
                new Fields().put("SnapshotId", snapshot).put("Attribute", "createVolumePermission"));
        assertEquals(List.of(), parties());
    }
}
