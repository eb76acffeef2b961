package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Fast snapshot restore: a volume made of the snapshot in such a zone is {@code creating} until everything is in, so that its first read costs
 * what every later one does. In force at once.
 */
final class FastRestores {
    private static final SnapshotTexts ZONES = new SnapshotTexts("fastRestoreZones");

    private final Region region;

    FastRestores(Region region) {
        this.region = region;
    }

    /** True when volumes of the snapshot in the zone are filled first. */
    static boolean isOn(SnapshotInfo info, String zone) {
        return ZONES.of(info).contains(zone);
    }

    Fields enable(Call call) {
        return change(call, true);
    }

    Fields disable(Call call) {
        return change(call, false);
    }

    private Fields change(Call call, boolean isOn) {
        SortedSet<String> asked = new TreeSet<>(call.input().texts("AvailabilityZones"));
        call.input()
                .texts("AvailabilityZoneIds")
                .forEach(id -> asked.add(region.places().zoneOfId(id)));
        if (asked.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.of("AvailabilityZones");
        }
        for (String zone : asked) {
            if (!region.places().isZone(zone)) {
                throw Ec2Error.INVALID_ZONE_NOT_FOUND.of(zone);
            }
        }
        return region.register().inTurn(() -> {
            List<SnapshotInfo> snapshots = region.snapshots().named(call.input().texts("SourceSnapshotIds"));
            List<Fields> done = new ArrayList<>();
            List<Fields> notDone = new ArrayList<>();
            for (SnapshotInfo info : snapshots) {
                SortedSet<String> zones = ZONES.of(info);
                List<Fields> errors = new ArrayList<>();
                for (String zone : asked) {
                    boolean isChanged = isOn ? zones.add(zone) : zones.remove(zone);
                    if (isChanged || isOn) {
                        done.add(describe(call, info, zone, isOn ? "enabled" : "disabled"));
                    } else {
                        errors.add(wasOff(info, zone));
                    }
                }
                ZONES.keep(region.blocks().store(), info, zones);
                if (!errors.isEmpty()) {
                    notDone.add(new Fields()
                            .put("SnapshotId", info.id().text())
                            .put("FastSnapshotRestoreStateErrors", errors));
                }
            }
            return new Fields().put("Successful", done).put("Unsuccessful", notDone);
        });
    }

    /** The API Reference has a list of what could not be disabled, and names no codes: this one is EC2's for a wrong state. */
    private Fields wasOff(SnapshotInfo info, String zone) {
        String message = "Fast snapshot restore is not enabled for snapshot '" + info.id() + "' in " + zone + ".";
        return new Fields()
                .put("AvailabilityZone", zone)
                .put("AvailabilityZoneId", region.places().zoneId(zone))
                .put(
                        "Error",
                        new Fields()
                                .put("Code", Ec2Error.INCORRECT_STATE.code())
                                .put("Message", message));
    }

    private Fields describe(Call call, SnapshotInfo info, String zone, String state) {
        return new Fields()
                .put("SnapshotId", info.id().text())
                .put("AvailabilityZone", zone)
                .put("AvailabilityZoneId", region.places().zoneId(zone))
                .put("State", state)
                .put("StateTransitionReason", "Client.UserInitiated")
                .put("OwnerId", call.caller().accountId());
    }

    /** A snapshot in a zone. */
    private record Restore(SnapshotInfo info, String zone) {
        String place() {
            return info.id() + " " + zone;
        }
    }

    Fields describe(Call call) {
        Predicate<Restore> wanted = new Filters<Restore>()
                .onText("availability-zone", Restore::zone)
                .onText("availability-zone-id", restore -> region.places().zoneId(restore.zone()))
                .onText("owner-id", restore -> call.caller().accountId())
                .onText("snapshot-id", restore -> restore.info().id().text())
                .onText("state", restore -> "enabled")
                .of(call.input());
        List<Restore> all = new ArrayList<>();
        for (SnapshotInfo info : region.snapshots().all()) {
            ZONES.of(info).forEach(zone -> all.add(new Restore(info, zone)));
        }
        return Paging.SNAPSHOT_LISTS.page(
                call,
                "FastSnapshotRestores",
                "",
                all.stream().filter(wanted).toList(),
                Restore::place,
                restore -> describe(call, restore.info(), restore.zone(), "enabled"));
    }
}
