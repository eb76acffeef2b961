package io.firn.snapshot;

import java.util.List;
import java.util.OptionalInt;

/**
 * One page of an answer about chunks, in ascending order.
 *
 * @param runs may be empty although there is more
 * @param next the index from which to ask for the next page; absent when this was the last
 */
public record ChunkPage(List<ChunkRun> runs, OptionalInt next) {
    public ChunkPage {
        runs = List.copyOf(runs);
    }

    /** How many chunks the runs hold. */
    public long chunks() {
        return runs.stream().mapToLong(ChunkRun::count).sum();
    }
}
