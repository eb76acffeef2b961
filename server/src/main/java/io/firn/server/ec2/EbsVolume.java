package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeStat;
import io.firn.server.wire.Fields;
import java.util.List;

/** A volume as EC2 sees it: what the store has and what the register knows. */
record EbsVolume(VolumeFacts facts, Volume volume) {
    private static final long GIB = 1L << 30;

    String id() {
        return facts.id();
    }

    /** Whole GiB, rounded up: volumes that were not made through EC2 have any number of bytes. */
    int gib() {
        return gib(volume.sizeBytes());
    }

    static int gib(long bytes) {
        return Math.toIntExact((bytes + GIB - 1) / GIB);
    }

    static long bytes(long gib) {
        return gib * GIB;
    }

    String state() {
        return facts.attachments().isEmpty() ? "available" : "in-use";
    }

    /** As DescribeVolumes tells it. */
    Fields describe(Places places) {
        VolumeFacts.Service service = facts.service();
        VolumeStat stat = volume.stat();
        Fields fields = new Fields()
                .put(
                        "Attachments",
                        facts.attachments().stream()
                                .map(attachment -> describe(attachment, "attached"))
                                .toList())
                .put("AvailabilityZone", facts.zone())
                .put("AvailabilityZoneId", places.zoneId(facts.zone()))
                .put("CreateTime", stat.created())
                .put("Encrypted", stat.isEncrypted())
                .put("KmsKeyId", facts.kmsKeyId())
                .put("Size", gib())
                .put("SnapshotId", facts.origin().snapshotId().orElse(""))
                .put("SourceVolumeId", facts.origin().sourceVolumeId())
                .put("State", state())
                .put("VolumeId", id())
                .put("VolumeType", service.type())
                .put("MultiAttachEnabled", service.isMultiAttach())
                .put("Operator", new Fields().put("Managed", false));
        if (service.iops() != 0) {
            fields.put("Iops", service.iops());
        }
        if (service.mibPerSecond() != 0) {
            fields.put("Throughput", service.mibPerSecond());
        }
        if (facts.origin().initializationMibPerSecond() != 0) {
            fields.put("VolumeInitializationRate", facts.origin().initializationMibPerSecond());
        }
        if (facts.origin().isFastRestored()) {
            fields.put("FastRestored", true);
        }
        if (!facts.tags().isEmpty()) {
            fields.put("Tags", Tagging.describe(facts.tags()));
        }
        return fields;
    }

    /** An attachment in a state. */
    Fields describe(VolumeFacts.Attachment attachment, String state) {
        return new Fields()
                .put("AttachTime", attachment.at())
                .put("Device", attachment.device())
                .put("InstanceId", attachment.instanceId())
                .put("State", state)
                .put("VolumeId", id())
                .put("DeleteOnTermination", attachment.isDeletedOnTermination());
    }

    /** A modification as it is at a moment. */
    static Fields describe(String volumeId, VolumeFacts.Modification modification, String state, long progress) {
        VolumeFacts.Service from = modification.from();
        VolumeFacts.Service to = modification.to();
        Fields fields = new Fields()
                .put("VolumeId", volumeId)
                .put("ModificationState", state)
                .put("TargetSize", modification.toGib())
                .put("TargetVolumeType", to.type())
                .put("TargetMultiAttachEnabled", to.isMultiAttach())
                .put("OriginalSize", modification.fromGib())
                .put("OriginalVolumeType", from.type())
                .put("OriginalMultiAttachEnabled", from.isMultiAttach())
                .put("Progress", progress)
                .put("StartTime", modification.at());
        for (VolumeFacts.Service each : List.of(to, from)) {
            String which = each == to ? "Target" : "Original";
            if (each.iops() != 0) {
                fields.put(which + "Iops", each.iops());
            }
            if (each.mibPerSecond() != 0) {
                fields.put(which + "Throughput", each.mibPerSecond());
            }
        }
        if (state.equals("completed")) {
            fields.put("EndTime", modification.end());
        }
        return fields;
    }
}
