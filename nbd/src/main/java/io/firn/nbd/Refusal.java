package io.firn.nbd;

import io.firn.io.StorageException;

/**
 * Why a request fails: the error and the words that clients with structured replies get to show. The words name no file and no path of
 * this machine.
 */
enum Refusal {
    READ_ONLY(NbdError.EPERM, "the export is read-only"),
    BEYOND_END(NbdError.EINVAL, "the request reaches beyond the end of the export"),
    NO_SPACE_BEYOND_END(NbdError.ENOSPC, "the request reaches beyond the end of the export"),
    UNALIGNED(NbdError.EINVAL, "offset or length is no multiple of the smallest block"),
    EMPTY(NbdError.EINVAL, "a request of no length"),
    NOT_EMPTY(NbdError.EINVAL, "a flush takes no offset and no length"),
    UNKNOWN_COMMAND(NbdError.EINVAL, "unknown command"),
    BAD_FLAGS(NbdError.EINVAL, "a flag that this command does not take"),
    NO_PAYLOAD(NbdError.EINVAL, "a write needs NBD_CMD_FLAG_PAYLOAD_LEN with extended headers"),
    PAYLOAD_TOO_LONG(NbdError.EINVAL, "the payload is longer than the largest that is taken"),
    READ_TOO_LONG(NbdError.EOVERFLOW, "the read is longer than the largest payload"),
    SIMPLE_READ_TOO_LONG(NbdError.EINVAL, "the read is longer than the largest payload"),
    NO_CONTEXT(NbdError.EINVAL, "no metadata context was selected for this export"),
    BAD_CONTEXTS(NbdError.EINVAL, "the payload names no context, one twice or one that was not selected"),
    NOT_FAST(NbdError.ENOTSUP, "zeroes are not faster than a write here"),
    NO_ROOM(NbdError.ENOSPC, "out of space"),
    STOPPED(NbdError.ESHUTDOWN, "the export is closed"),
    SHUTTING_DOWN(NbdError.ESHUTDOWN, "the server is shutting down"),
    FAILED(NbdError.EIO, "the storage failed; the server's log says how");

    private final NbdError error;
    private final String words;

    Refusal(NbdError error, String words) {
        this.error = error;
        this.words = words;
    }

    NbdError error() {
        return error;
    }

    byte[] words() {
        return Protocol.utf8(words);
    }

    static Refusal of(StorageException failure) {
        return switch (failure) {
            case StorageException.OutOfSpace full -> NO_ROOM;
            case StorageException.Fenced fenced -> STOPPED;
            case StorageException.Closed closed -> STOPPED;
            case StorageException.Corrupt corrupt -> FAILED;
            case StorageException.DiskFailed failed -> FAILED;
            case StorageException.Unavailable unavailable -> FAILED;
        };
    }
}
