package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.firn.testkit.Seeds;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LongIntMapModelTest {
    /** Few keys, so that they come, go and collide; some far apart, as the LBAs of a large volume are. */
    @Test
    void holdsWhatAHashMapHolds() {
        Seeds.forEach(500, (seed, random) -> {
            LongIntMap map = new LongIntMap();
            Map<Long, Integer> model = new HashMap<>();
            int keys = 1 + random.nextInt(300);
            long stride = 1L << random.nextInt(30);
            for (int i = 0; i < 2_000; i++) {
                long key = random.nextInt(keys) * stride;
                int value = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1_000);
                map.put(key, value);
                if (value == 0) {
                    model.remove(key);
                } else {
                    model.put(key, value);
                }
                long asked = random.nextInt(keys) * stride;
                assertEquals(model.getOrDefault(asked, 0), map.get(asked));
            }
            for (long key = 0; key < keys; key++) {
                assertEquals(model.getOrDefault(key * stride, 0), map.get(key * stride));
            }
        });
    }
}
