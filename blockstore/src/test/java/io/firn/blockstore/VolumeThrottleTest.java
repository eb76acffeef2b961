package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.Threads;
import io.firn.io.VirtualClock;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The waits of a throttled volume pass by the store's clock and by no other. */
@Timeout(60)
final class VolumeThrottleTest {
    private static final int WRITES = 301;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));

    private Volume volume() {
        return VolumeStore.openStepped(
                        new SimDisk(1), clock, Randomness.seeded(7), VolumeStoreOptions.DEFAULT.withSmallFiles())
                .create(VolumeSpec.of("a", 1 << 20))
                .orElseThrow();
    }

    @Test
    void isOffUnlessItIsAskedFor() {
        Volume volume = volume();
        for (int i = 0; i < 10_000; i++) {
            volume.read(0, ByteBuffer.allocate(512));
        }
        assertEquals(0, clock.nanoTime());
    }

    @Test
    void waitsAsLongAsTheLimitsSay() throws InterruptedException {
        Volume volume = volume();
        volume.throttle(Optional.of(VolumeLimits.of(VolumeType.IO2, 4L << 30, 100, 0)));
        AtomicInteger done = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(1);
        Threads.start("writer", () -> {
            for (int i = 0; i < WRITES; i++) {
                volume.write(0, ByteBuffer.allocate(4096));
                done.incrementAndGet();
            }
            ended.countDown();
        });
        // With a clock that stands still the first goes through and no other.
        while (done.get() < 1) {
            Thread.onSpinWait();
        }
        assertTrue(!ended.await(50, TimeUnit.MILLISECONDS));
        assertEquals(1, done.get());
        while (ended.getCount() > 0) {
            int before = done.get();
            // What was let through by now is what 100 I/Os a second allow.
            assertTrue(before <= 1 + clock.nanoTime() / 1e7 + 1e-6, before + " at " + clock.nanoTime());
            clock.advance(Duration.ofMillis(100));
            ended.await(2, TimeUnit.MILLISECONDS);
        }
        assertTrue(clock.nanoTime() >= (WRITES - 1) * 10_000_000L, "at " + clock.nanoTime());
    }

    @Test
    void letsGoAtOnceWhenItIsTurnedOff() throws InterruptedException {
        Volume volume = volume();
        volume.throttle(Optional.of(VolumeLimits.of(VolumeType.IO2, 4L << 30, 100, 0)));
        volume.read(0, ByteBuffer.allocate(512));
        CountDownLatch ended = new CountDownLatch(1);
        Threads.start("reader", () -> {
            volume.read(0, ByteBuffer.allocate(512));
            ended.countDown();
        });
        assertTrue(!ended.await(20, TimeUnit.MILLISECONDS));
        volume.throttle(Optional.empty());
        assertTrue(ended.await(30, TimeUnit.SECONDS));
    }
}
