package io.firn.blockstore;

import io.firn.io.Clock;
import io.firn.io.Threads;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes a volume as slow as its type, against the injected clock; off unless limits are given.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class VolumeThrottle {
    private final Clock clock;
    private volatile @Nullable VolumeLimits limits;

    VolumeThrottle(Clock clock) {
        this.clock = clock;
    }

    void enforce(@Nullable VolumeLimits wanted) {
        limits = wanted;
    }

    void read(long bytes) {
        pay(bytes);
    }

    void write(long bytes) {
        pay(bytes);
    }

    private void pay(long bytes) {
        VolumeLimits present = limits;
        if (present == null) {
            return;
        }
        long waitNanos;
        synchronized (present) {
            waitNanos = present.admit(clock.nanoTime(), bytes);
        }
        if (waitNanos > 0) {
            Threads.sleep(Duration.ofNanos(waitNanos));
        }
    }
}
