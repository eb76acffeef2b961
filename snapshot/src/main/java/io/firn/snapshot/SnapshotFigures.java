package io.firn.snapshot;

/**
 * Counts since the store was opened, for metrics.
 *
 * @param snapshots records now, drafts and recycled ones included
 * @param trees manifests now
 * @param unreclaimed trees that nothing refers to and whose space is not given back yet
 * @param chunksPut chunks stored, without those that are linked to
 * @param chunkBytes bytes of those before compression
 * @param packBytes bytes written to packs
 * @param packs packs written
 * @param packsDeleted packs removed because nothing in them was used
 * @param packsCompacted packs rewritten because most of them was not
 * @param chunksLinked chunks that were stored before and are linked to, with deduplication
 * @param savedBytes stored bytes that those would have taken
 * @param pageReads pages fetched from the object store
 * @param pageHits pages found in the cache
 */
public record SnapshotFigures(
        int snapshots,
        int trees,
        int unreclaimed,
        long chunksPut,
        long chunkBytes,
        long packBytes,
        long packs,
        long packsDeleted,
        long packsCompacted,
        long chunksLinked,
        long savedBytes,
        long pageReads,
        long pageHits) {}
