package io.firn.blockstore;

import io.firn.io.Clock;
import io.firn.io.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Makes a volume as slow as its type, against the injected clock; off unless limits are given. With a clock that is moved by hand an I/O
 * waits until it was moved.
 *
 * <p><b>Threads.</b> Safe for many.
 */
@SuppressWarnings("ReferenceEquality") // the very limits: others are others, equal or not
final class VolumeThrottle {
    private static final long NAP_NANOS = 1_000_000;

    private final Clock clock;
    private volatile @Nullable VolumeLimits limits;

    VolumeThrottle(Clock clock) {
        this.clock = clock;
    }

    void enforce(Optional<VolumeLimits> wanted) {
        limits = wanted.orElse(null);
    }

    boolean isOn() {
        return limits != null;
    }

    OptionalDouble burstBalance() {
        VolumeLimits present = limits;
        if (present == null) {
            return OptionalDouble.empty();
        }
        synchronized (present) {
            return present.burstBalance();
        }
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
        long now = clock.nanoTime();
        long until;
        synchronized (present) {
            until = now + present.admit(now, bytes);
        }
        // In small pieces: the clock may be one that somebody moves, and the limits may be lifted meanwhile.
        while (limits == present) {
            long left = until - clock.nanoTime();
            if (left <= 0) {
                return;
            }
            Threads.sleep(Duration.ofNanos(Math.min(left, NAP_NANOS)));
        }
    }
}
