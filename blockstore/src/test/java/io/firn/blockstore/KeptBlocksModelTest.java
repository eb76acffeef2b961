package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.firn.testkit.Property;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * What views see through kept entries, beside whole copies of the volume. The rule of when an entry is kept is {@link Applier}'s; here it
 * is written again with plain sets.
 */
final class KeptBlocksModelTest {
    private static final int BLOCKS = 12;

    sealed interface Step {
        record Write(int lba) implements Step {}

        record Seal() implements Step {}

        record Release(int nth) implements Step {}

        /** Every entry of a block is moved elsewhere, as the cleaner does. */
        record Move(int lba) implements Step {}

        /** The pages are loaded by another life. */
        record Reload() implements Step {}
    }

    private static List<Step> steps(RandomGenerator random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            steps.add(
                    switch (random.nextInt(20)) {
                        case 0, 1, 2 -> new Step.Seal();
                        case 3, 4, 5 -> new Step.Release(random.nextInt(6));
                        case 6 -> new Step.Move(random.nextInt(BLOCKS));
                        case 7 -> new Step.Reload();
                        default -> new Step.Write(random.nextInt(BLOCKS));
                    });
        }
        return steps;
    }

    @Test
    void showsEachViewWhatItSealed() {
        Property.check("views see what they sealed", 1_500, KeptBlocksModelTest::steps, (seed, steps) -> {
            World world = new World();
            for (Step step : steps) {
                world.apply(step);
                world.check();
            }
        });
    }

    /** A volume of numbers: live, as each view has it, and what is kept. */
    private static final class World {
        private KeptBlocks kept = new KeptBlocks(new PageSpace(), 1, 0);
        private final long[] live = new long[BLOCKS];
        private final TreeMap<Long, long[]> views = new TreeMap<>();
        private final TreeMap<Long, TreeSet<Long>> writtenIn = new TreeMap<>(Map.of(1L, new TreeSet<>()));

        /** How often a number is referred to, live and kept. */
        private final Map<Long, Integer> references = new HashMap<>();

        private long epoch = 1;
        private long nextValue = 1;

        void apply(Step step) {
            switch (step) {
                case Step.Write(int lba) -> write(lba);
                case Step.Seal() -> {
                    views.put(epoch, live.clone());
                    writtenIn.put(++epoch, new TreeSet<>());
                }
                case Step.Release(int nth) -> {
                    if (!views.isEmpty()) {
                        release(new ArrayList<>(views.keySet()).get(nth % views.size()));
                    }
                }
                case Step.Move(int lba) -> move(lba);
                case Step.Reload() -> {
                    KeptBlocks loaded = new KeptBlocks(new PageSpace(), 1, 0);
                    kept.tree().forEach(page -> {
                        Page copy = loaded.tree().findOrCreate(page.key().index());
                        for (int i = 0; i < Page.LONGS; i++) {
                            copy.set(i, page.get(i));
                        }
                    });
                    loaded.rebuild();
                    kept = loaded;
                }
            }
        }

        private void write(int lba) {
            long before = live[lba];
            boolean isFirst =
                    views.isEmpty() || writtenAfter(views.lastKey(), epoch).add((long) lba);
            writtenIn.lastEntry().getValue().add((long) lba);
            if (!views.isEmpty() && isFirst) {
                kept.add(lba, views.lastKey(), before);
            } else {
                letGo(before);
            }
            live[lba] = nextValue++;
            references.merge(live[lba], 1, Integer::sum);
        }

        /** The blocks written after one epoch and up to another. */
        private Set<Long> writtenAfter(long after, long upTo) {
            TreeSet<Long> all = new TreeSet<>();
            writtenIn.subMap(after, false, upTo, true).values().forEach(all::addAll);
            return all;
        }

        private void release(long view) {
            Long before = views.lowerKey(view);
            BlockSet.Builder born = new BlockSet.Builder();
            if (before != null) {
                writtenAfter(before, view).forEach(lba -> born.add(lba, 1));
            }
            kept.release(view, before == null ? 0 : before, born.build(), this::letGo);
            views.remove(view);
        }

        private void letGo(long value) {
            if (value != 0) {
                references.computeIfPresent(value, (ignored, count) -> count == 1 ? null : count - 1);
            }
        }

        private void move(int lba) {
            Map<Long, Long> moved = new HashMap<>(Map.of(0L, 0L));
            moved.putIfAbsent(live[lba], live[lba] + 1_000_000);
            views.values().forEach(seen -> moved.putIfAbsent(seen[lba], seen[lba] + 1_000_000));
            kept.replace(lba, entry -> moved.getOrDefault(entry, 0L));
            views.values().forEach(seen -> seen[lba] = moved.getOrDefault(seen[lba], 0L));
            live[lba] = moved.getOrDefault(live[lba], 0L);
            moved.forEach((from, to) -> {
                Integer count = references.remove(from);
                if (count != null) {
                    references.put(to, count);
                }
            });
        }

        void check() {
            views.forEach((view, seen) -> {
                for (int lba = 0; lba < BLOCKS; lba++) {
                    int node = kept.find(lba, view);
                    assertEquals(seen[lba], node == 0 ? live[lba] : kept.entry(node), "block " + lba + " in " + view);
                }
            });
            // Nothing is kept that no view sees, and nothing was let go that something sees.
            Map<Long, Integer> found = new HashMap<>();
            for (long value : live) {
                if (value != 0) {
                    found.merge(value, 1, Integer::sum);
                }
            }
            int[] entries = {0};
            kept.forEach(value -> {
                entries[0]++;
                if (value != 0) {
                    found.merge(value, 1, Integer::sum);
                }
            });
            assertEquals(references, found);
            assertEquals(entries[0], kept.count());
            if (views.isEmpty()) {
                assertEquals(0, kept.count());
            }
        }
    }
}
