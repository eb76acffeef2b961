package io.firn.testkit;

import io.firn.io.Randomness;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.regex.Pattern;

/**
 * Runs a random test for many seeds and says how to replay the one that fails.
 *
 * <p>{@code -Dfirn.seed=N} runs that seed alone; {@code -Dfirn.seeds=100000} runs so many, from
 * {@code -Dfirn.firstSeed=N} on or else from 1. Without them the seeds are 1 to the default count, the same on every run.
 */
public final class Seeds {
    private static final StackWalker STACK = StackWalker.getInstance();
    private static final Pattern TEST_CLASS = Pattern.compile("io\\.firn\\..*(Test|IT|Contract)");

    private Seeds() {}

    /** One run. All chance comes from the generator, all of it from the seed. */
    @FunctionalInterface
    public interface Body {
        void run(long seed, SplittableGenerator random) throws Exception;
    }

    /** Runs {@code body} for each seed; the first failure ends it with an {@link AssertionError} that holds seed and command. */
    public static void forEach(int defaultCount, Body body) {
        String test = callingTest();
        each(defaultCount, seed -> {
            try {
                body.run(seed, Randomness.seeded(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " fails: " + e + "\nreplay: " + replayCommand(test, seed), e);
            }
        });
    }

    static void each(int defaultCount, LongConsumer body) {
        Optional<Long> only = property("firn.seed");
        if (only.isPresent()) {
            body.accept(only.get());
            return;
        }
        long count = property("firn.seeds").orElse((long) defaultCount);
        long first = property("firn.firstSeed").orElse(1L);
        for (long seed = first; seed < first + count; seed++) {
            body.accept(seed);
        }
    }

    /** The test that is running, as surefire's {@code -Dtest} takes it. A contract is run by more than one class: any will do. */
    static String callingTest() {
        return STACK.walk(frames -> frames.filter(
                        frame -> TEST_CLASS.matcher(frame.getClassName()).matches())
                .filter(frame -> !frame.getMethodName().startsWith("lambda$"))
                .findFirst()
                .map(frame -> {
                    String name =
                            frame.getClassName().substring(frame.getClassName().lastIndexOf('.') + 1);
                    return (name.endsWith("Contract") ? "*" : name) + "#" + frame.getMethodName();
                })
                .orElse("(the test)"));
    }

    /** Surefire runs in the module's folder, which bears the module's name. */
    static String replayCommand(String test, long seed) {
        Path folder = Path.of("").toAbsolutePath().getFileName();
        return "mvn -pl " + folder + " -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=" + test
                + " -Dfirn.seed=" + seed;
    }

    private static Optional<Long> property(String name) {
        return Optional.ofNullable(System.getProperty(name)).map(Long::valueOf);
    }
}
