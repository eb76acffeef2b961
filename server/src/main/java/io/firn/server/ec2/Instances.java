package io.firn.server.ec2;

import io.firn.server.wire.Fields;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The instances of a region: records, until there is a model of compute.
 *
 * <p><b>Threads.</b> Safe.
 */
final class Instances {
    private final Register register;
    private final Volumes volumes;

    Instances(Register register, Volumes volumes) {
        this.register = register;
        this.volumes = volumes;
    }

    /** The instance of an id, which is an error of EC2 when there is none. */
    InstanceFacts require(String id) {
        if (!Ids.isWellFormed("i", id)) {
            throw Ec2Error.INVALID_INSTANCE_ID_MALFORMED.of(id);
        }
        return register.instance(id).orElseThrow(() -> Ec2Error.INVALID_INSTANCE_ID_NOT_FOUND.of(id));
    }

    /** Those of these ids, or all when there are none; by id. */
    List<InstanceFacts> named(List<String> ids) {
        return ids.isEmpty()
                ? register.instances()
                : ids.stream().distinct().sorted().map(this::require).toList();
    }

    /** What is attached, by the instance it is attached to. */
    Map<String, List<AttachmentFacts>> attachments() {
        return register.attachments().stream()
                .filter(this::isThere)
                .collect(Collectors.groupingBy(AttachmentFacts::instanceId));
    }

    /** What is attached to one instance, by volume. */
    List<AttachmentFacts> attachmentsTo(String instanceId) {
        return register.attachments().stream()
                .filter(attachment -> attachment.instanceId().equals(instanceId))
                .filter(this::isThere)
                .toList();
    }

    private boolean isThere(AttachmentFacts attachment) {
        return volumes.find(attachment.volumeId()).isPresent();
    }

    /** As DescribeInstances tells it. */
    static Fields describe(InstanceFacts instance, InstanceState state, List<AttachmentFacts> attachments) {
        Fields fields = new Fields()
                .put("InstanceId", instance.id())
                .put("ImageId", instance.launch().imageId())
                .put("InstanceType", instance.launch().type())
                .put("LaunchTime", instance.launch().at())
                .put("AmiLaunchIndex", instance.launch().index())
                .put("Placement", new Fields().put("AvailabilityZone", instance.zone()))
                .put("State", state.describe())
                .put("RootDeviceName", InstanceFacts.ROOT_DEVICE)
                .put("RootDeviceType", "ebs")
                .put(
                        "BlockDeviceMappings",
                        attachments.stream()
                                .map(AttachmentFacts::describeMapping)
                                .toList())
                .put("ClientToken", instance.launch().token().orElse(""));
        if (!instance.tags().isEmpty()) {
            fields.put("Tags", Tagging.describe(instance.tags()));
        }
        return fields;
    }
}
