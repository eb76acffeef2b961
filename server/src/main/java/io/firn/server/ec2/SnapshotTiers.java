package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotTier;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** Snapshots in the archive tier, and the recycle bin. */
final class SnapshotTiers {
    private final BlockStorage blocks;
    private final Snapshots snapshots;
    private final Clock clock;
    private final Filters<SnapshotInfo> filters;

    SnapshotTiers(Region region, Clock clock) {
        this.blocks = region.blocks();
        this.snapshots = region.snapshots();
        this.clock = clock;
        filters = new Filters<SnapshotInfo>()
                .onText("snapshot-id", info -> info.id().text())
                .onText("volume-id", snapshots::volumeId)
                .on("last-tiering-operation", info -> operation(info).stream().toList());
    }

    /** Moves a snapshot to the archive: done on return. */
    Fields archive(Call call) {
        SnapshotInfo info = snapshots.require(call.input().requiredText("SnapshotId"));
        if (call.input().text("StorageTier").isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.of("StorageTier");
        }
        SnapshotInfo archived = Snapshots.done(blocks.snapshots().archive(info.id()));
        return new Fields()
                .put("SnapshotId", info.id().text())
                .put("TieringStartTime", archived.archived().orElseGet(clock::now));
    }

    /** Brings a snapshot back from the archive, for some days or for good: done on return. */
    Fields restore(Call call) {
        Fields input = call.input();
        SnapshotInfo info = snapshots.require(input.requiredText("SnapshotId"));
        OptionalLong days = input.number("TemporaryRestoreDays");
        boolean isPermanent = input.truth("PermanentRestore").orElse(false);
        if (days.isPresent() == isPermanent) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of("Name one of TemporaryRestoreDays and PermanentRestore");
        }
        Optional<Integer> temporary =
                days.isPresent() ? Optional.of(Math.toIntExact(days.getAsLong())) : Optional.empty();
        Snapshots.done(blocks.store().restoreFromArchive(info.id(), temporary));
        Fields answer = new Fields()
                .put("SnapshotId", info.id().text())
                .put("RestoreStartTime", clock.now())
                .put("IsPermanentRestore", isPermanent);
        return temporary.isPresent() ? answer.put("RestoreDuration", temporary.get()) : answer;
    }

    Fields describe(Call call) {
        Predicate<SnapshotInfo> wanted = filters.of(call.input());
        return Paging.SNAPSHOT_LISTS.page(
                call,
                "SnapshotTierStatuses",
                "",
                snapshots.all().stream().filter(wanted).toList(),
                info -> info.id().text(),
                info -> {
                    Fields fields = new Fields()
                            .put("SnapshotId", info.id().text())
                            .put("VolumeId", snapshots.volumeId(info))
                            .put("Status", info.state().wireName())
                            .put("OwnerId", call.caller().accountId())
                            .put("StorageTier", Snapshots.tier(info));
                    operation(info)
                            .ifPresent(last -> fields.put("LastTieringOperationStatus", last)
                                    .put("LastTieringProgress", 100));
                    info.archived().ifPresent(when -> fields.put("ArchivalCompleteTime", when));
                    info.restoredUntil().ifPresent(until -> fields.put("RestoreExpiryTime", until));
                    return info.spec().tags().isEmpty()
                            ? fields
                            : fields.put("Tags", Tagging.describe(info.spec().tags()));
                });
    }

    /** What was done last. */
    private static Optional<String> operation(SnapshotInfo info) {
        if (info.restoredUntil().isPresent()) {
            return Optional.of("temporary-restore-completed");
        }
        if (info.tier() == SnapshotTier.ARCHIVE) {
            return Optional.of("archival-completed");
        }
        return info.archived().map(was -> "permanent-restore-completed");
    }

    Fields listBin(Call call) {
        List<String> ids = call.input().texts("SnapshotIds");
        ids.forEach(snapshots::requireBinned);
        return Paging.VOLUMES.page(
                call,
                "Snapshots",
                "SnapshotIds",
                snapshots.binned().stream()
                        .filter(info -> ids.isEmpty() || ids.contains(info.id().text()))
                        .toList(),
                info -> info.id().text(),
                info -> {
                    Fields fields = new Fields()
                            .put("SnapshotId", info.id().text())
                            .put("VolumeId", snapshots.volumeId(info))
                            .put("Description", info.spec().description());
                    info.recycled().ifPresent(when -> fields.put("RecycleBinEnterTime", when));
                    info.recoverableUntil().ifPresent(until -> fields.put("RecycleBinExitTime", until));
                    return fields;
                });
    }

    Fields restoreFromBin(Call call) {
        SnapshotInfo binned = snapshots.requireBinned(call.input().requiredText("SnapshotId"));
        SnapshotInfo back = Snapshots.done(blocks.store().restoreFromRecycleBin(binned.id()));
        Fields all = snapshots.describe(back, call.caller());
        Fields answer = new Fields();
        for (String member : List.of(
                "SnapshotId",
                "VolumeId",
                "VolumeSize",
                "State",
                "StartTime",
                "Progress",
                "OwnerId",
                "Description",
                "Encrypted")) {
            all.value(member).ifPresent(value -> answer.put(member, value));
        }
        return answer;
    }
}
