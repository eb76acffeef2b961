package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeStat;
import io.firn.server.wire.Fields;
import java.util.List;

/** A volume as EC2 sees it: what the store has and what the register knows. */
record EbsVolume(VolumeFacts facts, Volume volume) {
    /** Of every volume: nothing attaches them yet. */
    static final String STATE = "available";

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

    /** As DescribeVolumes tells it. */
    Fields describe(Places places) {
        VolumeFacts.Service service = facts.service();
        VolumeStat stat = volume.stat();
        Fields fields = new Fields()
                .put("Attachments", List.of())
                .put("AvailabilityZone", facts.zone())
                .put("AvailabilityZoneId", places.zoneId(facts.zone()))
                .put("CreateTime", stat.created())
                .put("Encrypted", stat.isEncrypted())
                .put("KmsKeyId", facts.kmsKeyId())
                .put("Size", gib())
                .put("SnapshotId", "")
                .put("State", STATE)
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
