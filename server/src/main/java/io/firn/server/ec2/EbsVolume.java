package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeStat;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.wire.Fields;
import io.firn.snapshot.VolumeSnapshots.Fill;
import java.util.List;

/**
 * A volume as EC2 sees it: what the store has and what the register knows.
 *
 * @param attachments by instance
 * @param fill how far a volume of fast snapshot restore is; any other serves from the beginning and counts as whole
 */
record EbsVolume(VolumeFacts facts, Volume volume, List<AttachmentFacts> attachments, Fill fill) {
    String id() {
        return facts.id();
    }

    String state() {
        return switch (fill) {
            case WHOLE -> attachments.isEmpty() ? "available" : "in-use";
            case UNDER_WAY -> "creating";
            case STUCK -> "error";
        };
    }

    boolean isImpaired() {
        return volume.stat().isImpaired();
    }

    /** Lets damaged blocks be written again. Changes nothing about a volume that is well. */
    void acceptLoss() {
        if (isImpaired()) {
            volume.acknowledgeImpairment();
        }
    }

    int gib() {
        return EbsTerms.gibibytes(volume.sizeBytes());
    }

    /** As DescribeVolumes tells it. */
    Fields describe(Places places) {
        VolumeFacts.Service service = facts.service();
        VolumeStat stat = volume.stat();
        Fields fields = new Fields()
                .put(
                        "Attachments",
                        attachments.stream()
                                .map(attachment -> attachment.describe(AttachmentFacts.STATE))
                                .toList())
                .put("AvailabilityZone", facts.zone())
                .put("AvailabilityZoneId", places.zoneId(facts.zone()))
                .put("CreateTime", stat.created())
                .put("Encrypted", stat.isEncrypted())
                .put("KmsKeyId", facts.kmsKeyId())
                .put("Size", gib())
                .put("SnapshotId", facts.origin().snapshotId().orElse(""))
                .put("SourceVolumeId", facts.origin().volumeId())
                .put("FastRestored", facts.origin().isFast())
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
        if (!facts.tags().isEmpty()) {
            fields.put("Tags", Tagging.describe(facts.tags()));
        }
        return fields;
    }
}
