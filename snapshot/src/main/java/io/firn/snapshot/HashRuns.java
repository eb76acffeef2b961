package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import io.firn.io.StorageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.roaringbitmap.RoaringBitmap;

/**
 * The hashes of one tenant: a run for each draft that completed, merged when there are {@value #RUNS_MERGED} of about a size, up to
 * {@value #RUN_ENTRIES_MAX} entries. Losing any of it, or finding it damaged, costs deduplication and nothing else.
 *
 * <p>Safe for threads; merged and swept by the background task alone.
 */
final class HashRuns {
    private static final int RUN_ENTRIES_MAX = DraftHashes.ENTRIES_MAX;
    private static final int RUNS_MERGED = 4;

    /** Of drafts whose hashes wait in memory; beyond that the eldest is forgotten. */
    private static final int WAITING_MAX = 8;

    private final SnapshotBucket bucket;
    private final Packs packs;
    private final Cache<HashRun.Block, byte[]> blocks;
    private final String folder;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final Set<String> unswept = new HashSet<>();

    /** By age, the eldest first. */
    private volatile List<HashRun> runs = List.of();

    private int next;

    /** Those of a draft that was completed, which nobody changes any more, until they are written. */
    private record Waiting(DraftHashes hashes, Map<PackId, RoaringBitmap> superseded) {}

    /** @param folder what the keys of its runs begin with, the slash included */
    HashRuns(SnapshotBucket bucket, Packs packs, Cache<HashRun.Block, byte[]> blocks, String folder) {
        this.bucket = bucket;
        this.packs = packs;
        this.blocks = blocks;
        this.folder = folder;
    }

    /** Takes up a run that is there; one that is damaged is removed. */
    void load(String key) {
        next = HexFormat.fromHexDigits(key, folder.length(), key.length()) + 1;
        try {
            replace(List.of(), Optional.of(HashRun.open(bucket, blocks, key)));
        } catch (StorageException.Corrupt damaged) {
            bucket.delete(key);
        }
    }

    long entries() {
        return runs.stream().mapToLong(HashRun::entries).sum();
    }

    void add(DraftHashes hashes, Map<PackId, RoaringBitmap> superseded) {
        if (hashes.size() > 0) {
            waiting.add(new Waiting(hashes, superseded));
            if (waiting.size() > WAITING_MAX) {
                waiting.poll();
            }
        }
    }

    /** Where a content is, if somebody noted a place that can be used; the youngest first. */
    Optional<HashEntry> find(ChunkHash hash, Predicate<HashEntry> isUsable) {
        for (Waiting table : waiting) {
            Optional<HashEntry> found = table.hashes().find(hash).filter(isUsable);
            if (found.isPresent()) {
                return found;
            }
        }
        for (HashRun run : runs.reversed()) {
            Optional<HashEntry> found = find(run, hash).filter(isUsable);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<HashEntry> find(HashRun run, ChunkHash hash) {
        try {
            return run.find(hash);
        } catch (StorageException unread) {
            // Merged meanwhile, damaged or out of reach: the chunk is stored.
            return Optional.empty();
        }
    }

    // In the background

    /** Lets every run be looked through once more for entries whose packs are gone. */
    void beginSweep() {
        runs.forEach(run -> unswept.add(run.key()));
    }

    /** Writes, merges or sweeps one run; false when there is nothing to do. */
    boolean step() {
        Waiting table = waiting.peek();
        if (table != null) {
            write(
                    List.of(),
                    table.hashes().sorted(table.superseded()),
                    table.hashes().size());
            waiting.remove();
            return true;
        }
        List<HashRun> few = tooMany();
        if (!few.isEmpty()) {
            write(few, living(merged(few)), entries(few));
            return true;
        }
        for (HashRun run : runs) {
            if (unswept.remove(run.key())) {
                write(List.of(run), living(run.all()), run.entries());
                return true;
            }
        }
        unswept.clear();
        return false;
    }

    private static int entries(List<HashRun> runs) {
        return runs.stream().mapToInt(HashRun::entries).sum();
    }

    /** Runs of about a size that are to be one: none while they are few. */
    private List<HashRun> tooMany() {
        Map<Integer, List<HashRun>> tiers = runs.stream().collect(Collectors.groupingBy(run -> tier(run.entries())));
        for (Map.Entry<Integer, List<HashRun>> tier : tiers.entrySet()) {
            List<HashRun> few = new ArrayList<>();
            for (HashRun run : tier.getValue()) {
                if (few.size() < RUNS_MERGED && entries(few) + run.entries() <= RUN_ENTRIES_MAX) {
                    few.add(run);
                }
            }
            // Four of the greatest are too many for one.
            int enough = tier.getKey() == tier(RUN_ENTRIES_MAX - 1) ? 2 : RUNS_MERGED;
            if (few.size() >= enough) {
                return few;
            }
        }
        return List.of();
    }

    /** The logarithm to the base of 4. */
    private static int tier(int entries) {
        return (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(entries)) / 2;
    }

    private void write(List<HashRun> instead, Iterator<HashEntry> sorted, int atMost) {
        byte[] run = HashRunFormat.encode(sorted, atMost);
        int entries = HashRunFormat.footer(run, folder).entries();
        boolean isSame = instead.size() == 1 && instead.getFirst().entries() == entries;
        if (isSame) {
            return;
        }
        Optional<HashRun> written = Optional.empty();
        if (entries > 0) {
            String key = folder + HexFormat.of().toHexDigits(next++);
            bucket.put(key, run);
            written = Optional.of(HashRun.open(bucket, blocks, key));
        }
        replace(instead, written);
        // A crash before it leaves entries twice, which the next merge finds.
        instead.forEach(old -> bucket.delete(old.key()));
    }

    private void replace(List<HashRun> old, Optional<HashRun> with) {
        List<HashRun> changed = new ArrayList<>(runs);
        changed.removeAll(old);
        with.ifPresent(changed::add);
        runs = List.copyOf(changed);
    }

    /** Those whose items are in their packs still. */
    private Iterator<HashEntry> living(Iterator<HashEntry> entries) {
        Map<PackId, RoaringBitmap> chunks = new HashMap<>();
        Iterable<HashEntry> all = () -> entries;
        return StreamSupport.stream(all.spliterator(), false)
                .filter(entry -> chunks.computeIfAbsent(entry.place().pack(), this::chunksOf)
                        .contains(entry.place().offset()))
                .iterator();
    }

    private RoaringBitmap chunksOf(PackId pack) {
        RoaringBitmap offsets = new RoaringBitmap();
        try {
            packs.index(pack)
                    .ifPresent(index -> index.items().stream()
                            .filter(item -> item.kind() == PackFormat.Kind.CHUNK)
                            .forEach(item -> offsets.add(item.offset())));
        } catch (StorageException.Corrupt damaged) {
            offsets.clear();
        }
        return offsets;
    }

    /** The next entry of a run, and those after it. */
    private record Head(HashEntry entry, int age, Iterator<HashEntry> rest) {}

    /** All entries in ascending order, of equal ones the youngest first. */
    private static Iterator<HashEntry> merged(List<HashRun> few) {
        PriorityQueue<Head> heads = new PriorityQueue<>(
                Comparator.comparing((Head head) -> head.entry().hash()).thenComparingInt(Head::age));
        for (int i = 0; i < few.size(); i++) {
            push(heads, few.size() - i, few.get(i).all());
        }
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !heads.isEmpty();
            }

            @Override
            public HashEntry next() {
                Head head = heads.poll();
                if (head == null) {
                    throw new NoSuchElementException();
                }
                push(heads, head.age(), head.rest());
                return head.entry();
            }
        };
    }

    private static void push(PriorityQueue<Head> heads, int age, Iterator<HashEntry> rest) {
        if (rest.hasNext()) {
            heads.add(new Head(rest.next(), age, rest));
        }
    }
}
