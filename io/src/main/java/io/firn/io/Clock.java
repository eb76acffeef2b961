package io.firn.io;

import java.time.Instant;

/**
 * Where time comes from. Three occupants: {@link SystemClock}, {@code VirtualClock} (moved by hand) and {@code ScaledClock}
 * (one day lasts a chosen duration).
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public interface Clock {

    /** The wall-clock time that rules, headers and bills read. */
    Instant now();

    /** A monotonic reading in nanoseconds of an arbitrary origin; differences measure real elapsed time, whatever {@link #now} does. */
    long nanoTime();
}
