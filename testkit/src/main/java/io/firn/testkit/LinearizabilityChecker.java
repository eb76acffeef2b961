package io.firn.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Tells whether a history of overlapping operations on one object could have happened one after the other, each at some moment between
 * its call and its return.
 *
 * <p>The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993): take any operation that no other returned
 * before, apply it to the state, go on with the rest, and step back when nothing fits. What has been tried, the set of operations done
 * and the state they led to, is remembered (Lowe, "Testing for Linearizability", 2017), which is what keeps it short.
 */
public final class LinearizabilityChecker {
    /** The most operations of one history: they are the bits of one number. */
    public static final int MAX_OPERATIONS = Long.SIZE;

    private LinearizabilityChecker() {}

    /**
     * One operation with its outcome.
     *
     * @param calledNanos when it was called
     * @param returnedNanos when its outcome was known; {@link Long#MAX_VALUE} when it never was
     * @param next the states it may lead to, none when it cannot have had this outcome in that state; an operation that may have
     *     happened or not leads to two
     */
    public record Operation<S>(long calledNanos, long returnedNanos, String description, Function<S, Set<S>> next) {
        public Operation {
            if (returnedNanos < calledNanos) {
                throw new IllegalArgumentException(description + " returned before it was called");
            }
        }

        @Override
        public String toString() {
            return calledNanos + ".." + returnedNanos + " " + description;
        }
    }

    /** True when some order of the operations explains every outcome; states are compared by {@code equals}. */
    public static <S> boolean isLinearizable(S initial, List<Operation<S>> history) {
        if (history.size() > MAX_OPERATIONS) {
            throw new IllegalArgumentException("at most " + MAX_OPERATIONS + " operations, not " + history.size());
        }
        return search(history, 0, initial, new HashSet<>());
    }

    private record Reached<S>(long done, S state) {}

    private static <S> boolean search(List<Operation<S>> history, long done, S state, Set<Reached<S>> tried) {
        if (Long.bitCount(done) == history.size()) {
            return true;
        }
        if (!tried.add(new Reached<>(done, state))) {
            return false;
        }
        long firstReturn = Long.MAX_VALUE;
        for (int i = 0; i < history.size(); i++) {
            if ((done >>> i & 1) == 0) {
                firstReturn = Math.min(firstReturn, history.get(i).returnedNanos());
            }
        }
        for (int i = 0; i < history.size(); i++) {
            Operation<S> operation = history.get(i);
            if ((done >>> i & 1) == 0 && operation.calledNanos() <= firstReturn) {
                for (S next : operation.next().apply(state)) {
                    if (search(history, done | 1L << i, next, tried)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
