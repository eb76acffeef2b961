package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.VirtualClock;
import io.firn.testkit.CrashPoints;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Power failures: what a change acknowledged is there, and the change that was cut off happened wholly or not at all. */
final class RegisterCrashTest {
    private static final int CHANGES = 12;

    /** Compaction starts at 1 MiB: with tags this long some of the changes write the file anew. */
    private static final String LONG_TAG = "x".repeat(200_000);

    private static final VirtualClock CLOCK = new VirtualClock(Instant.parse("2026-11-25T00:00:00Z"));

    /** What the register must hold, and may hold when the power fails during a change. */
    private static final class Expected {
        private Map<String, VolumeFacts> before = new TreeMap<>();
        private Map<String, VolumeFacts> after = new TreeMap<>();

        void change(Register register, VolumeFacts put, String removal) {
            after = new TreeMap<>(before);
            after.put(put.id(), put);
            after.remove(removal);
            register.change(List.of(put), List.of(removal));
            before = after;
        }

        void check(Register found) {
            List<VolumeFacts> volumes = found.volumes();
            if (!volumes.equals(new ArrayList<>(before.values()))) {
                assertEquals(new ArrayList<>(after.values()), volumes);
            }
        }
    }

    private static VolumeFacts volume(int number) {
        VolumeFacts plain = new VolumeFacts("vol-" + number, number, "us-east-1a", VolumeRules.GP3.ownService(1));
        return plain.withTags(new TreeMap<>(Map.of("k", LONG_TAG)));
    }

    @Test
    void everySync() {
        long syncs = CrashPoints.everySync(
                3,
                4,
                Expected::new,
                (disk, expected) -> {
                    try (Register register = Register.open(disk, CLOCK)) {
                        for (int i = 1; i <= CHANGES; i++) {
                            expected.change(register, volume(i), "vol-" + (i - 1));
                        }
                    }
                },
                (found, expected) -> {
                    try (Register register = Register.open(found, CLOCK)) {
                        expected.check(register);
                    }
                });
        assertTrue(syncs > CHANGES + 2, "changes and compactions sync: " + syncs);
    }
}
