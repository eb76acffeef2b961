package io.firn.blockstore;

import java.util.List;

/**
 * What scrubbing has seen since the store was opened.
 *
 * @param passes how often the whole log was read
 * @param bytes payload verified
 * @param damages blocks and headers found damaged, once a pass for each
 * @param problems of the last whole pass, at most 1,000, for people
 */
public record ScrubStat(long passes, long bytes, long damages, List<String> problems) {
    public ScrubStat {
        problems = List.copyOf(problems);
    }
}
