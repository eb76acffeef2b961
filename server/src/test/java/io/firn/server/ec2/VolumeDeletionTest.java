package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.server.volumes.VolumeCare;
import io.firn.server.wire.Fields;
import io.firn.testkit.SimDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code firn volume rm} of volumes that EC2 knows, or has made a name for. */
final class VolumeDeletionTest {
    private final Ec2Rig rig = new Ec2Rig(new SimDisk(1));
    private final String instance = rig.instance();

    private JsonNode remove(String name) {
        VolumeCare care = new VolumeCare(rig.volumes, new VolumeDeletion(rig.volumes, rig.register)::delete);
        return care.call(JsonNodeFactory.instance.objectNode().put("do", "rm").put("name", name));
    }

    private void isRefusedWhileAttached(String id, String name) {
        Fields attachment = new Fields().put("VolumeId", id).put("InstanceId", instance);
        rig.call("AttachVolume", attachment.put("Device", "/dev/sdf"));
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> remove(name));
        assertTrue(String.valueOf(refused.getMessage()).contains("is attached to instance " + instance));
        assertEquals("in-use", rig.state(id));
        rig.call("DetachVolume", new Fields().put("VolumeId", id));
        assertEquals(name, remove(name).path("removed").asText());
        assertEquals("InvalidVolume.NotFound", rig.refused("DeleteVolume", new Fields().put("VolumeId", id)));
        assertEquals(List.of(), rig.register.volumes());
        assertEquals(List.of(), rig.volumes.list());
    }

    @Test
    void ofAVolumeThatEc2Made() {
        String id = rig.volume();
        isRefusedWhileAttached(id, id);
    }

    @Test
    void ofAVolumeThatWasRenamed() {
        String id = rig.volume();
        assertTrue(rig.volumes.rename(rig.volumes.find(new VolumeName(id)).orElseThrow(), new VolumeName("renamed")));
        isRefusedWhileAttached(id, "renamed");
    }

    @Test
    void ofAVolumeThatEc2WasNotToldOf() {
        assertTrue(rig.volumes.create(VolumeSpec.of("disk", 1 << 20)).isPresent());
        String id = rig.volumes().getFirst().requiredText("VolumeId");
        isRefusedWhileAttached(id, "disk");
    }
}
