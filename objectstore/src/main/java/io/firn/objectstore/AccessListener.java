package io.firn.objectstore;

/**
 * Told of reads that count as accesses, for whoever learns from them (tiering). The store declares it and knows nobody who listens.
 *
 * <p>Called on a background thread, some time after the read, in no fixed order; when events come faster than they are delivered some
 * are dropped and counted.
 */
@FunctionalInterface
public interface AccessListener {

    /**
     * A version was read.
     *
     * @param bucketId the bucket's {@link Bucket#id}
     * @param versionOrdinal the version's {@link VersionId#ordinal}, for null versions too
     * @param epochMillis when
     * @param bytes how many bytes were asked for
     */
    void accessed(long bucketId, long versionOrdinal, long epochMillis, long bytes);
}
