package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.firn.io.Disk.OpenMode;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.testkit.DiskCall.Operation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The simulator itself: the same seed leaves the same disk, the same next random number and the same time. */
final class SimulationDeterminismTest {

    private record End(long disk, long image, long nextRandom, Instant time, List<String> outcomes) {}

    @Test
    void theSameSeedEndsTheSame() {
        Seeds.forEach(30, (seed, random) -> assertEquals(history(seed), history(seed)));
    }

    @Test
    void anotherSeedEndsOtherwise() {
        assertNotEquals(history(1), history(2));
    }

    private static End history(long seed) {
        RandomGenerator random = Randomness.seeded(seed);
        VirtualClock clock = new VirtualClock(Instant.EPOCH);
        SimDisk disk = new SimDisk(seed);
        disk.limitCapacity(400_000);
        disk.crashAtSync(40);
        disk.inject(Fault.IO_ERROR, call -> call.number() % 17 == 0 && call.operation() == Operation.WRITE);
        disk.inject(Fault.IO_ERROR, call -> call.number() % 13 == 0 && call.operation() == Operation.SYNC);
        List<String> outcomes = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            clock.advance(Duration.ofMillis(random.nextInt(1000)));
            outcomes.add(step(disk, random));
        }
        return new End(
                disk.fingerprint(), disk.crash(seed + 1).fingerprint(), random.nextLong(), clock.now(), outcomes);
    }

    private static String step(SimDisk disk, RandomGenerator random) {
        String name = "d" + random.nextInt(3) + "/f" + random.nextInt(5);
        int choice = random.nextInt(8);
        int position = random.nextInt(20_000);
        byte[] bytes = new byte[random.nextInt(5000)];
        random.nextBytes(bytes);
        try {
            if (!disk.exists(name)) {
                disk.open(name, OpenMode.CREATE).close();
                return "created " + name;
            }
            try (DiskFile file = disk.open(name, OpenMode.WRITE)) {
                switch (choice) {
                    case 0 -> disk.delete(name);
                    case 1 -> disk.syncDirectory(name.substring(0, 2));
                    case 2 -> file.sync();
                    case 3 -> file.truncate(position);
                    case 4 -> {
                        return "sent " + file.transferTo(0, position, Channels.newChannel(new ByteArrayOutputStream()));
                    }
                    default -> file.write(ByteBuffer.wrap(bytes), position);
                }
                return "done " + choice + " to " + name + ", " + file.length() + " bytes";
            }
        } catch (StorageException | PowerFailure e) {
            return e.toString();
        }
    }
}
