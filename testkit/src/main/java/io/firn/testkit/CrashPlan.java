package io.firn.testkit;

import io.firn.io.Randomness;
import java.util.random.RandomGenerator;

/**
 * How one power failure treats what was not synced. Drawn from a seed so that the plain cases (all lost, all kept, cut at one moment)
 * come often enough beside the wild ones.
 */
final class CrashPlan {
    private enum Shape {
        /** Nothing unsynced survives. */
        LOSE_ALL,
        /** All of it survives. */
        KEEP_ALL,
        /** What was done up to a moment survives, and a part of what was under way then. */
        CUT,
        /** Each sector and each name on its own: reordered, dropped and torn. */
        SCATTER
    }

    private static final int SECTOR_BYTES = 512;
    private static final int BLOCK_BYTES = 4096;

    private final RandomGenerator random;
    private final Shape shape;
    private final int tearBytes;
    private final long cutSequence;
    private final double keepProbability;

    /**
     * @param seed which image
     * @param unsynced the numbers of the changes that are not synced, ascending
     */
    CrashPlan(long seed, long[] unsynced) {
        this.random = Randomness.seeded(seed);
        int die = random.nextInt(10);
        this.shape = die == 0 ? Shape.LOSE_ALL : die == 1 ? Shape.KEEP_ALL : die <= 4 ? Shape.CUT : Shape.SCATTER;
        this.tearBytes = random.nextBoolean() ? SECTOR_BYTES : BLOCK_BYTES;
        this.cutSequence = unsynced.length == 0 ? 0 : unsynced[random.nextInt(unsynced.length)];
        this.keepProbability = random.nextInt(1, 10) / 10.0;
    }

    /** A plan by which a failed sync treats the pages it should have written: each on its own. */
    CrashPlan(RandomGenerator random) {
        this.random = random;
        this.shape = Shape.SCATTER;
        this.tearBytes = BLOCK_BYTES;
        this.cutSequence = 0;
        this.keepProbability = 0.5;
    }

    /** Sectors are written whole or not at all. */
    int tearBytes() {
        return tearBytes;
    }

    /** How many of a sector's (or length's) successive states the disk saw, given when each came about. */
    int keptStates(long[] sequences) {
        return switch (shape) {
            case LOSE_ALL -> 0;
            case KEEP_ALL -> sequences.length;
            case CUT -> {
                int kept = 0;
                while (kept < sequences.length && survivesCut(sequences[kept])) {
                    kept++;
                }
                yield kept;
            }
            case SCATTER ->
                random.nextDouble() < keepProbability ? sequences.length : random.nextInt(sequences.length + 1);
        };
    }

    /** Whether a change of names survives; those it builds on have. */
    boolean keepsName(long sequence) {
        return switch (shape) {
            case LOSE_ALL -> false;
            case KEEP_ALL -> true;
            case CUT -> survivesCut(sequence);
            case SCATTER -> random.nextDouble() < keepProbability;
        };
    }

    private boolean survivesCut(long sequence) {
        return sequence < cutSequence || (sequence == cutSequence && random.nextBoolean());
    }
}
