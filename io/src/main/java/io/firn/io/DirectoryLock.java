package io.firn.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps a second process, and a second user in this one, out of a folder: an exclusive lock on the file {@value #FILE_NAME} in it, which
 * also names the holder's process id. The system lets go of it when the process ends, however it ends.
 *
 * <p>The file stays when the lock is released, and appears in the folder's listing.
 */
public final class DirectoryLock implements AutoCloseable {

    /** The file that is locked. */
    public static final String FILE_NAME = "firn.lock";

    private static final int MAX_PID_BYTES = 20;

    /**
     * What this process holds. The one static that changes: POSIX locks belong to the process and vanish when it closes any descriptor
     * of the file, so a second user must be refused before the file is opened.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path folder;
    private final FileChannel channel;

    private DirectoryLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Takes the lock or throws {@link StorageException.Unavailable} that names the process that holds it. The folder is made if it is
     * missing.
     */
    public static DirectoryLock acquire(Path root) {
        boolean interrupted = Thread.interrupted();
        try {
            Path folder = Files.createDirectories(root).toRealPath();
            synchronized (HELD) {
                if (HELD.contains(folder)) {
                    throw heldBy(
                            folder, "this process, " + ProcessHandle.current().pid());
                }
                DirectoryLock lock = new DirectoryLock(folder, lock(folder));
                HELD.add(folder);
                return lock;
            }
        } catch (IOException e) {
            throw IoFailure.translate(e, "lock", root.toString());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Lets go; closing again does nothing. */
    @Override
    public void close() {
        synchronized (HELD) {
            try {
                channel.close();
            } catch (IOException e) {
                throw IoFailure.translate(e, "unlock", folder.toString());
            } finally {
                HELD.remove(folder);
            }
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(FILE_NAME),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw heldBy(folder, "process " + readPid(channel));
            }
            channel.truncate(0);
            channel.write(
                    StandardCharsets.US_ASCII.encode(
                            Long.toString(ProcessHandle.current().pid())),
                    0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static StorageException heldBy(Path folder, String holder) {
        return new StorageException.Unavailable(
                "the folder " + folder + " is in use by " + holder + "; stop it first, or choose another folder");
    }

    private static String readPid(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_BYTES);
        channel.read(bytes, 0);
        String pid = StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
        return pid.isEmpty() ? "(unknown)" : pid;
    }
}
