package io.firn.io;

import java.nio.ByteBuffer;

/** The recipe for replacing a small file so that a crash leaves the old one or the new one, never a mix. */
public final class SmallFile {
    private static final String FRESH = ".new";

    private SmallFile() {}

    /**
     * Puts {@code bytes} at {@code name}, whether or not it exists: writes another file, syncs it, renames it over, syncs the folder.
     * Durable on return; a crash before leaves what was there. One caller at a time for a name.
     */
    public static void replace(Disk disk, String name, ByteBuffer bytes) {
        String fresh = name + FRESH;
        disk.delete(fresh);
        try (DiskFile file = disk.open(fresh, Disk.OpenMode.CREATE)) {
            file.write(bytes, 0);
            file.sync();
        }
        disk.rename(fresh, name);
        disk.syncDirectory(DiskName.parent(name));
    }
}
