package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.Disk.OpenMode;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * The harness itself: it finds the bugs that are planted here, reduces them to the steps that matter, and passes the code without them.
 */
final class CanaryTest {

    /** Where a small log of numbers goes wrong, if it does. */
    private enum Bug {
        NONE,
        ACKNOWLEDGES_BEFORE_SYNC,
        FORGETS_TO_SYNC_THE_FOLDER,
        TRUSTS_RECORDS_WITHOUT_CHECKSUM,
        APPENDS_AFTER_A_FAILED_SYNC
    }

    /** Appends numbers to a file; what {@code append} returned from is to be found after a crash. */
    private static final class NumberLog {
        private static final int RECORD_BYTES = 12;
        private final Bug bug;
        private final DiskFile file;
        private long end;

        private NumberLog(Disk disk, Bug bug) {
            this.bug = bug;
            boolean there = disk.exists("log/numbers");
            this.file = disk.open("log/numbers", there ? OpenMode.WRITE : OpenMode.CREATE);
            if (!there && bug != Bug.FORGETS_TO_SYNC_THE_FOLDER) {
                disk.syncDirectory("log");
            }
            this.end = (long) read(disk, bug).size() * RECORD_BYTES;
        }

        private void append(long number) {
            ByteBuffer payload = ByteBuffer.allocate(8).putLong(0, number);
            ByteBuffer record =
                    ByteBuffer.allocate(RECORD_BYTES).putLong(number).putInt(Crc32c.of(payload));
            file.write(record.flip(), end);
            end += RECORD_BYTES;
            if (bug != Bug.ACKNOWLEDGES_BEFORE_SYNC) {
                file.sync();
            }
        }

        private static List<Long> read(Disk disk, Bug bug) {
            List<Long> numbers = new ArrayList<>();
            if (!disk.exists("log/numbers")) {
                return numbers;
            }
            try (DiskFile file = disk.open("log/numbers", OpenMode.READ)) {
                ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
                while (file.read(record.clear(), (long) numbers.size() * RECORD_BYTES) == RECORD_BYTES) {
                    boolean intact = record.getInt(8) == Crc32c.of(record, 0, 8);
                    if (!intact && bug != Bug.TRUSTS_RECORDS_WITHOUT_CHECKSUM) {
                        break;
                    }
                    numbers.add(record.getLong(0));
                }
            }
            return numbers;
        }
    }

    private static void appendThree(SimDisk disk, List<Long> acknowledged, Bug bug) {
        NumberLog log = new NumberLog(disk, bug);
        for (long number = 101; number <= 103; number++) {
            log.append(number);
            acknowledged.add(number);
        }
    }

    /** All that was acknowledged, and at most the one number more that was under way. */
    private static void requireAcknowledged(SimDisk found, List<Long> acknowledged, Bug bug) {
        List<Long> numbers = NumberLog.read(found, bug);
        List<Long> oneMore = new ArrayList<>(acknowledged);
        oneMore.add(101L + acknowledged.size());
        assertTrue(
                numbers.equals(acknowledged) || numbers.equals(oneMore),
                "acknowledged " + acknowledged + ", found " + numbers);
    }

    private static long tryEverySync(Bug bug) {
        Supplier<List<Long>> history = ArrayList::new;
        return CrashPoints.everySync(
                1,
                50,
                history,
                (disk, acknowledged) -> appendThree(disk, acknowledged, bug),
                (found, acknowledged) -> requireAcknowledged(found, acknowledged, bug));
    }

    @Test
    void theRightLogPassesAtEverySync() {
        assertEquals(5, tryEverySync(Bug.NONE), "one for the folder, one for the name, three for the numbers");
    }

    @Test
    void crashPointsFindEachBugOfDurability() {
        for (Bug bug : List.of(
                Bug.ACKNOWLEDGES_BEFORE_SYNC, Bug.FORGETS_TO_SYNC_THE_FOLDER, Bug.TRUSTS_RECORDS_WITHOUT_CHECKSUM)) {
            AssertionError found = assertThrows(AssertionError.class, () -> tryEverySync(bug), bug.name());
            assertTrue(found.toString().contains("power failure at sync"), found.toString());
        }
    }

    // A world of steps for Property: the bug shows only in the right order of several.

    private sealed interface Step {}

    private record Append(long number) implements Step {}

    private record Crash(long image) implements Step {}

    private record FailNextSync() implements Step {}

    private static List<Step> steps(RandomGenerator random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int die = random.nextInt(10);
            steps.add(die == 0 ? new Crash(random.nextLong()) : die == 1 ? new FailNextSync() : new Append(i));
        }
        return steps;
    }

    private static void perform(long seed, List<Step> steps, Bug bug) {
        SimDisk disk = new SimDisk(seed);
        List<Long> acknowledged = new ArrayList<>();
        NumberLog log = new NumberLog(disk, bug);
        for (Step step : steps) {
            if (step instanceof Append append) {
                try {
                    log.append(append.number());
                    acknowledged.add(append.number());
                } catch (StorageException e) {
                    // The handle is poisoned: open again, and go on where the file ends.
                    log.file.close();
                    long failedEnd = log.end;
                    log = new NumberLog(disk, bug);
                    if (bug == Bug.APPENDS_AFTER_A_FAILED_SYNC) {
                        log.end = failedEnd;
                        acknowledged.add(append.number());
                    }
                }
            } else if (step instanceof FailNextSync) {
                disk.injectAt(Fault.IO_ERROR, DiskCall.Operation.SYNC, 1);
            } else if (step instanceof Crash crash) {
                disk = disk.crash(crash.image());
                log = new NumberLog(disk, bug);
            }
        }
        List<Long> found = NumberLog.read(disk.crash(seed), bug);
        found.retainAll(acknowledged);
        assertEquals(acknowledged, found);
    }

    @Test
    void aBugOfSeveralStepsIsFoundAndReduced() {
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> Property.check(
                        "planted bug",
                        100,
                        CanaryTest::steps,
                        (seed, steps) -> perform(seed, steps, Bug.APPENDS_AFTER_A_FAILED_SYNC)));
        String message = found.toString();
        assertTrue(message.contains("2 of 40 steps needed:\n  FailNextSync[]\n  Append["), message);
        assertTrue(message.contains("-Dtest=CanaryTest#aBugOfSeveralStepsIsFoundAndReduced -Dfirn.seed="), message);
    }

    @Test
    void seedsSayHowToReplay() {
        AssertionError found = assertThrows(
                AssertionError.class, () -> Seeds.forEach(10, (seed, random) -> assertTrue(seed < 3, "planted")));
        if (System.getProperty("firn.seed") == null) {
            assertTrue(found.toString().contains("seed 3 fails"), found.toString());
            assertTrue(
                    found.toString()
                            .contains("mvn -pl testkit -am test -Dsurefire.failIfNoSpecifiedTests=false"
                                    + " -Dtest=CanaryTest#seedsSayHowToReplay -Dfirn.seed=3"),
                    found.toString());
        }
    }
}
