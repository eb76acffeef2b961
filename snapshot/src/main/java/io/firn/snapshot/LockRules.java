package io.firn.snapshot;

import io.firn.snapshot.SnapshotLock.Mode;
import io.firn.snapshot.SnapshotLock.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What EC2 allows to do with locks.
 *
 * <p>Source: Amazon EBS User Guide, "Amazon EBS snapshot lock considerations" (read 2026-11-25).
 */
final class LockRules {
    private LockRules() {}

    /** Why a wish cannot be granted over the lock there is; nothing when it can. */
    static Optional<String> broken(SnapshotLock.Request wish, Optional<SnapshotLock> held, Instant now) {
        if (wish.durationDays().isPresent() == wish.expires().isPresent()) {
            return Optional.of("either a duration or an expiration date is given");
        }
        if (wish.durationDays()
                .filter(days -> days < 1 || days > SnapshotLock.DAYS_MAX)
                .isPresent()) {
            return Optional.of("the duration is 1 to " + SnapshotLock.DAYS_MAX + " days");
        }
        if (wish.expires().filter(date -> !date.isAfter(now)).isPresent()) {
            return Optional.of("the expiration date is in the future");
        }
        if (wish.coolOffHours()
                .filter(hours -> hours < 1 || hours > SnapshotLock.COOL_OFF_HOURS_MAX)
                .isPresent()) {
            return Optional.of("the cool-off period is 1 to " + SnapshotLock.COOL_OFF_HOURS_MAX + " hours");
        }
        if (wish.coolOffHours().isPresent() && wish.mode() == Mode.GOVERNANCE) {
            return Optional.of("a governance lock has no cool-off period");
        }
        if (held.isPresent() && held.get().state(now) == State.COMPLIANCE) {
            return brokenByCompliance(wish, held.get(), now);
        }
        return Optional.empty();
    }

    private static Optional<String> brokenByCompliance(SnapshotLock.Request wish, SnapshotLock held, Instant now) {
        if (wish.mode() == Mode.GOVERNANCE || wish.coolOffHours().isPresent()) {
            return Optional.of("a compliance lock after its cool-off keeps its mode and has no new cool-off");
        }
        Instant wanted = end(wish, held.start().orElse(now));
        Instant end = held.expires().orElse(now.plus(held.duration().orElse(Duration.ZERO)));
        return wanted.isBefore(end)
                ? Optional.of("a compliance lock after its cool-off can only be made longer")
                : Optional.empty();
    }

    private static Instant end(SnapshotLock.Request wish, Instant start) {
        return wish.expires()
                .orElseGet(() -> start.plus(Duration.ofDays(wish.durationDays().orElse(0))));
    }

    /** The lock that a wish gives; its duration runs at once unless the snapshot is pending. */
    static SnapshotLock granted(
            SnapshotLock.Request wish, Optional<SnapshotLock> held, boolean isPending, Instant now) {
        boolean goesOn = held.isPresent() && held.get().state(now) == State.COMPLIANCE;
        Instant start = goesOn ? held.get().start().orElse(now) : now;
        return new SnapshotLock(
                wish.mode(),
                goesOn ? held.get().created() : now,
                wish.durationDays().map(Duration::ofDays),
                isPending ? Optional.empty() : Optional.of(start),
                isPending ? wish.expires() : Optional.of(end(wish, start)),
                wish.coolOffHours().map(hours -> now.plus(Duration.ofHours(hours))));
    }

    /** A lock whose snapshot has just been completed. */
    static SnapshotLock started(SnapshotLock lock, Instant now) {
        return new SnapshotLock(
                lock.mode(),
                lock.created(),
                lock.duration(),
                Optional.of(now),
                lock.duration().map(now::plus).or(lock::expires),
                lock.coolOffUntil());
    }

    static boolean forbidsDeletion(Optional<SnapshotLock> lock, Instant now) {
        return lock.isPresent() && lock.get().state(now) != State.EXPIRED;
    }

    static boolean forbidsUnlocking(SnapshotLock lock, Instant now) {
        return lock.state(now) == State.COMPLIANCE;
    }
}
