package io.firn.objectstore;

import io.firn.io.Invariant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The index in memory: nothing survives, so every open rebuilds it. For simulation, tests and stores that are small and short-lived.
 *
 * <p>A cursor sees writes made after it was opened; the store does not rely on frozen views where this index is used.
 */
final class MemoryIndex implements OrderedIndex {
    private final ConcurrentSkipListMap<byte[], byte[]> entries = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    @Override
    public Cursor cursor(byte[] from) {
        return new EntryCursor(from);
    }

    @Override
    public void write(IndexBatch batch) {
        for (IndexBatch.Op op : batch.ops()) {
            switch (op) {
                case IndexBatch.Put(byte[] key, byte[] value) -> entries.put(key, value);
                case IndexBatch.Delete(byte[] key) -> entries.remove(key);
                case IndexBatch.Add add -> Invariant.check(false, "additions are resolved before they reach an index");
            }
        }
    }

    @Override
    public void flush() {}

    @Override
    public void clear() {
        entries.clear();
    }

    @Override
    public long nativeBytes() {
        return 0;
    }

    @Override
    public void close() {}

    private final class EntryCursor implements Cursor {
        private Iterator<Map.Entry<byte[], byte[]>> rest;
        private Map.@Nullable Entry<byte[], byte[]> current;

        EntryCursor(byte[] from) {
            rest = entries.tailMap(from).entrySet().iterator();
            next();
        }

        @Override
        public boolean isValid() {
            return current != null;
        }

        private Map.Entry<byte[], byte[]> entry() {
            if (current == null) {
                throw new IllegalStateException("the cursor is past the last key");
            }
            return current;
        }

        @Override
        public byte[] key() {
            return entry().getKey();
        }

        @Override
        public byte[] value() {
            return entry().getValue();
        }

        @Override
        public void next() {
            current = rest.hasNext() ? rest.next() : null;
        }

        @Override
        public void seek(byte[] key) {
            rest = entries.tailMap(key).entrySet().iterator();
            next();
        }

        @Override
        public void close() {}
    }
}
