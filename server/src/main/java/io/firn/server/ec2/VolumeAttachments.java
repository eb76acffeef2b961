package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Attaches volumes to instances and detaches them. What is attached where is a record: a volume is served to NBD clients either way.
 *
 * <p>A change is durable on return; the answers say {@code attaching} and {@code detaching}, as EC2's do.
 *
 * <p>Source: the EC2 model 2016-11-15, AttachVolume and DetachVolume, read 2026-08-07; Amazon EBS User Guide, "Attach an EBS volume to multiple
 * EC2 instances using EBS Multi-Attach": 16 instances; Amazon EC2 User Guide, "Amazon EBS volume limits": 28 volumes of an instance.
 */
final class VolumeAttachments {
    private static final int MOST_INSTANCES = 16;
    private static final int MOST_VOLUMES = 28;
    private static final Pattern DEVICE = Pattern.compile("(/dev/)?(sd|xvd)[a-z]{1,2}[0-9]{0,2}");

    private final Region region;
    private final Clock clock;

    VolumeAttachments(Region region, Clock clock) {
        this.region = region;
        this.clock = clock;
    }

    Fields attach(Call call) {
        Fields input = call.input();
        if (input.number("EbsCardIndex").orElse(0) != 0) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Instances have one EBS card, of index 0.");
        }
        String device = input.requiredText("Device");
        if (!DEVICE.matcher(device).matches()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("Value (" + device + ") for parameter device is invalid. "
                    + device + " is not a valid EBS device name.");
        }
        AttachmentFacts made = region.register().inTurn(() -> {
            EbsVolume volume = region.volumes().requireMade(input.requiredText("VolumeId"));
            InstanceFacts instance = region.instances().require(input.requiredText("InstanceId"));
            requireFree(volume, instance, device);
            AttachmentFacts attachment = new AttachmentFacts(volume.id(), instance.id(), device, false, clock.now());
            region.register().put(attachment);
            return attachment;
        });
        return made.describe("attaching");
    }

    private void requireFree(EbsVolume volume, InstanceFacts instance, String device) {
        if (instance.state() != InstanceState.RUNNING && instance.state() != InstanceState.STOPPED) {
            throw Ec2Error.INCORRECT_STATE.of("Instance '" + instance.id() + "' is not 'running'.");
        }
        if (!volume.facts().zone().equals(instance.zone())) {
            throw Ec2Error.INVALID_VOLUME_ZONE_MISMATCH.of(volume.id(), instance.id());
        }
        boolean isHere = volume.attachments().stream()
                .anyMatch(attachment -> attachment.instanceId().equals(instance.id()));
        boolean isTaken =
                !volume.attachments().isEmpty() && !volume.facts().service().isMultiAttach();
        if (isHere || isTaken) {
            throw Ec2Error.VOLUME_IN_USE.of(volume.id() + " is already attached to an instance");
        }
        if (volume.attachments().size() >= MOST_INSTANCES) {
            throw Ec2Error.ATTACHMENT_LIMIT_EXCEEDED.of(
                    volume.id() + " is attached to " + MOST_INSTANCES + " instances, the most that are allowed");
        }
        List<AttachmentFacts> there = region.instances().attachmentsTo(instance.id());
        if (there.stream().anyMatch(attachment -> attachment.device().equals(device))) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    "Invalid value '" + device + "' for unixDevice. Attachment point " + device + " is already in use");
        }
        if (there.size() >= MOST_VOLUMES) {
            throw Ec2Error.ATTACHMENT_LIMIT_EXCEEDED.of(
                    instance.id() + " has " + MOST_VOLUMES + " volumes, the most that are allowed");
        }
    }

    /** Detaches; {@code Force} changes nothing, as there is no instance that could hold on. */
    Fields detach(Call call) {
        Fields input = call.input();
        AttachmentFacts gone = region.register().inTurn(() -> {
            EbsVolume volume = region.volumes().require(input.requiredText("VolumeId"));
            AttachmentFacts attachment = attachment(volume, input.text("InstanceId"), input.text("Device"));
            boolean isRunning = region.register()
                    .instance(attachment.instanceId())
                    .filter(instance -> instance.state() == InstanceState.RUNNING)
                    .isPresent();
            if (isRunning && attachment.device().equals(InstanceFacts.ROOT_DEVICE)) {
                throw Ec2Error.OPERATION_NOT_PERMITTED.of("Unable to detach root volume '" + volume.id()
                        + "' from instance '" + attachment.instanceId() + "'");
            }
            region.register().change(List.of(), List.of(attachment.key()));
            return attachment;
        });
        return gone.describe("detaching");
    }

    private AttachmentFacts attachment(EbsVolume volume, Optional<String> instanceId, Optional<String> device) {
        instanceId.ifPresent(region.instances()::require);
        if (volume.attachments().isEmpty()) {
            throw Ec2Error.INCORRECT_STATE.of("Volume '" + volume.id() + "' is in the 'available' state.");
        }
        if (instanceId.isEmpty() && volume.attachments().size() > 1) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                    "Volume '" + volume.id() + "' is attached to several instances: name the instance");
        }
        return volume.attachments().stream()
                .filter(one -> instanceId.isEmpty() || one.instanceId().equals(instanceId.get()))
                .filter(one -> device.isEmpty() || one.device().equals(device.get()))
                .findFirst()
                .orElseThrow(() -> Ec2Error.INVALID_ATTACHMENT_NOT_FOUND.of("Volume '" + volume.id()
                        + "' is not attached"
                        + instanceId.map(id -> " to instance '" + id + "'").orElse("")
                        + device.map(name -> " as device '" + name + "'").orElse("")));
    }
}
