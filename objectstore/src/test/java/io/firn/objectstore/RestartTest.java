package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.testkit.DiskCall;
import io.firn.testkit.Fault;
import io.firn.testkit.SimDisk;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a start may cost. */
final class RestartTest {
    private static final int MOST_ROUNDS = 2000;
    private static final int SMALL = 200;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-25T00:00:00Z"));

    private ObjectStore open(SimDisk disk) {
        return ObjectStore.openInMemory(
                List.<Disk>of(disk), clock, Randomness.seeded(3), ObjectStoreOptions.DEFAULT.withSmallFiles());
    }

    private static void put(ObjectStore store, String key, int length) {
        store.put(PutObject.of("bucket", key), ObjectSource.of(new byte[length]))
                .orElseThrow();
    }

    /** A segment that took the place of a removed one is full of stale batches behind the end: they cost one pass, not one each. */
    @Test
    void readsEachSegmentOnce() {
        SimDisk disk = new SimDisk(1);
        ObjectStore store = open(disk);
        store.createBucket(new BucketName("bucket"), "me", "", Tags.NONE).orElseThrow();
        // Small batches in every segment, until one of them is the spare and then the newest segment.
        int round = 0;
        for (boolean wasSpare = false, isSpare = false; !wasSpare || isSpare; round++) {
            assertTrue(round < MOST_ROUNDS, "no segment was used again");
            for (int i = 0; i < 50; i++) {
                put(store, "key" + i, SMALL);
            }
            store.step();
            wasSpare |= isSpare;
            isSpare = disk.exists(JournalFormat.SPARE);
        }
        SimDisk killed = disk.kill();
        long journalBytes = 0;
        for (String name : killed.list(JournalFormat.FOLDER)) {
            try (DiskFile file = killed.open(JournalFormat.FOLDER + "/" + name, Disk.OpenMode.READ)) {
                journalBytes += file.length();
            }
        }
        AtomicLong readBytes = new AtomicLong();
        killed.inject(Fault.IO_ERROR, call -> {
            if (call.operation() == DiskCall.Operation.READ && call.name().startsWith(JournalFormat.FOLDER)) {
                readBytes.addAndGet(call.length());
            }
            return false;
        });
        open(killed).close();
        assertTrue(
                readBytes.get() <= 3 * journalBytes,
                readBytes + " bytes were read of a journal of " + journalBytes + " after " + round + " rounds");
    }
}
