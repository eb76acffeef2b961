package io.firn.io;

import java.time.Duration;
import java.time.Instant;

/**
 * A clock that stands still until it is moved by hand: "advance 90 days". What tests, simulations and {@code --clock virtual} read.
 *
 * <p>Both readings move together, so a duration measured with {@link #nanoTime} is the virtual one. It never goes backwards.
 *
 * <p><b>Threads.</b> Safe for use by many threads; whoever reads after {@link #advance} has returned sees the new time.
 */
public final class VirtualClock implements Clock {
    private final Instant start;
    private volatile long elapsedNanos;

    /** A clock that reads {@code start}. */
    public VirtualClock(Instant start) {
        this.start = start;
    }

    @Override
    public Instant now() {
        return start.plusNanos(elapsedNanos);
    }

    @Override
    public long nanoTime() {
        return elapsedNanos;
    }

    /** Moves the clock forward and returns the new time. At most 292 years in all, else {@link ArithmeticException}. */
    public synchronized Instant advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time does not go backwards: " + duration);
        }
        elapsedNanos = Math.addExact(elapsedNanos, duration.toNanos());
        return now();
    }
}
