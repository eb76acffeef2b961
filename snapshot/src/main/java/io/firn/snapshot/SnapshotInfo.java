package io.firn.snapshot;

import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a snapshot is, as of the call that gave this.
 *
 * @param spec what it was begun with; tags, description and owner are the present ones
 * @param started the instant whose content it shows
 * @param completed when it became whole
 * @param reason why it failed; empty unless the state is {@link SnapshotState#ERROR}
 * @param putChunks chunks put, zeroed or made absent in this snapshot: what differs from the parent at most
 * @param expectedChunks how many the uploader means to put; 0 when it did not say
 * @param writtenChunks chunks that were ever written, zeros included; as of completion
 * @param storedBytes compressed bytes of all chunks it shows, shared or not; as of completion
 * @param incrementalBytes compressed bytes of the chunks it added when it completed
 * @param lock how it is locked, if it is
 * @param recoverableUntil when the recycle bin lets go of it
 * @param archived when it was moved to the archive tier
 * @param restoredUntil when an archived snapshot that was restored for a time goes back
 * @param settings what doors keep with a snapshot, by name: handed back and never read here
 */
public record SnapshotInfo(
        SnapshotId id,
        SnapshotSpec spec,
        SnapshotState state,
        Instant started,
        Optional<Instant> completed,
        String reason,
        long putChunks,
        long expectedChunks,
        long writtenChunks,
        long storedBytes,
        long incrementalBytes,
        SnapshotTier tier,
        Optional<SnapshotLock> lock,
        Optional<Instant> recycled,
        Optional<Instant> recoverableUntil,
        Optional<Instant> archived,
        Optional<Instant> restoredUntil,
        SortedMap<String, String> settings) {

    public SnapshotInfo {
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    public long sizeBytes() {
        return spec.sizeBytes();
    }

    /** All written blocks, whoever shares them: EC2's {@code FullSnapshotSizeInBytes}, in units of a chunk. */
    public long fullBytes() {
        return writtenChunks * Chunk.BYTES;
    }

    /** How much of the upload is done, 0 to 100; 0 while it is not known how much there is. */
    public int progressPercent() {
        if (state == SnapshotState.PENDING) {
            return expectedChunks == 0 ? 0 : (int) Math.min(99, putChunks * 100 / expectedChunks);
        }
        return state == SnapshotState.ERROR ? 0 : 100;
    }
}
