package io.firn.objectstore;

import java.util.List;

/**
 * What {@link ObjectStore#verify} found.
 *
 * @param versions versions and delete markers looked at
 * @param blobs blobs looked at
 * @param frames frames read and verified, each zone's copy counted
 * @param bytes payload bytes of those frames
 * @param problems what is not as it should be, a sentence each, at most {@value #MAX_PROBLEMS}; empty when all is well
 */
public record VerifyReport(long versions, long blobs, long frames, long bytes, List<String> problems) {
    /** The most problems that are reported. */
    public static final int MAX_PROBLEMS = 1000;

    public VerifyReport {
        problems = List.copyOf(problems);
    }

    public boolean isClean() {
        return problems.isEmpty();
    }
}
