package io.firn.snapshot;

/**
 * What a snapshot costs, counted now. With deduplication a chunk that links to one stored before counts with what the link takes: next to
 * nothing, wherever the bytes are, and they are nobody's but of the snapshots that stored them.
 *
 * @param fullBytes all written blocks, uncompressed
 * @param storedBytes compressed bytes of the chunks it shows
 * @param incrementalBytes compressed bytes that it added when it completed
 * @param exclusiveBytes compressed bytes that no other snapshot shows: what deleting it frees, its pages aside
 * @param sharedBytes compressed bytes that others show too: {@code storedBytes - exclusiveBytes}
 * @param exclusivePageBytes bytes of the pages that deleting it frees
 */
public record SnapshotUsage(
        long fullBytes,
        long storedBytes,
        long incrementalBytes,
        long exclusiveBytes,
        long sharedBytes,
        long exclusivePageBytes) {}
