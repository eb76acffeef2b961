package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.io.StorageException;
import io.firn.objectstore.ByteRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * Packs as the object store has them, and the record beside each of which items nobody refers to any more.
 *
 * <p>An item is found at the offset at which it was first written. The object of a pack that was compacted says so with every read, and
 * then the index at its end tells where the item is now; indexes of such packs are cached.
 */
final class Packs {
    private static final int TAIL_BYTES = 64 << 10;
    private static final int CACHED_INDEXES = 1024;
    private static final int GAP_BYTES = 64 << 10;
    private static final int RANGE_BYTES = 1 << 20;

    private final SnapshotBucket bucket;
    private final Cache<PackId, Places> compacted = Caffeine.newBuilder()
            .maximumSize(CACHED_INDEXES)
            .executor(Runnable::run)
            .build();
    final LongAdder written = new LongAdder();
    final LongAdder writtenBytes = new LongAdder();

    Packs(SnapshotBucket bucket) {
        this.bucket = bucket;
    }

    /** Where items of a compacted pack are, by their first offset. */
    private record Places(int generation, Map<Integer, Integer> byOffset) {}

    /** An index as of one generation of its pack. */
    record Index(PackForm form, List<PackFormat.Item> items) {
        /** Stored bytes of the items that are in the pack now. */
        long bytes() {
            return items.stream()
                    .filter(item -> item.kind().hasBytes())
                    .mapToLong(PackFormat.Item::length)
                    .sum();
        }
    }

    /** Durable on return. */
    void put(PackId id, PackBytes pack, PackForm form) {
        bucket.put(id.key(), pack, form);
        written.increment();
        writtenBytes.add(pack.length());
    }

    /** Where an item was first written. */
    record Item(int offset, int length) {}

    /** The stored bytes of an item; whoever asks verifies them. */
    byte[] read(PackId id, int offset, int length) {
        return read(id, List.of(new Item(offset, length))).getFirst().bytes();
    }

    /**
     * The stored bytes of items, in their order; those that follow each other within {@value #GAP_BYTES} bytes are read at once, up to
     * {@value #RANGE_BYTES}, for a request costs more than bytes that nobody wants.
     */
    List<Stretch> read(PackId id, List<Item> items) {
        Places places = compacted.getIfPresent(id);
        while (true) {
            Optional<List<Stretch>> read = readAt(id, items, places);
            if (read.isPresent()) {
                return read.get();
            }
            Index index = index(id).orElseThrow(() -> new StorageException.Corrupt("pack " + id.key() + " is missing"));
            if (index.form().generation() == generation(places)) {
                throw new StorageException.Corrupt("pack " + id.key() + " ends before offset "
                        + items.getLast().offset());
            }
            places = remember(id, index);
        }
    }

    private static int generation(@Nullable Places places) {
        return places == null ? 0 : places.generation();
    }

    /** Nothing when the pack is of another generation, or shorter. */
    private Optional<List<Stretch>> readAt(PackId id, List<Item> items, @Nullable Places places) {
        List<Stretch> read = new ArrayList<>(items.size());
        while (read.size() < items.size()) {
            int first = read.size();
            int from = place(id, items.get(first), places);
            int end = from + items.get(first).length();
            int next = first + 1;
            while (next < items.size()) {
                int place = place(id, items.get(next), places);
                int itemEnd = place + items.get(next).length();
                if (place < end || place - end > GAP_BYTES || itemEnd - from > RANGE_BYTES) {
                    break;
                }
                end = itemEnd;
                next++;
            }
            Optional<SnapshotBucket.Stored> stored = bucket.get(id.key(), ByteRange.of(from, end - 1L));
            if (stored.isEmpty() || stored.get().form().generation() != generation(places)) {
                return Optional.empty();
            }
            byte[] bytes = stored.get().bytes();
            if (bytes.length != end - from) {
                throw new StorageException.Corrupt("pack " + id.key() + " ends before offset " + end);
            }
            for (int i = first; i < next; i++) {
                Item item = items.get(i);
                read.add(new Stretch(bytes, place(id, item, places) - from, item.length()));
            }
        }
        return Optional.of(read);
    }

    private static int place(PackId id, Item item, @Nullable Places places) {
        int place = places == null ? item.offset() : places.byOffset().getOrDefault(item.offset(), -1);
        if (place < 0) {
            throw new StorageException.Corrupt("pack " + id.key() + " has no item of offset " + item.offset());
        }
        return place;
    }

    private Places remember(PackId id, Index index) {
        Map<Integer, Integer> byOffset = new HashMap<>();
        for (PackFormat.Item item : index.items()) {
            if (item.kind().hasBytes()) {
                byOffset.put(item.offset(), item.place());
            }
        }
        Places places = new Places(index.form().generation(), byOffset);
        compacted.put(id, places);
        return places;
    }

    /** The index of a pack; nothing when there is no such pack. */
    Optional<Index> index(PackId id) {
        Optional<SnapshotBucket.Stored> tail = bucket.get(id.key(), ByteRange.suffix(TAIL_BYTES));
        if (tail.isPresent()
                && PackFormat.footerBytes(id, tail.get().bytes()) > tail.get().bytes().length) {
            tail = bucket.get(id.key());
        }
        return tail.map(stored -> new Index(stored.form(), PackFormat.items(id, stored.bytes())));
    }

    boolean has(PackId id) {
        return bucket.has(id.key());
    }

    /** The whole object of a pack, to copy or compact it. */
    Optional<SnapshotBucket.Stored> whole(PackId id) {
        return bucket.get(id.key());
    }

    void delete(PackId id) {
        compacted.invalidate(id);
        bucket.delete(id.key());
    }

    // What nobody refers to

    /** The offsets of items that nobody refers to; some of them may be gone already. */
    RoaringBitmap dead(PackId id) {
        return bucket.get(id.deadKey())
                .map(stored -> OffsetSet.open(stored.bytes(), id.deadKey()))
                .orElseGet(RoaringBitmap::new);
    }

    /** Adds to what nobody refers to; durable on return. Adding again changes nothing. */
    void addDead(PackId id, RoaringBitmap offsets) {
        RoaringBitmap dead = dead(id);
        dead.or(offsets);
        bucket.put(id.deadKey(), OffsetSet.seal(dead));
    }

    /** Replaces what nobody refers to; durable on return. */
    void setDead(PackId id, RoaringBitmap offsets) {
        if (offsets.isEmpty()) {
            forgetDead(id);
        } else {
            bucket.put(id.deadKey(), OffsetSet.seal(offsets));
        }
    }

    void forgetDead(PackId id) {
        bucket.delete(id.deadKey());
    }

    /** Packs that have such a record. */
    List<PackId> withDead() {
        return bucket.list(PackId.allDead()).stream().map(PackId::ofKey).toList();
    }

    /** All packs of a tree, by number. */
    List<PackId> of(long birth) {
        return bucket.list(PackId.prefix(birth)).stream().map(PackId::ofKey).toList();
    }

    /** Deletes everything that was written for a tree that never counted. */
    void purge(long birth) {
        of(birth).forEach(this::delete);
        bucket.list(PackId.deadPrefix(birth)).forEach(bucket::delete);
    }

    /** All packs there are: for a count from scratch. */
    List<PackId> all() {
        return bucket.list(PackId.allPacks()).stream().map(PackId::ofKey).toList();
    }
}
