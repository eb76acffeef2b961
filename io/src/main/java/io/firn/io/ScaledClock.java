package io.firn.io;

import java.time.Duration;
import java.time.Instant;

/**
 * A clock whose days are short: one day of rules, headers and bills lasts {@code day} of the base clock. What S3 conformance suites
 * need for lifecycle tests ({@code --day 10s}).
 *
 * <p>It reads as the base clock does at the anchor and runs ahead of it from there. Elapsed time is taken from the base's monotonic
 * reading, so a step of the machine's wall clock is not multiplied. {@link #nanoTime} is not scaled: timeouts measure real time.
 *
 * <p><b>Restarts.</b> A store that outlives the process must be opened with the anchor of its first start, else time would fall back
 * to the base's and run through the same days again.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public final class ScaledClock implements Clock {
    private static final Duration DAY = Duration.ofDays(1);

    private final Clock base;
    private final long dayNanos;
    private final Instant anchor;
    private final long anchorNanoTime;

    /** Anchored now: reads the same as {@code base} at this moment. */
    public ScaledClock(Clock base, Duration day) {
        this(base, day, base.now());
    }

    /** Anchored at an earlier moment of {@code base}: reads {@code anchor} plus the scaled time since. */
    public ScaledClock(Clock base, Duration day, Instant anchor) {
        Instant baseNow = base.now();
        if (day.isNegative() || day.isZero() || day.compareTo(DAY) > 0) {
            throw new IllegalArgumentException("a scaled day lasts more than nothing and at most a day, not " + day);
        }
        if (anchor.isAfter(baseNow)) {
            throw new IllegalArgumentException("anchor " + anchor + " is after the base's " + baseNow);
        }
        this.base = base;
        this.dayNanos = day.toNanos();
        this.anchor = anchor;
        this.anchorNanoTime =
                base.nanoTime() - Duration.between(anchor, baseNow).toNanos();
    }

    /** The moment at which this clock and its base agree. */
    public Instant anchor() {
        return anchor;
    }

    @Override
    public Instant now() {
        long elapsedNanos = base.nanoTime() - anchorNanoTime;
        long days = elapsedNanos / dayNanos;
        // Within one day a double is exact to a hundredth of a nanosecond; the product in long would overflow.
        long nanosOfDay = (long) ((double) (elapsedNanos % dayNanos) / dayNanos * DAY.toNanos());
        return anchor.plus(DAY.multipliedBy(days)).plusNanos(nanosOfDay);
    }

    @Override
    public long nanoTime() {
        return base.nanoTime();
    }
}
