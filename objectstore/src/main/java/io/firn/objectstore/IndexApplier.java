package io.firn.objectstore;

import io.firn.io.Invariant;
import io.firn.objectstore.StoreFormat.StoreId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns committed mutations into index state: the one function that live commits, replay and rebuild share, so that all three reach
 * the same state.
 *
 * <p>One thread at a time.
 */
final class IndexApplier {
    private static final byte[] POSITION = {IndexKeys.META, 'p'};
    private static final int MAX_CACHED_COUNTERS = 1 << 16;

    private final OrderedIndex index;
    private final StoreId store;

    /** Live bytes by extent: the counters that every put and delete changes. */
    private final Map<Long, Long> liveBytes = new HashMap<>();

    /** An index key that can be looked up in a map. */
    @SuppressWarnings("ArrayRecordComponent") // compared by content below
    private record Key(byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** How far the index is. */
    record Position(StoreId store, long seq, long highestOrdinal) {}

    IndexApplier(OrderedIndex index, StoreId store) {
        this.index = index;
        this.store = store;
    }

    static Optional<Position> position(OrderedIndex index) {
        byte[] value = index.get(POSITION);
        return value == null ? Optional.empty() : Optional.of(position(value));
    }

    private static Position position(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        return new Position(new StoreId(in.getLong(), in.getLong()), in.getLong(), in.getLong());
    }

    /** The position that an entry states, when it is the entry that does. */
    static Optional<Position> position(byte[] key, byte[] value) {
        return Arrays.equals(key, POSITION) ? Optional.of(position(value)) : Optional.empty();
    }

    /** Applies mutations in order, the last of which has sequence {@code lastSeq}, at once. */
    void apply(List<Mutation> mutations, long lastSeq, long highestOrdinal) {
        IndexBatch resolved = new IndexBatch();
        Map<Key, Long> counters = new LinkedHashMap<>();
        for (Mutation mutation : mutations) {
            for (IndexBatch.Op op : mutation.batch().ops()) {
                switch (op) {
                    case IndexBatch.Put put -> resolved.ops().add(put);
                    case IndexBatch.Delete delete -> {
                        resolved.ops().add(delete);
                        forget(delete.key(), counters);
                    }
                    case IndexBatch.Add(byte[] key, long delta) -> {
                        long value = counters.getOrDefault(new Key(key), stored(key)) + delta;
                        Invariant.check(value >= 0, "a counter of kind %d fell to %d", key[0], value);
                        counters.put(new Key(key), value);
                        if (key[0] == IndexKeys.REFERENCES) {
                            // At once and not at the end: a later mutation of the same batch may drop the blob.
                            setReferences(resolved, key, value);
                        }
                    }
                }
            }
        }
        counters.forEach((key, value) -> {
            if (key.bytes()[0] == IndexKeys.EXTENT) {
                setLiveBytes(resolved, key.bytes(), value);
            }
        });
        resolved.put(POSITION, encode(lastSeq, highestOrdinal));
        index.write(resolved);
    }

    private byte[] encode(long seq, long highestOrdinal) {
        return ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(store.high())
                .putLong(store.low())
                .putLong(seq)
                .putLong(highestOrdinal)
                .array();
    }

    private void forget(byte[] key, Map<Key, Long> counters) {
        if (key[0] == IndexKeys.EXTENT) {
            counters.remove(new Key(key));
            liveBytes.remove(IndexKeys.number(key));
        }
    }

    private long stored(byte[] key) {
        if (key[0] == IndexKeys.EXTENT) {
            Long cached = liveBytes.get(IndexKeys.number(key));
            if (cached != null) {
                return cached;
            }
        }
        byte[] value = index.get(key);
        return value == null ? 0 : IndexBatch.counter(value);
    }

    private void setLiveBytes(IndexBatch resolved, byte[] key, long value) {
        if (liveBytes.size() >= MAX_CACHED_COUNTERS) {
            liveBytes.clear();
        }
        liveBytes.put(IndexKeys.number(key), value);
        resolved.put(key, IndexBatch.counter(value));
    }

    private static void setReferences(IndexBatch resolved, byte[] key, long value) {
        byte[] garbage = IndexKeys.of(IndexKeys.GARBAGE, IndexKeys.number(key));
        if (value == 0) {
            resolved.delete(key);
            resolved.put(garbage, new byte[0]);
        } else {
            resolved.put(key, IndexBatch.counter(value));
            resolved.delete(garbage);
        }
    }
}
