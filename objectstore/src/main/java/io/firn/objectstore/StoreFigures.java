package io.firn.objectstore;

import java.util.List;

/**
 * Figures of an open store, for metrics.
 *
 * @param records journal records committed since it was opened
 * @param batches group commits since it was opened: syncs of the journal
 * @param journalBytes bytes appended to the journal since it was opened
 * @param readers readers that are open
 * @param indexNativeBytes memory of the index outside the heap
 * @param damagedFrames frames found damaged by reads since it was opened
 * @param mendedFrames frames written again by scrub or repair
 * @param scrubbedBytes payload bytes scrubbed
 * @param droppedAccessEvents access events lost because the listener was too slow
 * @param zones one entry a zone
 */
public record StoreFigures(
        long records,
        long batches,
        long journalBytes,
        long readers,
        long indexNativeBytes,
        long damagedFrames,
        long mendedFrames,
        long scrubbedBytes,
        long droppedAccessEvents,
        List<ZoneFigures> zones) {

    /**
     * @param name the zone's name
     * @param isInUse false when it failed and was not repaired
     * @param why why it is not in use; empty when it is
     * @param usableBytes room left on its disk
     * @param extents extents it holds
     */
    public record ZoneFigures(String name, boolean isInUse, String why, long usableBytes, int extents) {}
}
