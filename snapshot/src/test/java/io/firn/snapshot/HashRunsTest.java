package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.testkit.Seeds;
import io.firn.testkit.SimDisk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

final class HashRunsTest {
    private static final long BIRTH = 0x1234_5678_9abc_def0L;

    private final SnapshotBucket bucket = PlainBucket.of(
            ObjectStore.openInMemory(
                    List.of(new SimDisk(1)),
                    new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")),
                    Randomness.seeded(1),
                    ObjectStoreOptions.DEFAULT.withReserveBytes(0)),
            new BucketName("hashes"));
    private final Cache<HashRun.Block, byte[]> blocks =
            Caffeine.newBuilder().maximumSize(10).executor(Runnable::run).build();

    /** One in four agrees with others in the bits that are sorted by first. */
    private static ChunkHash hash(RandomGenerator random, int number) {
        long high = random.nextInt(4) == 0 ? number * 977 % 1000 : random.nextLong();
        return new ChunkHash(high, random.nextLong());
    }

    @Test
    void tablesAndRunsFindWhatWasPut() {
        Seeds.forEach(200, (seed, random) -> {
            int count = random.nextInt(600);
            DraftHashes table = new DraftHashes(BIRTH);
            Map<ChunkHash, HashEntry> model = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                ChunkHash hash = hash(random, i);
                ChunkEntry entry = ChunkEntry.data(
                        new PackId(BIRTH, random.nextInt(1000)), random.nextInt(1 << 26), 4096 + i, random.nextInt());
                table.put(hash, entry);
                model.putIfAbsent(hash, new HashEntry(hash, entry.place(), entry.crc()));
            }
            assertEquals(model.size(), table.size());
            List<HashEntry> sorted = new ArrayList<>();
            table.sorted(Map.of()).forEachRemaining(sorted::add);
            assertEquals(List.copyOf(model.values()), sorted);
            String key = "run-" + seed;
            bucket.put(key, HashRunFormat.encode(sorted.iterator(), sorted.size()));
            HashRun run = HashRun.open(bucket, blocks, key);
            assertEquals(model.size(), run.entries());
            model.forEach((hash, entry) -> {
                assertEquals(Optional.of(entry), table.find(hash));
                assertEquals(Optional.of(entry), run.find(hash));
            });
            for (int i = 0; i < 100; i++) {
                ChunkHash other = hash(random, 600 + i);
                assertEquals(Optional.ofNullable(model.get(other)), run.find(other));
                assertEquals(Optional.ofNullable(model.get(other)), table.find(other));
            }
            List<HashEntry> all = new ArrayList<>();
            run.all().forEachRemaining(all::add);
            assertEquals(sorted, all);
            RoaringBitmap gone = RoaringBitmap.bitmapOf(
                    sorted.stream().mapToInt(entry -> entry.place().offset()).toArray());
            Map<PackId, RoaringBitmap> superseded = new TreeMap<>();
            sorted.forEach(entry -> superseded.put(entry.place().pack(), gone));
            assertTrue(!table.sorted(superseded).hasNext());
        });
    }

    @Test
    void theFilterLetsFewPassThatAreNotThere() {
        RandomGenerator random = Randomness.seeded(3);
        int count = 20_000;
        HashFilter filter = HashFilter.forEntries(count);
        for (int i = 0; i < count; i++) {
            filter.add(new ChunkHash(random.nextLong(), random.nextLong()));
        }
        int passed = 0;
        for (int i = 0; i < 100_000; i++) {
            passed += filter.mayHave(new ChunkHash(random.nextLong(), random.nextLong())) ? 1 : 0;
        }
        assertTrue(passed < 120, "one in 1,700 is expected, not " + passed + " of 100,000");
    }

    @Test
    void aBlockThatIsDamagedIsNotShown() {
        List<HashEntry> entries = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            ChunkPlace place = new ChunkPlace(new PackId(BIRTH, i), 24, 5000);
            entries.add(new HashEntry(new ChunkHash(i, i), place, i));
        }
        byte[] bytes = HashRunFormat.encode(entries.iterator(), entries.size());
        bytes[HashRunFormat.HEADER_BYTES + HashRunFormat.BLOCK_BYTES + 7] ^= 1;
        bucket.put("run", bytes);
        HashRun run = HashRun.open(bucket, blocks, "run");
        assertEquals(Optional.of(entries.get(99)), run.find(entries.get(99).hash()));
        assertThrows(
                StorageException.Corrupt.class, () -> run.find(entries.get(100).hash()));
        List<HashEntry> all = new ArrayList<>();
        run.all().forEachRemaining(all::add);
        assertEquals(150, all.size());
    }
}
