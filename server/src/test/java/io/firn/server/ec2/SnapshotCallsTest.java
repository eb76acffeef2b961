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
}
