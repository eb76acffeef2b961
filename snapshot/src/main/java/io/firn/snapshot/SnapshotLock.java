package io.firn.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A lock against deletion. It begins to run when the snapshot is completed.
 *
 * <p>Source: Amazon EBS User Guide, "Amazon EBS snapshot lock", and EC2's LockSnapshot (read 2026-11-25).
 *
 * @param created when the lock was made
 * @param duration how long it holds from its start; absent when a date was given
 * @param start when the duration began to run; absent while the snapshot is pending
 * @param expires when it ends; absent while the snapshot is pending and no date was given
 * @param coolOffUntil until when a compliance lock may still be lifted or shortened
 */
public record SnapshotLock(
        Mode mode,
        Instant created,
        Optional<Duration> duration,
        Optional<Instant> start,
        Optional<Instant> expires,
        Optional<Instant> coolOffUntil) {
    public static final int DAYS_MAX = 36_500;
    public static final int COOL_OFF_HOURS_MAX = 72;

    /** Who may lift it. */
    public enum Mode {
        /** Whoever has the permission, at any time. */
        GOVERNANCE,
        /** Nobody after the cool-off; it can be made longer only. */
        COMPLIANCE
    }

    /** What it does now. */
    public enum State {
        GOVERNANCE,
        COMPLIANCE,
        COMPLIANCE_COOLOFF,
        EXPIRED;

        /** The word on the wire. */
        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** What it does at an instant. */
    public State state(Instant now) {
        if (expires.isPresent() && !now.isBefore(expires.get())) {
            return State.EXPIRED;
        }
        if (mode == Mode.GOVERNANCE) {
            return State.GOVERNANCE;
        }
        return coolOffUntil.isPresent() && now.isBefore(coolOffUntil.get())
                ? State.COMPLIANCE_COOLOFF
                : State.COMPLIANCE;
    }

    /**
     * A wish to lock.
     *
     * @param coolOffHours 1 to {@value #COOL_OFF_HOURS_MAX}, for compliance only; absent for none
     * @param durationDays 1 to {@value #DAYS_MAX}; this or the date is given, not both
     * @param expires a date in the future
     */
    public record Request(
            Mode mode, Optional<Integer> coolOffHours, Optional<Integer> durationDays, Optional<Instant> expires) {

        public static Request governance(int days) {
            return new Request(Mode.GOVERNANCE, Optional.empty(), Optional.of(days), Optional.empty());
        }

        public static Request compliance(int days, Optional<Integer> coolOffHours) {
            return new Request(Mode.COMPLIANCE, coolOffHours, Optional.of(days), Optional.empty());
        }
    }
}
