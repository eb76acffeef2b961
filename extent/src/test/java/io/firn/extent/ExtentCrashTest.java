package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.Seeds;
import io.firn.testkit.SimDisk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The power fails at every sync of a mixed history: what was synced is there, what was not is whole or refused, and replay restores it. */
class ExtentCrashTest {
    private static final int STEPS = 60;
    private static final int EXTENTS = 4;

    /** What the caller was promised. */
    private static final class History {
        final Map<ExtentRef, EncodedFrame> written = new LinkedHashMap<>();
        final Set<ExtentRef> synced = new HashSet<>();
        final Set<Long> sealed = new TreeSet<>();
        final Set<Long> sealing = new TreeSet<>();
        final Set<Long> deleted = new TreeSet<>();
    }

    private static void workload(long seed, SimDisk disk, History history) {
        RandomGenerator random = Randomness.seeded(seed);
        long[] ends = new long[EXTENTS];
        ExtentDirectory directory = ExtentDirectory.open(disk, "zone", new ExtentOptions(6));
        for (int i = 0; i < STEPS; i++) {
            int id = random.nextInt(EXTENTS);
            int kind = random.nextInt(10);
            int length = 1 + random.nextInt(random.nextInt(5) == 0 ? 150_000 : 3000);
            if (history.sealed.contains((long) id) || history.deleted.contains((long) id)) {
                continue;
            }
            if (ends[id] == 0) {
                directory.create(id);
                ends[id] = Frame.FIRST_OFFSET;
            }
            if (kind < 6) {
                EncodedFrame frame = Frame.encode(id, ends[id], new FrameOwner(id, i), Payloads.numbered(i, length));
                history.written.put(frame.ref(), frame);
                directory.write(frame);
                ends[id] = frame.ref().endOffset();
            } else if (kind < 9) {
                directory.sync(id);
                of(history, id).forEach(frame -> history.synced.add(frame.ref()));
            } else if (random.nextInt(3) > 0) {
                history.sealing.add((long) id);
                directory.seal(id);
                history.sealed.add((long) id);
                of(history, id).forEach(frame -> history.synced.add(frame.ref()));
            } else {
                history.deleted.add((long) id);
                directory.delete(id);
            }
        }
        directory.close();
    }

    private static List<EncodedFrame> of(History history, long id) {
        return history.written.values().stream()
                .filter(frame -> frame.ref().extentId() == id)
                .toList();
    }

    private static void check(SimDisk found, History history) {
        SimDisk again;
        try (ExtentDirectory directory = ExtentDirectory.open(found, "zone", new ExtentOptions(6))) {
            for (long id : directory.extents()) {
                checkWalk(directory, id, history);
            }
            for (EncodedFrame frame : history.written.values()) {
                checkFrame(directory, frame, history);
            }
            replay(directory, history);
            again = found.crash(found.fingerprint());
        }
        try (ExtentDirectory directory = ExtentDirectory.open(again, "zone", new ExtentOptions(6))) {
            for (EncodedFrame frame : history.written.values()) {
                if (!history.deleted.contains(frame.ref().extentId())) {
                    assertEquals(frame.payload(), Payloads.readAll(directory, frame.ref()));
                }
            }
            for (long id : directory.extents()) {
                assertTrue(
                        history.deleted.contains(id)
                                || directory.existing(id).preambleDamage().isEmpty(),
                        "replay leaves superblock and seal whole");
            }
        }
    }

    private static void checkWalk(ExtentDirectory directory, long id, History history) {
        List<ExtentRef> walked = new ArrayList<>();
        directory.frames(id).forEach(entry -> walked.add(entry.ref()));
        List<EncodedFrame> written = of(history, id);
        assertTrue(written.stream().map(EncodedFrame::ref).toList().containsAll(walked), "frames that nobody wrote");
        assertTrue(
                written.stream()
                        .map(EncodedFrame::ref)
                        .filter(history.synced::contains)
                        .allMatch(walked::contains),
                "a synced frame is not found by walking");
        if (history.sealed.contains(id)) {
            assertTrue(directory.isSealed(id));
            assertTrue(directory.existing(id).preambleDamage().isEmpty());
        } else if (!history.sealing.contains(id)) {
            assertTrue(!directory.isSealed(id));
        }
    }

    private static void checkFrame(ExtentDirectory directory, EncodedFrame frame, History history) {
        try {
            assertEquals(frame.payload(), Payloads.readAll(directory, frame.ref()));
        } catch (StorageException.Corrupt | StorageException.Unavailable e) {
            boolean promised = history.synced.contains(frame.ref())
                    && !history.deleted.contains(frame.ref().extentId());
            if (promised) {
                throw new AssertionError("a synced frame is lost", e);
            }
        }
    }

    /** What a journal does after a crash: brings back what it knows and was not told to be durable. */
    private static void replay(ExtentDirectory directory, History history) {
        for (EncodedFrame frame : history.written.values()) {
            long id = frame.ref().extentId();
            if (!history.deleted.contains(id)) {
                directory.ensure(id);
                directory.write(frame);
            }
        }
        for (long id : directory.extents()) {
            if (history.deleted.contains(id)) {
                directory.delete(id);
            } else {
                directory.ensure(id);
                directory.sync(id);
            }
        }
    }

    @Test
    void powerFailureAtEverySync() {
        long[] syncs = new long[1];
        Seeds.forEach(
                15,
                (seed, random) -> syncs[0] += CrashPoints.everySync(
                        seed,
                        4,
                        History::new,
                        (disk, history) -> workload(seed, disk, history),
                        ExtentCrashTest::check));
        assertTrue(syncs[0] > 10, () -> "only " + syncs[0] + " syncs were tried");
    }
}
