package io.firn.objectstore;

import io.firn.io.StorageException;

/**
 * Keeps a reserve of free space in every zone, so that deletes get through on a disk that puts have filled.
 *
 * <p>The disks are asked again only when the store has written a small part of the reserve since: asking is a system call to each,
 * which would be a large part of what a small put costs. As long as the answer is no, they are asked every time.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class Reserve {
    /** The reserve is undercut by at most this part of it, beyond the puts under way. */
    private static final int PARTS = 32;

    private final Zones zones;
    private final CommitLog log;
    private final ExtentSpace space;
    private final long reserveBytes;

    /** Until the store has written this much since it was opened, there is room. */
    private volatile long roomUntilBytes;

    Reserve(Zones zones, CommitLog log, ExtentSpace space, long reserveBytes) {
        this.zones = zones;
        this.log = log;
        this.space = space;
        this.reserveBytes = reserveBytes;
    }

    /** Refuses to add bytes when so little room is left that deletes might not get through any more. */
    void require() {
        long written = log.journalBytes() + space.placedBytes();
        if (written < roomUntilBytes) {
            return;
        }
        for (Zone zone : zones.healthy()) {
            long usable = zone.disk().usableBytes();
            if (usable < reserveBytes) {
                throw new StorageException.OutOfSpace(
                        "zone " + zone.name() + " has " + usable + " bytes left, under the reserve of " + reserveBytes
                                + ": writes are refused, reads and deletes go on",
                        null);
            }
        }
        roomUntilBytes = written + reserveBytes / PARTS;
    }
}
