package io.firn.objectstore;

/**
 * The few settings of a store; none of them changes what is already written.
 *
 * @param maxObjectBytes the largest object, 5 TiB unless changed, at most 50,000,000,000,000 bytes (S3's limit since December 2025)
 * @param maxPutBytes the largest single put or part, at most 5 GiB, S3's limit
 * @param inlineBytes payloads up to this many bytes travel in the journal record, so that a put costs one sync; 0 to 262,144, 32 KiB
 *     unless changed
 * @param extentBytes an extent is closed when it has grown to this, 1 MiB to 4 GiB, 256 MiB unless changed
 * @param journalSegmentBytes a journal segment is closed when it has grown to this, 1 MiB to 1 GiB, 64 MiB unless changed
 * @param checkpointBytes journal bytes after which the index is flushed, which bounds what a restart replays; 64 MiB unless changed
 * @param reserveBytes free space under which puts are refused while reads and deletes go on, 128 MiB unless changed
 * @param isSynced false gives up durability (a crash may lose what was acknowledged, never what was checkpointed): for measurement only
 */
public record ObjectStoreOptions(
        long maxObjectBytes,
        long maxPutBytes,
        int inlineBytes,
        long extentBytes,
        long journalSegmentBytes,
        long checkpointBytes,
        long reserveBytes,
        boolean isSynced) {
    private static final long MIB = 1L << 20;
    private static final long MAX_OBJECT_BYTES = 50_000_000_000_000L;
    private static final long MAX_PUT_BYTES = 5L << 30;
    private static final int MAX_INLINE_BYTES = 256 << 10;

    public static final ObjectStoreOptions DEFAULT =
            new ObjectStoreOptions(5L << 40, MAX_PUT_BYTES, 32 << 10, 256 * MIB, 64 * MIB, 64 * MIB, 128 * MIB, true);

    public ObjectStoreOptions {
        between("maxObjectBytes", maxObjectBytes, 1, MAX_OBJECT_BYTES);
        between("maxPutBytes", maxPutBytes, 1, MAX_PUT_BYTES);
        between("inlineBytes", inlineBytes, 0, MAX_INLINE_BYTES);
        between("extentBytes", extentBytes, MIB, 4096 * MIB);
        between("journalSegmentBytes", journalSegmentBytes, MIB, 1024 * MIB);
        between("checkpointBytes", checkpointBytes, 1, Long.MAX_VALUE);
        between("reserveBytes", reserveBytes, 0, Long.MAX_VALUE);
    }

    private static void between(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + ", not from " + low + " to " + high);
        }
    }

    public ObjectStoreOptions withMaxObjectBytes(long bytes) {
        return new ObjectStoreOptions(
                bytes,
                maxPutBytes,
                inlineBytes,
                extentBytes,
                journalSegmentBytes,
                checkpointBytes,
                reserveBytes,
                isSynced);
    }

    public ObjectStoreOptions withInlineBytes(int bytes) {
        return new ObjectStoreOptions(
                maxObjectBytes,
                maxPutBytes,
                bytes,
                extentBytes,
                journalSegmentBytes,
                checkpointBytes,
                reserveBytes,
                isSynced);
    }

    /** Small extents, segments and checkpoints, so that a short test sees many of each. */
    public ObjectStoreOptions withSmallFiles() {
        return new ObjectStoreOptions(
                maxObjectBytes, maxPutBytes, inlineBytes, MIB, MIB, 16 << 10, reserveBytes, isSynced);
    }

    public ObjectStoreOptions withReserveBytes(long bytes) {
        return new ObjectStoreOptions(
                maxObjectBytes,
                maxPutBytes,
                inlineBytes,
                extentBytes,
                journalSegmentBytes,
                checkpointBytes,
                bytes,
                isSynced);
    }

    public ObjectStoreOptions withoutSync() {
        return new ObjectStoreOptions(
                maxObjectBytes,
                maxPutBytes,
                inlineBytes,
                extentBytes,
                journalSegmentBytes,
                checkpointBytes,
                reserveBytes,
                false);
    }
}
