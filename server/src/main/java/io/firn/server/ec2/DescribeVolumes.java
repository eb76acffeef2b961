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
                .onText(
                        "fast-restored",
                        volume -> String.valueOf(volume.facts().origin().isFast()))
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
                        "multi-attach-enabled",
                        volume -> String.valueOf(volume.facts().service().isMultiAttach()))
                .onText("operator.managed", volume -> "false")
                .onText("size", volume -> Integer.toString(volume.gib()))
                .onText("status", EbsVolume::state)
                .on(
                        "snapshot-id",
                        volume -> volume.facts().origin().snapshotId().stream().toList())
                .onText("volume-id", EbsVolume::id)
                .onText("volume-type", volume -> volume.facts().service().type())
                .on("attachment.attach-time", attached(attachment -> Times.text(attachment.attached())))
                .on(
                        "attachment.delete-on-termination",
                        attached(attachment -> String.valueOf(attachment.isDeletedWithInstance())))
                .on("attachment.device", attached(AttachmentFacts::device))
                .on("attachment.instance-id", attached(AttachmentFacts::instanceId))
                .on("attachment.status", attached(attachment -> AttachmentFacts.STATE))
                .on(
                        "source-volume-id",
                        volume -> volume.facts().origin().volumeId().stream().toList())
                .onTags(volume -> volume.facts().tags());
    }

    private static Function<EbsVolume, List<String>> attached(Function<AttachmentFacts, String> text) {
        return volume -> volume.attachments().stream().map(text).toList();
    }

    @Override
    public Fields handle(Call call) {
        Predicate<EbsVolume> wanted = filters.of(call.input());
        List<EbsVolume> volumes = region.volumes().named(call.input().texts("VolumeIds"));
        return Paging.VOLUMES.page(
                call,
                "Volumes",
                "VolumeIds",
                volumes.stream().filter(wanted).toList(),
                EbsVolume::id,
                volume -> volume.describe(region.places()));
    }
}
