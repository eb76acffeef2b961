package io.firn.io;

import org.jspecify.annotations.Nullable;

/**
 * The world failed: a disk, a file, a folder. The kinds are chosen by remedy, so a handler is a {@code switch} without a default.
 *
 * <p>The message names operation, file, offset and length; it is for people and not part of the API.
 */
public abstract sealed class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Not now, or not there: try again, or another copy. */
    public static final class Unavailable extends StorageException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message) {
            super(message, null);
        }

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** No room: free some, reads and deletes still work. */
    public static final class OutOfSpace extends StorageException {
        private static final long serialVersionUID = 1L;

        public OutOfSpace(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Bytes do not carry the checksum they should: use another copy, repair. */
    public static final class Corrupt extends StorageException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message) {
            super(message, null);
        }
    }

    /** Someone else owns this now: stop. */
    public static final class Fenced extends StorageException {
        private static final long serialVersionUID = 1L;

        public Fenced(String message) {
            super(message, null);
        }
    }

    /** Used after it was closed: fix the caller. */
    public static final class Closed extends StorageException {
        private static final long serialVersionUID = 1L;

        public Closed(String message) {
            super(message, null);
        }
    }

    /** The disk or the handle failed for good: replace it, open again. */
    public static final class DiskFailed extends StorageException {
        private static final long serialVersionUID = 1L;

        public DiskFailed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
