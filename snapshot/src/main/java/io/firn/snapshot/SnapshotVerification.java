package io.firn.snapshot;

import java.util.List;

/**
 * What {@link SnapshotStore#verify} found.
 *
 * @param pages pages read and verified
 * @param chunks stored chunks looked at, or read when the depth was full
 * @param bytes bytes read
 * @param problems what is not as it should be, a sentence each, at most {@value #MAX_PROBLEMS}; empty when all is well
 */
public record SnapshotVerification(long pages, long chunks, long bytes, List<String> problems) {
    /** The most problems that are reported. */
    public static final int MAX_PROBLEMS = 1000;

    public SnapshotVerification {
        problems = List.copyOf(problems);
    }

    public boolean isSound() {
        return problems.isEmpty();
    }
}
