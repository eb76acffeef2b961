package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.testkit.LinearizabilityChecker.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checker accepts what can be explained and refuses planted histories that cannot. */
final class LinearizabilityCheckerTest {

    private static Operation<Integer> write(long called, long returned, int value) {
        return new Operation<>(called, returned, "write " + value, _ -> Set.of(value));
    }

    private static Operation<Integer> read(long called, long returned, int value) {
        return new Operation<>(called, returned, "read " + value, state -> state == value ? Set.of(state) : Set.of());
    }

    private static boolean holds(List<Operation<Integer>> history) {
        return LinearizabilityChecker.isLinearizable(0, history);
    }

    @Test
    void readsDuringAWriteSeeEitherValue() {
        assertTrue(holds(List.of(write(1, 10, 7), read(2, 3, 0), read(4, 5, 7))));
        assertTrue(holds(List.of(write(1, 10, 7), write(1, 10, 8), read(2, 3, 8), read(4, 5, 7), read(11, 12, 7))));
    }

    @Test
    void aReadThatGoesBackIsRefused() {
        assertFalse(holds(List.of(write(1, 10, 7), read(2, 3, 7), read(4, 5, 0))));
    }

    @Test
    void aReadThatMissesAFinishedWriteIsRefused() {
        assertFalse(holds(List.of(write(1, 2, 7), read(3, 4, 0))));
    }

    @Test
    void twoReadersMayNotSeeTwoOrders() {
        assertFalse(holds(List.of(write(1, 20, 7), write(1, 20, 8), read(2, 3, 7), read(4, 5, 8), read(6, 7, 7))));
    }

    @Test
    void aWriteWhoseOutcomeIsUnknownMayHappenLate() {
        assertTrue(holds(List.of(write(1, Long.MAX_VALUE, 7), read(2, 3, 0), read(9, 10, 7))));
    }

    @Test
    void aWriteThatACrashCutOffHappenedBeforeItOrNever() {
        Operation<Integer> cut = new Operation<>(1, 5, "write 7, unanswered", state -> Set.of(state, 7));
        assertTrue(holds(List.of(cut, read(6, 7, 0), read(8, 9, 0))));
        assertTrue(holds(List.of(cut, read(6, 7, 7), read(8, 9, 7))));
        assertFalse(holds(List.of(cut, read(6, 7, 0), read(8, 9, 7))));
    }

    /** A register driven one by one is accepted; the same history with one read changed to a value it never had then is not. */
    @Test
    void plantedErrorsInLongHistoriesAreFound() {
        Seeds.forEach(200, (seed, random) -> {
            List<Operation<Integer>> history = new ArrayList<>();
            int state = 0;
            for (int i = 0; i < 60; i++) {
                // Neighbours overlap; the outcome is that of the order they are listed in.
                long called = 10L * i - random.nextInt(25);
                long returned = 10L * i + 1 + random.nextInt(25);
                if (random.nextBoolean()) {
                    state = i + 1;
                    history.add(write(called, returned, state));
                } else {
                    history.add(read(called, returned, state));
                }
            }
            history.add(read(1000, 1001, state));
            assertTrue(holds(history));
            history.set(60, read(1000, 1001, -1));
            assertFalse(holds(history));
        });
    }
}
