package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.wire.Fields;
import java.time.Instant;

/**
 * A volume that is attached to an instance.
 *
 * @param device the name that the instance is to have it under
 * @param isDeletedWithInstance whether the volume goes when the instance is terminated
 */
record AttachmentFacts(
        String volumeId, String instanceId, String device, boolean isDeletedWithInstance, Instant attached)
        implements Facts {
    static final String STATE = "attached";

    @Override
    public String key() {
        return prefix(volumeId) + instanceId;
    }

    /** What the keys of a volume's attachments begin with. */
    static String prefix(String volumeId) {
        return "attachment/" + volumeId + "/";
    }

    AttachmentFacts deletedWithInstance(boolean isDeleted) {
        return new AttachmentFacts(volumeId, instanceId, device, isDeleted, attached);
    }

    /** As the calls about volumes tell it. */
    Fields describe(String state) {
        return new Fields()
                .put("VolumeId", volumeId)
                .put("InstanceId", instanceId)
                .put("Device", device)
                .put("State", state)
                .put("AttachTime", attached)
                .put("DeleteOnTermination", isDeletedWithInstance);
    }

    /** As the calls about instances tell it. */
    Fields describeMapping() {
        return new Fields()
                .put("DeviceName", device)
                .put(
                        "Ebs",
                        new Fields()
                                .put("VolumeId", volumeId)
                                .put("Status", STATE)
                                .put("AttachTime", attached)
                                .put("DeleteOnTermination", isDeletedWithInstance));
    }

    @Override
    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("volume", volumeId)
                .put("instance", instanceId)
                .put("device", device)
                .put("deletedWithInstance", isDeletedWithInstance)
                .put("attached", attached.toString());
    }

    static AttachmentFacts fromJson(JsonNode json) {
        return new AttachmentFacts(
                json.path("volume").asText(),
                json.path("instance").asText(),
                json.path("device").asText(),
                json.path("deletedWithInstance").asBoolean(),
                Instant.parse(json.path("attached").asText()));
    }
}
