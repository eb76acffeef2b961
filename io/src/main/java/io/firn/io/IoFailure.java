package io.firn.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Where {@link IOException} ends: each is translated once, by remedy, with operation, file, offset and length in the message.
 *
 * <p>The JDK gives the system's error only as text, so a full disk is told by what {@code strerror} says of ENOSPC, EDQUOT and EFBIG.
 */
final class IoFailure {
    /** Errors of names and limits: nothing is broken, the call can succeed another time or with another file. */
    private static final String[] UNAVAILABLE = {
        "Too many open files",
        "Is a directory",
        "Not a directory",
        "Resource temporarily unavailable",
        "Permission denied"
    };

    private IoFailure() {}

    static StorageException translate(IOException cause, String operation, String file) {
        return translate(cause, operation + " " + (file.isEmpty() ? "the root folder" : file));
    }

    static StorageException translate(IOException cause, String operation, String file, long offset, long length) {
        return translate(cause, operation + " " + file + " at " + offset + " for " + length + " bytes");
    }

    static boolean isOutOfSpace(IOException failure) {
        return says(failure, "No space left on device")
                || says(failure, "Disk quota exceeded")
                || says(failure, "File too large");
    }

    /** True for what only a disk says, when a disk and a socket are in play at once. */
    static boolean isOfTheDisk(IOException failure) {
        return says(failure, "Input/output error") || isOutOfSpace(failure);
    }

    private static StorageException translate(IOException cause, String what) {
        String message = what + ": " + cause;
        if (isOutOfSpace(cause)) {
            return new StorageException.OutOfSpace(message, cause);
        }
        return isUnavailable(cause)
                ? new StorageException.Unavailable(message, cause)
                : new StorageException.DiskFailed(message, cause);
    }

    private static boolean isUnavailable(IOException failure) {
        if (failure instanceof NoSuchFileException
                || failure instanceof FileAlreadyExistsException
                || failure instanceof DirectoryNotEmptyException
                || failure instanceof NotDirectoryException
                || failure instanceof AccessDeniedException) {
            return true;
        }
        for (String text : UNAVAILABLE) {
            if (says(failure, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean says(IOException failure, String text) {
        String message = failure.getMessage();
        return message != null && message.contains(text);
    }
}
