package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotLock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** Locks of snapshots against deletion. */
final class SnapshotLocks {
    private final BlockStorage blocks;
    private final Snapshots snapshots;
    private final Clock clock;
    private final Filters<SnapshotInfo> filters;

    SnapshotLocks(Region region, Clock clock) {
        this.blocks = region.blocks();
        this.snapshots = region.snapshots();
        this.clock = clock;
        filters = new Filters<SnapshotInfo>()
                .onText(
                        "lock-state",
                        info -> info.lock().orElseThrow().state(clock.now()).wireName());
    }

    Fields lock(Call call) {
        Fields input = call.input();
        SnapshotInfo info = snapshots.require(input.requiredText("SnapshotId"));
        SnapshotLock.Mode mode =
                SnapshotLock.Mode.valueOf(input.requiredText("LockMode").toUpperCase(Locale.ROOT));
        SnapshotLock.Request wish = new SnapshotLock.Request(
                mode,
                whole(input.number("CoolOffPeriod")),
                whole(input.number("LockDuration")),
                input.moment("ExpirationDate"));
        if (wish.durationDays().isPresent() == wish.expires().isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of("Name one of LockDuration and ExpirationDate");
        }
        return describe(Snapshots.done(blocks.store().lock(info.id(), wish)));
    }

    private static Optional<Integer> whole(OptionalLong number) {
        return number.isPresent() ? Optional.of(Math.toIntExact(number.getAsLong())) : Optional.empty();
    }

    Fields unlock(Call call) {
        SnapshotInfo info = snapshots.require(call.input().requiredText("SnapshotId"));
        Snapshots.done(blocks.store().unlock(info.id()));
        return new Fields().put("SnapshotId", info.id().text());
    }

    Fields describe(Call call) {
        Predicate<SnapshotInfo> wanted = filters.of(call.input());
        List<SnapshotInfo> locked = snapshots.named(call.input().texts("SnapshotIds")).stream()
                .filter(info -> info.lock().isPresent())
                .filter(wanted)
                .toList();
        return Paging.VOLUMES.page(
                call,
                "Snapshots",
                "SnapshotIds",
                locked,
                info -> info.id().text(),
                info -> describe(info).put("OwnerId", call.caller().accountId()));
    }

    private Fields describe(SnapshotInfo info) {
        SnapshotLock lock = info.lock().orElseThrow();
        Fields fields = new Fields()
                .put("SnapshotId", info.id().text())
                .put("LockState", lock.state(clock.now()).wireName())
                .put("LockCreatedOn", lock.created());
        lock.duration().ifPresent(duration -> fields.put("LockDuration", duration.toDays()));
        lock.start().ifPresent(start -> fields.put("LockDurationStartTime", start));
        lock.expires().ifPresent(expires -> fields.put("LockExpiresOn", expires));
        lock.coolOffUntil()
                .ifPresent(until -> fields.put(
                                "CoolOffPeriod",
                                Duration.between(lock.created(), until).toHours())
                        .put("CoolOffPeriodExpiresOn", until));
        return fields;
    }
}
