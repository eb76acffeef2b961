package io.firn.bench;

import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.StorageException;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import java.nio.file.Path;
import java.util.List;

/** The folder on the disk to measure, and stores in it. Nothing outside its own sub-folders is touched. */
public record Scratch(Path folder, Clock clock) {

    /** The folder as a disk, for the loops that stores are compared with. */
    public Disk disk() {
        return FileChannelDisk.open(folder);
    }

    /** Opens or makes the store {@code name}, with one zone. */
    public ObjectStore store(String name, ObjectStoreOptions options) {
        Path root = folder.resolve(name);
        return ObjectStore.open(root, List.of(root.resolve("zone")), clock, options);
    }

    /** Opens or makes the volume store {@code name}. */
    public VolumeStore volumes(String name, VolumeStoreOptions options) {
        return VolumeStore.open(FileChannelDisk.open(folder.resolve(name)), clock, options);
    }

    /** Removes what an earlier measurement left under {@code name}. */
    public void clear(String name) {
        clear(disk(), name);
    }

    private static void clear(Disk disk, String name) {
        inside(disk, name).forEach(child -> clear(disk, name + "/" + child));
        disk.delete(name);
    }

    private static List<String> inside(Disk disk, String name) {
        try {
            return disk.list(name);
        } catch (StorageException.Unavailable itIsAFile) {
            return List.of();
        }
    }
}
