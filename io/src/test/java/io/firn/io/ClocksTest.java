package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ClocksTest {
    private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

    @Test
    void virtualTimeStandsStillUntilMoved() {
        VirtualClock clock = new VirtualClock(START);
        assertEquals(START, clock.now());
        long before = clock.nanoTime();
        assertEquals(Instant.parse("2027-02-21T00:00:00Z"), clock.advance(Duration.ofDays(90)));
        assertEquals(Duration.ofDays(90).toNanos(), clock.nanoTime() - before);
        assertThrows(IllegalArgumentException.class, () -> clock.advance(Duration.ofNanos(-1)));
    }

    @Test
    void virtualTimeLosesNoAdvanceOfConcurrentCallers() throws InterruptedException {
        VirtualClock clock = new VirtualClock(START);
        Runnable mover = () -> {
            for (int i = 0; i < 10_000; i++) {
                clock.advance(Duration.ofNanos(1));
            }
        };
        Thread first = Threads.start("first", mover);
        Thread second = Threads.start("second", mover);
        first.join();
        second.join();
        assertEquals(START.plusNanos(20_000), clock.now());
    }

    @Test
    void aScaledDayLastsAsLongAsAsked() {
        VirtualClock base = new VirtualClock(START);
        ScaledClock clock = new ScaledClock(base, Duration.ofSeconds(10));
        assertEquals(START, clock.now());
        base.advance(Duration.ofSeconds(5));
        assertEquals(START.plus(Duration.ofHours(12)), clock.now());
        base.advance(Duration.ofSeconds(3645));
        assertEquals(START.plus(Duration.ofDays(365)), clock.now());
        assertEquals(base.nanoTime(), clock.nanoTime(), "timeouts are real");
    }

    @Test
    void scaledTimeDoesNotOverflowOverYears() {
        VirtualClock base = new VirtualClock(START);
        ScaledClock clock = new ScaledClock(base, Duration.ofSeconds(1));
        base.advance(Duration.ofDays(1));
        assertEquals(START.plus(Duration.ofDays(86_400)), clock.now());
    }

    @Test
    void anEarlierAnchorGoesOnWhereTheEarlierProcessWas() {
        VirtualClock base = new VirtualClock(START);
        ScaledClock first = new ScaledClock(base, Duration.ofSeconds(10));
        base.advance(Duration.ofSeconds(20));
        ScaledClock second = new ScaledClock(base, Duration.ofSeconds(10), first.anchor());
        assertEquals(first.now(), second.now());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ScaledClock(base, Duration.ofSeconds(10), START.plusSeconds(21)));
    }

    @Test
    void systemTimeMovesOn() {
        SystemClock clock = new SystemClock();
        Instant now = clock.now();
        long nanoTime = clock.nanoTime();
        Threads.sleep(Duration.ofMillis(2));
        assertTrue(clock.now().isAfter(now));
        assertTrue(clock.nanoTime() - nanoTime >= 2_000_000);
    }
}
