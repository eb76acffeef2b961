package io.firn.testkit;

import io.firn.io.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator.SplittableGenerator;

/**
 * Checks that no list of steps breaks a property, and reduces one that does by leaving steps out.
 *
 * <p>A step is a value (a record) that means something after any other steps; one that does not apply does nothing. The executor makes
 * its world from the seed, so that fewer steps run in the same world. The steps are left out in ever smaller runs until every single
 * one is needed (ddmin: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
 */
public final class Property {
    private static final int MAX_RUNS = 2_000;

    private Property() {}

    /** Performs the steps in a new world made from the seed; throws when the property does not hold. */
    @FunctionalInterface
    public interface Executor<S> {
        void run(long seed, List<S> steps) throws Exception;
    }

    /**
     * Runs generated steps for each seed (see {@link Seeds} for the properties that choose them); the first failure is reduced and thrown
     * as an {@link AssertionError} with the steps that are left, seed and command.
     */
    public static <S> void check(
            String name, int seeds, Function<SplittableGenerator, List<S>> generator, Executor<S> executor) {
        String test = Seeds.callingTest();
        Seeds.each(seeds, seed -> {
            List<S> steps = generator.apply(Randomness.seeded(seed));
            failure(executor, seed, steps).ifPresent(first -> {
                List<S> needed = reduced(executor, seed, steps);
                Throwable last = failure(executor, seed, needed).orElse(first);
                StringBuilder message = new StringBuilder(name)
                        .append(" fails for seed ")
                        .append(seed)
                        .append(": ")
                        .append(last)
                        .append("\n")
                        .append(needed.size())
                        .append(" of ")
                        .append(steps.size())
                        .append(" steps needed:");
                needed.forEach(step -> message.append("\n  ").append(step));
                message.append("\nreplay: ").append(Seeds.replayCommand(test, seed));
                throw new AssertionError(message.toString(), last);
            });
        });
    }

    private static <S> List<S> reduced(Executor<S> executor, long seed, List<S> failing) {
        List<S> steps = failing;
        int runs = 0;
        int runLength = Math.max(1, steps.size() / 2);
        while (runs < MAX_RUNS) {
            boolean dropped = false;
            int start = 0;
            while (start < steps.size() && runs < MAX_RUNS) {
                List<S> fewer = new ArrayList<>(steps.subList(0, start));
                fewer.addAll(steps.subList(Math.min(steps.size(), start + runLength), steps.size()));
                runs++;
                if (failure(executor, seed, fewer).isPresent()) {
                    steps = fewer;
                    dropped = true;
                } else {
                    start += runLength;
                }
            }
            if (runLength == 1 && !dropped) {
                break;
            }
            runLength = Math.max(1, runLength / 2);
        }
        return steps;
    }

    private static <S> Optional<Throwable> failure(Executor<S> executor, long seed, List<S> steps) {
        try {
            executor.run(seed, List.copyOf(steps));
            return Optional.empty();
        } catch (Exception | AssertionError e) {
            return Optional.of(e);
        }
    }
}
