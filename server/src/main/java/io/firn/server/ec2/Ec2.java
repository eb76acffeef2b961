package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.wire.Operation;
import io.firn.server.wire.Service;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The EC2 service: its operations by name. */
public final class Ec2 {
    private Ec2() {}

    /**
     * EC2 of one region with three zones.
     *
     * @param clock dates what is made and rules what takes time
     * @param random makes ids
     */
    public static Service service(
            String regionName, BlockStorage blocks, Register register, Clock clock, RandomGenerator random) {
        return Service.of("ec2", operations(new Region(regionName, blocks, register, clock, random), clock));
    }

    static Map<String, Operation> operations(Region region, Clock clock) {
        Map<String, Operation> operations = new HashMap<>();
        operations.put("DescribeRegions", region.places()::describeRegions);
        operations.put("DescribeAvailabilityZones", region.places()::describeAvailabilityZones);
        operations.put("CreateVolume", new CreateVolume(region));
        operations.put("DeleteVolume", new DeleteVolume(region));
        operations.put("DescribeVolumes", new DescribeVolumes(region));
        operations.put("CopyVolumes", new CopyVolume(region));
        VolumeModifications modifications = new VolumeModifications(region, clock);
        operations.put("ModifyVolume", modifications::modify);
        operations.put("DescribeVolumesModifications", modifications::describeAll);
        VolumeStatus status = new VolumeStatus(region);
        operations.put("DescribeVolumeStatus", status::describe);
        operations.put("EnableVolumeIO", status::enable);
        VolumeAttributes attributes = new VolumeAttributes(region);
        operations.put("DescribeVolumeAttribute", attributes::describe);
        operations.put("ModifyVolumeAttribute", attributes::modify);
        EbsEncryption encryption = region.encryption();
        operations.put("GetEbsEncryptionByDefault", encryption::isByDefault);
        operations.put("EnableEbsEncryptionByDefault", encryption::enable);
        operations.put("DisableEbsEncryptionByDefault", encryption::disable);
        operations.put("GetEbsDefaultKmsKeyId", encryption::key);
        operations.put("ModifyEbsDefaultKmsKeyId", encryption::modifyKey);
        operations.put("ResetEbsDefaultKmsKeyId", encryption::resetKey);
        addInstances(operations, region, clock);
        addSnapshots(operations, region, clock);
        return operations;
    }

    private static void addInstances(Map<String, Operation> operations, Region region, Clock clock) {
        InstanceCalls instances = new InstanceCalls(region, clock);
        operations.put("RunInstances", instances::run);
        operations.put("DescribeInstances", instances::describe);
        operations.put("StartInstances", instances::start);
        operations.put("StopInstances", instances::stop);
        operations.put("RebootInstances", instances::reboot);
        operations.put("TerminateInstances", instances::terminate);
        operations.put("ModifyInstanceAttribute", instances::modifyAttribute);
        VolumeAttachments attachments = new VolumeAttachments(region, clock);
        operations.put("AttachVolume", attachments::attach);
        operations.put("DetachVolume", attachments::detach);
    }

    private static void addSnapshots(Map<String, Operation> operations, Region region, Clock clock) {
        SnapshotCalls snapshots = new SnapshotCalls(region);
        operations.put("CreateSnapshot", snapshots::create);
        operations.put("CreateSnapshots", snapshots::createSet);
        operations.put("DescribeSnapshots", snapshots::describe);
        operations.put("DeleteSnapshot", snapshots::delete);
        operations.put("CopySnapshot", snapshots::copy);
        SnapshotLocks locks = new SnapshotLocks(region, clock);
        operations.put("LockSnapshot", locks::lock);
        operations.put("UnlockSnapshot", locks::unlock);
        operations.put("DescribeLockedSnapshots", locks::describe);
        SnapshotTiers tiers = new SnapshotTiers(region, clock);
        operations.put("ModifySnapshotTier", tiers::archive);
        operations.put("RestoreSnapshotTier", tiers::restore);
        operations.put("DescribeSnapshotTierStatus", tiers::describe);
        operations.put("ListSnapshotsInRecycleBin", tiers::listBin);
        operations.put("RestoreSnapshotFromRecycleBin", tiers::restoreFromBin);
        SnapshotSharing sharing = new SnapshotSharing(region);
        operations.put("ModifySnapshotAttribute", sharing::modify);
        operations.put("DescribeSnapshotAttribute", sharing::describe);
        operations.put("ResetSnapshotAttribute", sharing::reset);
        FastRestores fast = new FastRestores(region);
        operations.put("EnableFastSnapshotRestores", fast::enable);
        operations.put("DisableFastSnapshotRestores", fast::disable);
        operations.put("DescribeFastSnapshotRestores", fast::describe);
        TagCalls tags = new TagCalls(region);
        operations.put("CreateTags", tags::create);
        operations.put("DeleteTags", tags::delete);
        operations.put("DescribeTags", tags::describe);
    }
}
