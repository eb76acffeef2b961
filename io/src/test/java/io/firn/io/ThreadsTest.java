package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ThreadsTest {

    @Test
    void namesTheThreadsItMakes() throws Exception {
        Thread thread = Threads.start("firn-test", () -> {});
        thread.join();
        assertEquals("firn-test", thread.getName());
        assertTrue(thread.isDaemon());
        try (ExecutorService executor = Threads.virtualPerTask("request-")) {
            assertEquals(
                    "request-0 true",
                    executor.submit(() -> Thread.currentThread().getName() + " "
                                    + Thread.currentThread().isVirtual())
                            .get());
        }
    }

    @Test
    void aLoopStepsUntilClosedAndLetsTheStepUnderWayFinish() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        AtomicBoolean finished = new AtomicBoolean();
        AtomicBoolean interrupted = new AtomicBoolean();
        AutoCloseable loop = Threads.loop(
                "firn-loop",
                budget -> {
                    inStep.countDown();
                    Threads.sleep(Duration.ofMillis(50));
                    interrupted.set(Thread.currentThread().isInterrupted());
                    finished.set(true);
                    return 1;
                },
                Duration.ofSeconds(10));
        inStep.await();
        loop.close();
        assertTrue(finished.get());
        assertFalse(interrupted.get());
    }

    @Test
    void closeEndsARestAtOnceAndWakeToo() throws Exception {
        CountDownLatch steps = new CountDownLatch(2);
        try (Threads.Loop loop = Threads.loop(
                "firn-loop",
                budget -> {
                    steps.countDown();
                    return 0;
                },
                Duration.ofHours(1))) {
            while (steps.getCount() > 0) {
                loop.wake();
                Threads.sleep(Duration.ofMillis(1));
            }
        }
    }

    @Test
    void aStorageFailureIsTriedAgainAndShown() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch failedOnce = new CountDownLatch(1);
        CountDownLatch recovered = new CountDownLatch(3);
        try (Threads.Loop loop = Threads.loop(
                "firn-loop",
                budget -> {
                    if (calls.incrementAndGet() == 1) {
                        failedOnce.countDown();
                        throw new StorageException.Unavailable("planted: not now");
                    }
                    recovered.countDown();
                    return 1;
                },
                Duration.ofMillis(20))) {
            failedOnce.await();
            assertTrue(recovered.await(20, TimeUnit.SECONDS));
            assertTrue(loop.failure().isEmpty());
        }
    }

    @Test
    void aBugEndsTheLoopAndIsShown() {
        AtomicInteger calls = new AtomicInteger();
        Threads.Loop loop = Threads.loop(
                "firn-loop",
                budget -> {
                    calls.incrementAndGet();
                    throw new InvariantViolation("planted: a bug");
                },
                Duration.ofMillis(1));
        while (loop.failure().isEmpty()) {
            Threads.sleep(Duration.ofMillis(1));
        }
        loop.close();
        assertInstanceOf(InvariantViolation.class, loop.failure().orElseThrow());
        assertEquals(1, calls.get());
    }

    @Test
    void sleepLastsWhateverInterruptsItAndKeepsTheFlag() {
        Thread.currentThread().interrupt();
        long start = System.nanoTime();
        Threads.sleep(Duration.ofMillis(30));
        assertTrue(System.nanoTime() - start >= 30_000_000);
        assertTrue(Thread.interrupted());
    }
}
