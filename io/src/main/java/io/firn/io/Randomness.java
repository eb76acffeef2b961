package io.firn.io;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Where chance comes from: secure bytes for keys and ids, seeded generators for everything that must replay.
 *
 * <p><b>Threads.</b> These methods are safe for many threads; a generator belongs to one, which may split it for others.
 */
public final class Randomness {
    private static final SecureRandom SECURE = new SecureRandom();

    /** Documented in {@code java.util.random}: 192 bits of state, splittable, the same numbers on every JDK. */
    private static final RandomGeneratorFactory<SplittableGenerator> SEEDED =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private Randomness() {}

    /** The operating system's randomness as a generator: for what must not be guessed. Safe for many threads. */
    public static RandomGenerator secure() {
        return SECURE;
    }

    /** Bytes nobody can guess: keys, nonces, secrets. */
    public static byte[] secureBytes(int count) {
        byte[] bytes = new byte[count];
        SECURE.nextBytes(bytes);
        return bytes;
    }

    /** A seed nobody chose, for the one generator a process starts with. */
    public static long freshSeed() {
        return SECURE.nextLong();
    }

    /** A generator that gives the same numbers for the same seed. Not for secrets. */
    public static SplittableGenerator seeded(long seed) {
        return SEEDED.create(seed);
    }
}
