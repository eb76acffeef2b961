package io.firn.blockstore;

/**
 * The log of a store at a moment.
 *
 * @param segments files of the log
 * @param freeSegments of which nothing is needed
 * @param liveBytes blocks that volumes and views refer to (a block that two refer to counts twice)
 * @param usedBytes of segments that are not free
 * @param appendedBytes written to the log since the store was opened, batch headers and moves included
 * @param movedBytes moved by cleaning since then
 * @param sequence of the last batch
 * @param durableSequence of the last batch that is on stable storage
 */
public record StoreStat(
        long segments,
        long freeSegments,
        long liveBytes,
        long usedBytes,
        long appendedBytes,
        long movedBytes,
        long sequence,
        long durableSequence) {}
