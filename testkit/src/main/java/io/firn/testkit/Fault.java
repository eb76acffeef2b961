package io.firn.testkit;

/** What a call on a {@link SimDisk} can be made to do instead of succeeding. */
public enum Fault {
    /**
     * EIO, {@code DiskFailed}. A write leaves a prefix of its bytes, possibly none, possibly all. A sync persists a part of what was
     * unsynced and forgets that the rest is: reads still show it, a later sync does not write it, a crash loses it (what Linux does).
     */
    IO_ERROR,
    /** ENOSPC, {@code OutOfSpace}. A write leaves a prefix of its bytes. */
    NO_SPACE,
    /** Too many open files, busy, no permission: {@code Unavailable}, and nothing is done. */
    UNAVAILABLE,
    /** The power goes: the call may have had its effect, and throws {@link PowerFailure} as does every later one. */
    POWER_FAILURE
}
