package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class RandomnessTest {
    @Test
    void aSeedGivesTheSameNumbersForEver() {
        assertEquals(Randomness.seeded(42).nextLong(), Randomness.seeded(42).nextLong());
        assertNotEquals(Randomness.seeded(42).nextLong(), Randomness.seeded(43).nextLong());
        assertEquals(
                -5600175640509174766L,
                Randomness.seeded(42).nextLong(),
                "seeds in bug reports must keep their meaning");
    }

    @Test
    void secretsDiffer() {
        assertFalse(Arrays.equals(Randomness.secureBytes(16), Randomness.secureBytes(16)));
        assertNotEquals(Randomness.freshSeed(), Randomness.freshSeed());
    }
}
