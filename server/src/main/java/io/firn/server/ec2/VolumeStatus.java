package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.List;
import java.util.function.Predicate;

/** Tells which volumes lost durable history to damage, and lets them be used again. */
final class VolumeStatus {
    private static final String ACTION = "enable-volume-io";
    private static final String EVENT = "potential-data-inconsistency";
    private static final String IO_ENABLED = "io-enabled";

    private final Region region;
    private final Filters<EbsVolume> filters;

    VolumeStatus(Region region) {
        this.region = region;
        filters = new Filters<EbsVolume>()
                .onText("availability-zone", volume -> volume.facts().zone())
                .on("action.code", volume -> volume.isImpaired() ? List.of(ACTION) : List.of())
                .on("event.event-type", volume -> volume.isImpaired() ? List.of(EVENT) : List.of())
                .onText("volume-status.details-name", volume -> IO_ENABLED)
                .onText("volume-status.details-status", VolumeStatus::ioEnabled)
                .onText("volume-status.status", VolumeStatus::status);
    }

    private static String ioEnabled(EbsVolume volume) {
        return volume.isImpaired() ? "failed" : "passed";
    }

    private static String status(EbsVolume volume) {
        return volume.isImpaired() ? "impaired" : "ok";
    }

    Fields describe(Call call) {
        Predicate<EbsVolume> wanted = filters.of(call.input());
        List<EbsVolume> volumes = region.volumes().named(call.input().texts("VolumeIds"));
        return Paging.VOLUMES.page(
                call,
                "VolumeStatuses",
                "VolumeIds",
                volumes.stream().filter(wanted).toList(),
                EbsVolume::id,
                VolumeStatus::describe);
    }

    private static Fields describe(EbsVolume volume) {
        Fields detail = new Fields().put("Name", IO_ENABLED).put("Status", ioEnabled(volume));
        Fields fields = new Fields()
                .put("VolumeId", volume.id())
                .put("AvailabilityZone", volume.facts().zone())
                .put("VolumeStatus", new Fields().put("Status", status(volume)).put("Details", List.of(detail)));
        if (volume.isImpaired()) {
            fields.put("Actions", List.of(new Fields().put("Code", ACTION).put("EventType", EVENT)))
                    .put("Events", List.of(new Fields().put("EventType", EVENT)));
        }
        return fields;
    }

    /** Accepts what was lost; {@link EbsVolume#acceptLoss}. */
    Fields enable(Call call) {
        region.volumes().require(call.input().requiredText("VolumeId")).acceptLoss();
        return new Fields();
    }
}
