package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.firn.io.Randomness;
import io.firn.testkit.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Two versions of a page, walked side by side as they are stored, differ at the slots at which their entries do. */
final class PageCursorModelTest {
    /** More than the 128 whose index takes one byte. */
    private static final int PACKS_MAX = 200;

    /** The seed alone makes the pages: there are no steps to leave out. */
    private static List<Object> nothing(RandomGenerator random) {
        return List.of();
    }

    private static <T> void change(RandomGenerator random, T[] entries, Supplier<T> fresh) {
        for (int left = random.nextInt(6); left > 0; left--) {
            entries[random.nextInt(entries.length)] = fresh.get();
        }
    }

    private static ChunkEntry chunk(RandomGenerator random, List<PackId> packs) {
        PackId pack = packs.get(random.nextInt(packs.size()));
        int offset = number(random);
        return switch (random.nextInt(12)) {
            case 0 -> ChunkEntry.ABSENT;
            case 1 -> ChunkEntry.ZERO;
            case 2 -> {
                PackId of = packs.get(random.nextInt(packs.size()));
                ChunkPlace target = new ChunkPlace(of, number(random), 1 + random.nextInt(Chunk.BYTES));
                yield ChunkEntry.link(pack, offset, target, random.nextInt());
            }
            default -> ChunkEntry.data(pack, offset, 1 + random.nextInt(Chunk.BYTES), random.nextInt());
        };
    }

    private static PageRef child(RandomGenerator random, List<PackId> packs) {
        return random.nextInt(8) == 0
                ? PageRef.NONE
                : new PageRef(
                        packs.get(random.nextInt(packs.size())),
                        number(random),
                        1 + random.nextInt(40_000),
                        random.nextInt(),
                        random.nextLong(),
                        random.nextLong(),
                        1 + random.nextInt(Page.FANOUT),
                        random.nextLong(1L << random.nextInt(1, 40)));
    }

    /** Of one byte to five, as varints go. */
    private static int number(RandomGenerator random) {
        return random.nextInt(1 << random.nextInt(1, 31));
    }

    private static List<PackId> packs(RandomGenerator random) {
        List<PackId> packs = new ArrayList<>();
        for (int left = 1 + random.nextInt(random.nextBoolean() ? 4 : PACKS_MAX); left > 0; left--) {
            packs.add(new PackId(random.nextLong(), number(random)));
        }
        return packs;
    }

    /** Where two pages of one level differ, as {@link TreeDiff} finds it. */
    private static List<Integer> found(byte[] one, byte[] other, int level) {
        PageCursor ours = PageCursor.of(Stretch.of(one), level);
        PageCursor theirs = PageCursor.of(Stretch.of(other), level);
        int[] packs = ours.packsIn(theirs);
        List<Integer> found = new ArrayList<>();
        ours.nextUnlike(theirs, packs);
        int slot = Math.min(ours.slot(), theirs.slot());
        while (slot < Page.FANOUT) {
            boolean isOurs = ours.slot() == slot;
            boolean isTheirs = theirs.slot() == slot;
            if (!(isOurs && isTheirs && ours.isSame(theirs))) {
                found.add(slot);
            }
            if (isOurs && isTheirs) {
                ours.nextUnlike(theirs, packs);
            } else if (isOurs) {
                ours.next();
            } else {
                theirs.next();
            }
            slot = Math.min(ours.slot(), theirs.slot());
        }
        return found;
    }

    private static <T> List<Integer> unlike(T[] one, T[] other) {
        List<Integer> unlike = new ArrayList<>();
        for (int slot = 0; slot < one.length; slot++) {
            if (!one[slot].equals(other[slot])) {
                unlike.add(slot);
            }
        }
        return unlike;
    }

    @Test
    void leavesDifferWhereTheirEntriesDo() {
        Property.check("leaves differ where their entries do", 2_000, PageCursorModelTest::nothing, (seed, none) -> {
            RandomGenerator random = Randomness.seeded(seed);
            List<PackId> packs = packs(random);
            ChunkEntry[] entries = new ChunkEntry[Page.FANOUT];
            Arrays.setAll(entries, slot -> chunk(random, packs));
            ChunkEntry[] changed = entries.clone();
            packs.add(new PackId(random.nextLong(), 0));
            change(random, changed, () -> chunk(random, packs));
            byte[] one = PageFormat.encode(Page.Leaf.of(entries), 0, random.nextLong(), 3);
            byte[] other = PageFormat.encode(Page.Leaf.of(changed), 0, random.nextLong(), 3);
            assertEquals(unlike(entries, changed), found(one, other, 0));
            assertEquals(unlike(entries, changed), found(other, one, 0));
        });
    }

    @Test
    void innerPagesDifferWhereTheirChildrenDo() {
        Property.check(
                "inner pages differ where their children do", 500, PageCursorModelTest::nothing, (seed, none) -> {
                    RandomGenerator random = Randomness.seeded(seed);
                    List<PackId> packs = packs(random);
                    PageRef[] children = new PageRef[Page.FANOUT];
                    Arrays.setAll(children, slot -> child(random, packs));
                    PageRef[] changed = children.clone();
                    packs.add(new PackId(random.nextLong(), 0));
                    change(random, changed, () -> child(random, packs));
                    byte[] one = PageFormat.encode(Page.Inner.of(children), 1, random.nextLong(), 3);
                    byte[] other = PageFormat.encode(Page.Inner.of(changed), 1, random.nextLong(), 3);
                    assertEquals(unlike(children, changed), found(one, other, 1));
                    assertEquals(unlike(children, changed), found(other, one, 1));
                });
    }
}
