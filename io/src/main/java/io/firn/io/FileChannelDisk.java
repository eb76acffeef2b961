package io.firn.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A disk that is a folder of the file system, through positional {@link FileChannel} I/O.
 *
 * <p><b>Durability.</b> {@link DiskFile#sync} is fdatasync; {@link #syncDirectory} is fsync of the folder, as Linux file systems need
 * it. Folders that are made, by {@link #createDirectory} or on the way by {@link Disk.OpenMode#CREATE}, are durable on return.
 *
 * <p><b>Interrupts.</b> The JDK closes a {@code FileChannel} for all its users when one of their threads is interrupted in it. This
 * disk opens it again and carries on; the interrupt flag is kept. See {@link ChannelFile}.
 *
 * <p><b>Sharing.</b> The folder belongs to this object: use one per folder and process, and {@link DirectoryLock} against other
 * processes. It holds nothing to close but its files.
 *
 * <p><b>Threads.</b> Safe for many threads. Opening, renaming and deleting wait for each other; reads and writes do not.
 */
public final class FileChannelDisk implements Disk {
    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

    private final Path root;

    /** Kept, because finding it means reading the table of mounts. */
    private final FileStore fileStore;

    private final FileAttribute<?>[] fileAttributes;
    private final FileAttribute<?>[] folderAttributes;

    /** Guards the fields below, and holds the path of a file still while it is opened again. */
    private final Object names = new Object();

    /** Folders that this object knows to be durable; others are synced once, as an earlier process may have died before it did. */
    private final Set<String> durableDirectories = new HashSet<>();

    /** Open handles by their present path: they must hear of a rename or delete, to be able to reopen. */
    private final Map<Path, List<ChannelFile>> handles = new HashMap<>();

    private FileChannelDisk(Path root, FileAttribute<?>[] fileAttributes, FileAttribute<?>[] folderAttributes) {
        this.root = root;
        this.fileStore = fileStore(root);
        this.fileAttributes = fileAttributes;
        this.folderAttributes = folderAttributes;
    }

    private static FileStore fileStore(Path root) {
        try {
            return Files.getFileStore(root);
        } catch (IOException e) {
            throw IoFailure.translate(e, "find the file system of", root.toString());
        }
    }

    /** Opens the folder; it is made, durably, if it is missing. */
    public static FileChannelDisk open(Path root) {
        return new FileChannelDisk(opened(root), NO_ATTRIBUTES, NO_ATTRIBUTES);
    }

    /** Opens a folder that is there already; {@link StorageException.Unavailable} when it is not. */
    public static FileChannelDisk openExisting(Path root) {
        if (!Files.isDirectory(root)) {
            throw new StorageException.Unavailable(root + " is no folder");
        }
        return open(root);
    }

    /**
     * As {@link #open}, for secrets: the folder, and what is made in it through this disk, is for its owner only. A folder that others
     * could enter is closed to them. Where the file system knows no owners it is as {@link #open}.
     */
    public static FileChannelDisk openOwnerOnly(Path root) {
        Path folder = opened(root);
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileChannelDisk(folder, NO_ATTRIBUTES, NO_ATTRIBUTES);
        }
        Set<PosixFilePermission> forFolders = PosixFilePermissions.fromString("rwx------");
        try {
            Files.setPosixFilePermissions(folder, forFolders);
        } catch (IOException e) {
            throw IoFailure.translate(e, "close to others", folder.toString());
        }
        return new FileChannelDisk(
                folder,
                new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                },
                new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(forFolders)});
    }

    /** Removes the file of a unix socket that a process before us left behind; what is no socket stays. */
    public static void removeSocket(Path socket) {
        try {
            if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
                    && Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                            .isOther()) {
                Files.delete(socket);
            }
        } catch (IOException e) {
            throw IoFailure.translate(e, "remove the socket", socket.toString());
        }
    }

    private static Path opened(Path root) {
        Path absolute = root.toAbsolutePath().normalize();
        try {
            Deque<Path> missing = new ArrayDeque<>();
            for (Path path = absolute; path != null && !Files.exists(path); path = path.getParent()) {
                missing.push(path);
            }
            for (Path path : missing) {
                createFolder(path);
                Path parent = path.getParent();
                if (parent != null) {
                    syncFolder(parent);
                }
            }
            if (!Files.isDirectory(absolute)) {
                throw new StorageException.Unavailable("open the disk " + absolute + ": it is a file");
            }
        } catch (IOException e) {
            throw IoFailure.translate(e, "open the disk", absolute.toString());
        }
        return absolute;
    }

    @Override
    public DiskFile open(String name, OpenMode mode) {
        DiskName.requireFile(name);
        if (mode == OpenMode.CREATE) {
            createDirectory(DiskName.parent(name));
        }
        synchronized (names) {
            try {
                Path path = path(name);
                if (mode != OpenMode.CREATE && Files.isDirectory(path)) {
                    throw new StorageException.Unavailable("open " + name + ": it is a folder");
                }
                ChannelFile file = new ChannelFile(this, name, path, mode);
                handles.computeIfAbsent(path, key -> new ArrayList<>()).add(file);
                return file;
            } catch (IOException e) {
                throw IoFailure.translate(e, mode == OpenMode.CREATE ? "create" : "open", name);
            }
        }
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(path(DiskName.requireDirectory(name)), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list(String directory) {
        Path path = path(DiskName.requireDirectory(directory));
        if (!Files.exists(path)) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                found.add(entry.getFileName().toString());
            }
        } catch (DirectoryIteratorException e) {
            throw IoFailure.translate(new IOException(e), "list", directory);
        } catch (IOException e) {
            throw IoFailure.translate(e, "list", directory);
        }
        Collections.sort(found);
        return found;
    }

    @Override
    public void createDirectory(String directory) {
        DiskName.requireDirectory(directory);
        synchronized (names) {
            createDurably(directory);
        }
    }

    @Override
    public void delete(String name) {
        DiskName.requireFile(name);
        synchronized (names) {
            try {
                detachHandles(path(name));
                Files.deleteIfExists(path(name));
                durableDirectories.remove(name);
            } catch (IOException e) {
                throw IoFailure.translate(e, "delete", name);
            }
        }
    }

    @Override
    public void rename(String from, String to) {
        DiskName.requireFile(from);
        DiskName.requireFile(to);
        String operation = "rename to " + to + " from";
        synchronized (names) {
            try {
                if (Files.isDirectory(path(from))) {
                    throw new StorageException.Unavailable(operation + " " + from + ": it is a folder");
                }
                if (from.equals(to)) {
                    if (!exists(from)) {
                        throw new StorageException.Unavailable(operation + " " + from + ": no such file");
                    }
                    return;
                }
                Path target = path(to);
                detachHandles(target);
                Files.move(path(from), target, StandardCopyOption.ATOMIC_MOVE);
                List<ChannelFile> moved = handles.remove(path(from));
                if (moved != null) {
                    moved.forEach(file -> file.moved(target));
                    handles.put(target, moved);
                }
            } catch (IOException e) {
                throw IoFailure.translate(e, operation, from);
            }
        }
    }

    @Override
    public void syncDirectory(String directory) {
        DiskName.requireDirectory(directory);
        try {
            syncFolder(path(directory));
        } catch (IOException e) {
            throw IoFailure.translate(e, "sync folder", directory);
        }
    }

    @Override
    public long usableBytes() {
        try {
            return fileStore.getUsableSpace();
        } catch (IOException e) {
            throw IoFailure.translate(e, "usable bytes of", root.toString());
        }
    }

    /** Runs an action while no file is renamed or deleted. */
    <T> T holdingNames(ChannelFile.IoCall<T> action) throws IOException {
        synchronized (names) {
            return action.call();
        }
    }

    /** What a new file carries from the moment it exists. */
    FileAttribute<?>[] fileAttributes() {
        return fileAttributes;
    }

    void closed(ChannelFile file) {
        synchronized (names) {
            handles.computeIfPresent(file.path(), (path, open) -> {
                open.remove(file);
                return open.isEmpty() ? null : open;
            });
        }
    }

    private void createDurably(String directory) {
        if (directory.isEmpty() || (durableDirectories.contains(directory) && Files.isDirectory(path(directory)))) {
            return;
        }
        String parent = DiskName.parent(directory);
        createDurably(parent);
        try {
            createFolder(path(directory), folderAttributes);
            syncFolder(path(parent));
            durableDirectories.add(directory);
        } catch (IOException e) {
            throw IoFailure.translate(e, "create folder", directory);
        }
    }

    /** Readies the handles of a file that is about to lose its path. */
    private void detachHandles(Path path) throws IOException {
        List<ChannelFile> open = handles.remove(path);
        if (open != null) {
            for (ChannelFile file : open) {
                file.detach();
            }
        }
    }

    private Path path(String name) {
        return root.resolve(name);
    }

    private static void createFolder(Path path, FileAttribute<?>... attributes) throws IOException {
        try {
            Files.createDirectory(path, attributes);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }

    /**
     * fsync of a folder. An interrupt under way hides the outcome, so it is done again: unlike a file's, a folder's failed sync is not
     * forgotten by the kernel, because a journal that cannot be written stops the whole file system.
     */
    private static void syncFolder(Path path) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
