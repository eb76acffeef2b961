package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Lists volumes, by id. */
final class DescribeVolumes implements Operation {
    private final Region region;
    private final Filters<EbsVolume> filters;

    DescribeVolumes(Region region) {
        this.region = region;
        filters = new Filters<EbsVolume>()
                .on("attachment.attach-time", attachments(attachment -> Times.text(attachment.at())))
                .on(
                        "attachment.delete-on-termination",
                        attachments(attachment -> String.valueOf(attachment.isDeletedOnTermination())))
                .on("attachment.device", attachments(VolumeFacts.Attachment::device))
                .on("attachment.instance-id", attachments(VolumeFacts.Attachment::instanceId))
                .on("attachment.status", attachments(attachment -> "attached"))
                .onText("availability-zone", volume -> volume.facts().zone())
                .onText(
                        "availability-zone-id",
                        volume -> region.places().zoneId(volume.facts().zone()))
                .onText(
                        "create-time",
                        volume -> Times.text(volume.volume().stat().created()))
                .onText(
                        "encrypted",
                        volume -> String.valueOf(volume.volume().stat().isEncrypted()))
                .onText(
                        "fast-restored",
                        volume -> String.valueOf(volume.facts().origin().isFastRestored()))
                .onText(
                        "multi-attach-enabled",
                        volume -> String.valueOf(volume.facts().service().isMultiAttach()))
                .onText("operator.managed", volume -> "false")
                .onText("size", volume -> Integer.toString(volume.gib()))
                .on(
                        "snapshot-id",
                        volume -> volume.facts().origin().snapshotId().stream().toList())
                .on(
                        "source-volume-id",
                        volume -> volume.facts().origin().sourceVolumeId().stream()
                                .toList())
                .onText("status", EbsVolume::state)
                .onText("volume-id", EbsVolume::id)
                .onText("volume-type", volume -> volume.facts().service().type())
                .onTags(volume -> volume.facts().tags());
    }

    private static Function<EbsVolume, List<String>> attachments(Function<VolumeFacts.Attachment, String> text) {
        return volume -> volume.facts().attachments().stream().map(text).toList();
    }

    @Override
    public Fields handle(Call call) {
        Predicate<EbsVolume> wanted = filters.of(call.input());
        List<EbsVolume> volumes = region.volumes().named(call.input().texts("VolumeIds"));
        return Paging.VOLUMES.page(
                call,
                "Volumes",
                "VolumeIds",
                volumes.stream().filter(wanted)::iterator,
                EbsVolume::id,
                volume -> volume.describe(region.places()));
    }
}
