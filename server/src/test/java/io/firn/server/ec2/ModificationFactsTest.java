package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.server.wire.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModificationFactsTest {
    private static final Instant START = Instant.parse("2026-11-25T00:00:00Z");
    private static final ModificationFacts.Sold SMALL =
            new ModificationFacts.Sold(8, new VolumeFacts.Service("gp3", 3_500, 125, false));
    private static final ModificationFacts.Sold LARGE =
            new ModificationFacts.Sold(16, new VolumeFacts.Service("io2", 4_000, 0, true));

    private static List<Instant> after(List<Instant> before, Instant now) {
        return ModificationFacts.next(before, "vol-1", SMALL, LARGE, now).started();
    }

    @Test
    void readsWhatItWrote() {
        ModificationFacts facts = ModificationFacts.next(List.of(START), "vol-1", SMALL, LARGE, START.plusMillis(1));
        assertEquals(facts, Facts.fromJson(Facts.write(facts)));
    }

    @Test
    void allowsFourInAnyDay() {
        List<Instant> started = List.of();
        for (int i = 0; i < 4; i++) {
            started = after(started, START.plus(Duration.ofHours(i)));
        }
        List<Instant> four = started;
        Instant dayAfter = START.plus(Duration.ofHours(24));
        ServiceException refused = assertThrows(ServiceException.class, () -> after(four, dayAfter.minusMillis(1)));
        assertEquals("VolumeModificationRateExceeded", refused.code());
        List<Instant> five = after(four, dayAfter);
        assertEquals(List.of(four.get(1), four.get(2), four.get(3), dayAfter), five);
        assertThrows(ServiceException.class, () -> after(five, dayAfter));
    }
}
