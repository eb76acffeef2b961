package io.firn.io;

import java.util.List;

/**
 * A tree of named files: the one seam between Firn and a file system.
 *
 * <p>Names are relative paths with {@code /} between the parts; each part matches {@code [A-Za-z0-9._-]+} and is neither
 * {@code .} nor {@code ..}. Names are made by Firn, never from user input. Three occupants pass one contract suite:
 * {@code FileChannelDisk}, {@code MemoryDisk} and the simulated disk of the testkit.
 *
 * <p><b>Durability.</b> A new, renamed or deleted name survives a crash only after {@link #syncDirectory} of its folder has
 * returned; the bytes of a file survive only after {@link DiskFile#sync} has returned.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 *
 * <p><b>Errors.</b> {@link StorageException} with operation and name; a name of the wrong form is an
 * {@link IllegalArgumentException}.
 */
public interface Disk {

    /** How {@link #open} treats the file. */
    enum OpenMode {
        /** The file exists; reads only. */
        READ,
        /** The file exists; reads and writes. */
        WRITE,
        /** The file does not exist and is made, with the folders it needs; reads and writes. */
        CREATE
    }

    /** Opens a file; the caller closes it. Missing (READ, WRITE) or present (CREATE) is {@code StorageException.Unavailable}. */
    DiskFile open(String name, OpenMode mode);

    /** True when a file or a folder of this name exists. */
    boolean exists(String name);

    /** The names (last parts only) of the files and folders directly in {@code directory}, sorted; empty when it does not exist. {@code ""} is the root. */
    List<String> list(String directory);

    /** Makes a folder and those above it; nothing happens when it exists. Each new name is durable on return. */
    void createDirectory(String directory);

    /** Removes a file, or an empty folder. Handles that are open keep working until closed. Nothing happens when it does not exist. */
    void delete(String name);

    /**
     * Puts the file {@code from} at {@code to}, atomically replacing the file that is there. Both are in existing folders; a folder is
     * neither moved nor replaced. Handles of {@code from} go on under their old name.
     */
    void rename(String from, String to);

    /** Makes the names in {@code directory} durable: those created, renamed and deleted before the call. */
    void syncDirectory(String directory);

    /** Bytes that can still be written before the disk is full, as the disk itself says. */
    long usableBytes();
}
