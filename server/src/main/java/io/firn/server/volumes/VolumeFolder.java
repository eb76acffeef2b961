package io.firn.server.volumes;

import io.firn.blockstore.BlockSource;
import io.firn.blockstore.MasterKey;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Where a data folder keeps its volumes, and beside its other secrets the key that wraps theirs and that of its snapshots. */
public final class VolumeFolder {
    private static final String VOLUMES = "volumes";
    private static final String PRIVATE = "private";
    private static final String KEY = "volumes.key";

    private VolumeFolder() {}

    /** Opens the volumes of a data folder whose lock the caller holds; what some are based on outside is not read. */
    public static VolumeStore open(Path data, Clock clock) {
        return open(data, clock, BlockSource.NONE);
    }

    /** As {@link #open(Path, Clock)}, with the snapshots that volumes are based on. */
    public static VolumeStore open(Path data, Clock clock, BlockSource.Finder sources) {
        return VolumeStore.open(
                FileChannelDisk.open(data.resolve(VOLUMES)),
                clock,
                VolumeStoreOptions.DEFAULT.withMasterKey(masterKey(data)).withSources(sources));
    }

    /** The key that wraps those of volumes and snapshots; made at the first start, for its owner only. */
    public static MasterKey masterKey(Path data) {
        Disk secrets = FileChannelDisk.openOwnerOnly(data.resolve(PRIVATE));
        if (!secrets.exists(KEY)) {
            SmallFile.replace(secrets, KEY, ByteBuffer.wrap(Randomness.secureBytes(MasterKey.BYTES)));
        }
        ByteBuffer bytes = ByteBuffer.allocate(MasterKey.BYTES);
        try (DiskFile file = secrets.open(KEY, Disk.OpenMode.READ)) {
            file.read(bytes, 0);
        }
        if (bytes.hasRemaining()) {
            throw new StorageException.Corrupt(
                    "file " + PRIVATE + "/" + KEY + " is not a key of " + MasterKey.BYTES + " bytes");
        }
        return new MasterKey(bytes.array());
    }
}
