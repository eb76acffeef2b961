package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.BlockSet.Run;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import io.firn.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Sets of up to 2^34 blocks (64 TiB), beside a tree of numbers. */
final class BlockSetTest {
    /** Where one Roaring bitmap ends and the next begins. */
    private static final long SHARD = 1L << 32;

    private static final long END = VolumeSpec.SIZE_BYTES_MAX >> Block.SHIFT;

    /** Blocks near the ends of bitmaps, words and the volume, where mistakes are. */
    private static long lba(RandomGenerator random) {
        long[] near = {0, 64, 1 << 16, SHARD / 2, SHARD, 2 * SHARD, 3 * SHARD, END - 200};
        return Math.max(0, near[random.nextInt(near.length)] + random.nextInt(-200, 200));
    }

    private static BlockSet make(RandomGenerator random, NavigableSet<Long> model) {
        BlockSet.Builder builder = new BlockSet.Builder();
        for (int i = random.nextInt(12); i > 0; i--) {
            if (random.nextBoolean()) {
                long lba = lba(random);
                long count = 1L + random.nextInt(150);
                builder.add(lba, count);
                for (long block = lba; block < lba + count; block++) {
                    model.add(block);
                }
            } else {
                long lba = lba(random) & -Long.SIZE;
                long bits = random.nextLong() >>> random.nextInt(Long.SIZE);
                builder.addBits(lba, bits);
                for (int bit = 0; bit < Long.SIZE; bit++) {
                    if ((bits >>> bit & 1) != 0) {
                        model.add(lba + bit);
                    }
                }
            }
        }
        return builder.build();
    }

    /** A run ends at a shard's end, as {@link BlockSet.Runs#next} says. */
    private static List<Run> runs(NavigableSet<Long> model, long from) {
        List<Run> runs = new ArrayList<>();
        for (long block : model.tailSet(from)) {
            Run last = runs.isEmpty() ? new Run(-1, 0) : runs.getLast();
            if (last.lba() + last.count() == block && block % SHARD != 0) {
                runs.set(runs.size() - 1, new Run(last.lba(), last.count() + 1));
            } else {
                runs.add(new Run(block, 1));
            }
        }
        return runs;
    }

    private static List<Run> runs(BlockSet set, long from) {
        List<Run> runs = new ArrayList<>();
        BlockSet.Runs each = set.runs(from);
        while (each.hasNext()) {
            runs.add(each.next());
        }
        return runs;
    }

    @Test
    void holdsWhatATreeHolds() {
        Seeds.forEach(2_000, (seed, random) -> {
            TreeSet<Long> model = new TreeSet<>();
            BlockSet set = make(random, model);
            assertEquals(model.size(), set.count());
            assertEquals(model.isEmpty(), set.isEmpty());
            assertEquals(runs(model, 0), runs(set, 0));
            for (int i = 0; i < 20; i++) {
                long at = lba(random);
                assertEquals(model.contains(at), set.contains(at), "block " + at);
                assertEquals(runs(model, at), runs(set, at), "runs from " + at);
                assertEquals(runs(model, at).stream().findFirst().orElse(new Run(Long.MAX_VALUE, 0)), set.runFrom(at));
            }
            TreeSet<Long> both = new TreeSet<>();
            BlockSet other = make(random, both);
            BlockSet union = set.union(other);
            both.addAll(model);
            assertEquals(runs(both, 0), runs(union, 0));
            assertEquals(runs(model, 0), runs(set, 0), "a union changes neither");
            assertEquals(union, other.union(set));
            RecordWriter out = new RecordWriter(64);
            set.write(out);
            BlockSet read = BlockSet.read(new RecordReader(out.toBytes()));
            assertEquals(set, read);
            assertEquals(set.hashCode(), read.hashCode());
        });
    }

    @Test
    void holdsAllOf64TiB() {
        BlockSet all = new BlockSet.Builder().add(0, END).build();
        assertEquals(END, all.count());
        assertTrue(all.contains(END - 1));
        assertFalse(all.contains(END));
        // Runs are found by their ends: walking sixteen billion blocks would take minutes.
        List<Run> runs = assertTimeoutPreemptively(Duration.ofSeconds(10), () -> runs(all, 5));
        assertEquals(
                List.of(
                        new Run(5, SHARD - 5),
                        new Run(SHARD, SHARD),
                        new Run(2 * SHARD, SHARD),
                        new Run(3 * SHARD, SHARD)),
                runs);
        assertThrows(java.util.NoSuchElementException.class, () -> all.runs(END).next());
    }

    @Test
    void refusesWhatIsNoSet() {
        RecordWriter out = new RecordWriter(64).varint(1).varint(0).bytes(new byte[] {1, 2, 3});
        assertThrows(StorageException.Corrupt.class, () -> BlockSet.read(new RecordReader(out.toBytes())));
    }
}
