package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import io.firn.testkit.CrashPoints;
import io.firn.testkit.Seeds;
import io.firn.testkit.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Power failures: acknowledged is readable and byte-equal, unacknowledged is absent or complete, and nothing is left over. */
final class ObjectStoreCrashTest {
    private static final int STEPS = 40;

    @Test
    void everySyncOfAMixedWorkload() {
        long syncs = CrashPoints.everySync(
                7,
                2,
                StoreWorkload::new,
                (disk, workload) -> {
                    RandomGenerator random = Randomness.seeded(11);
                    ObjectStore store = workload.open(List.of(disk), 3);
                    workload.begin(store);
                    for (int i = 0; i < STEPS; i++) {
                        workload.step(store, random);
                    }
                    store.close();
                },
                (found, workload) -> {
                    try (ObjectStore store = workload.open(List.of(found), 5)) {
                        workload.check(store);
                    }
                });
        assertTrue(syncs > STEPS, "the workload syncs: " + syncs);
    }

    @Test
    void historiesOfOneZoneWithSeveralCrashes() {
        Seeds.forEach(1400, (seed, random) -> crashing(1, random));
    }

    @Test
    void historiesOfThreeZonesWithSeveralCrashes() {
        Seeds.forEach(600, (seed, random) -> crashing(3, random));
    }

    private static void crashing(int zones, RandomGenerator random) {
        List<SimDisk> disks = new ArrayList<>();
        for (int i = 0; i < zones; i++) {
            disks.add(new SimDisk(random.nextLong()));
        }
        StoreWorkload workload = new StoreWorkload();
        for (int life = 0; life < 3; life++) {
            disks.forEach(disk -> disk.crashAtSync(disk.syncCount() + 1 + random.nextInt(60)));
            live(workload, disks, random, life == 0);
            List<SimDisk> found = new ArrayList<>();
            disks.forEach(disk -> found.add(disk.crash(random.nextLong())));
            disks = found;
            try (ObjectStore store = workload.open(List.<Disk>copyOf(disks), random.nextLong())) {
                workload.check(store);
                workload.adopt(store);
            }
        }
    }

    private static void live(StoreWorkload workload, List<SimDisk> disks, RandomGenerator random, boolean isFirst) {
        try {
            // Not closed when the power fails: nothing runs any more then.
            ObjectStore store = workload.open(List.<Disk>copyOf(disks), random.nextLong());
            if (isFirst) {
                workload.begin(store);
            }
            for (int i = 0; i < STEPS; i++) {
                workload.step(store, random);
            }
            store.close();
        } catch (RuntimeException e) {
            if (disks.stream().noneMatch(SimDisk::isOff)) {
                throw e;
            }
        }
    }
}
