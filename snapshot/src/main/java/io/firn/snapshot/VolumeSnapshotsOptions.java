package io.firn.snapshot;

/**
 * The few settings of {@link VolumeSnapshots}.
 *
 * @param uploadBytesPerSecond how fast volumes are read for snapshots, over all of them; 0 (unless changed) for as fast as it goes
 * @param hydrationBytesPerSecond how fast restored volumes are filled where the restore names no rate, each; 0 (unless changed) for as fast
 *     as it goes
 * @param pendingPerVolume snapshots of one volume that may be under way, 1 to 100, 5 unless changed; of st1 and sc1 it is 1
 * @param saveBytes what an upload puts before it makes that durable, and so the most that is put again after a crash; at least a chunk,
 *     64 MiB unless changed
 * @param cacheBytes memory for chunks of snapshots that volumes are based on, at least 1 MiB, 32 MiB unless changed
 */
public record VolumeSnapshotsOptions(
        long uploadBytesPerSecond,
        long hydrationBytesPerSecond,
        int pendingPerVolume,
        long saveBytes,
        long cacheBytes) {
    private static final long MIB = 1L << 20;

    public static final VolumeSnapshotsOptions DEFAULT = new VolumeSnapshotsOptions(0, 0, 5, 64 * MIB, 32 * MIB);

    public VolumeSnapshotsOptions {
        between("uploadBytesPerSecond", uploadBytesPerSecond, 0, 1L << 40);
        between("hydrationBytesPerSecond", hydrationBytesPerSecond, 0, 1L << 40);
        between("pendingPerVolume", pendingPerVolume, 1, 100);
        between("saveBytes", saveBytes, Chunk.BYTES, 1L << 40);
        between("cacheBytes", cacheBytes, MIB, 1L << 40);
    }

    private static void between(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + ", not from " + low + " to " + high);
        }
    }

    public VolumeSnapshotsOptions withUploadBytesPerSecond(long bytes) {
        return new VolumeSnapshotsOptions(bytes, hydrationBytesPerSecond, pendingPerVolume, saveBytes, cacheBytes);
    }

    public VolumeSnapshotsOptions withSaveBytes(long bytes) {
        return new VolumeSnapshotsOptions(
                uploadBytesPerSecond, hydrationBytesPerSecond, pendingPerVolume, bytes, cacheBytes);
    }
}
