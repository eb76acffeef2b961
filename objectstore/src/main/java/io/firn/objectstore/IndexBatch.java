package io.firn.objectstore;

import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes to the {@link OrderedIndex} that happen together: the physical content of a journal record.
 *
 * <p>Puts and deletes carry absolute values. An addition changes a counter by a delta, so that two mutations of different keys may
 * change one counter without a common lock; it is resolved when the batch is applied, in journal order.
 *
 * <p>One thread; not shared before it is complete.
 */
@SuppressWarnings("ArrayRecordComponent") // operations are never compared
final class IndexBatch {
    private final List<Op> ops = new ArrayList<>(4);

    sealed interface Op {
        byte[] key();
    }

    record Put(byte[] key, byte[] value) implements Op {}

    record Delete(byte[] key) implements Op {}

    record Add(byte[] key, long delta) implements Op {}

    void put(byte[] key, byte[] value) {
        ops.add(new Put(key, value));
    }

    void delete(byte[] key) {
        ops.add(new Delete(key));
    }

    void add(byte[] key, long delta) {
        ops.add(new Add(key, delta));
    }

    List<Op> ops() {
        return ops;
    }

    boolean isEmpty() {
        return ops.isEmpty();
    }

    /*
     * Encoding: count (varint), then per op: kind (1 byte: 1 put, 2 delete, 3 add), key length (varint), key,
     * and for a put value length (varint) and value, for an add the delta (8 bytes).
     */
    void encode(RecordWriter out) {
        out.varint(ops.size());
        for (Op op : ops) {
            switch (op) {
                case Put(byte[] key, byte[] value) -> {
                    out.u8(1);
                    out.bytes(key);
                    out.bytes(value);
                }
                case Delete(byte[] key) -> {
                    out.u8(2);
                    out.bytes(key);
                }
                case Add(byte[] key, long delta) -> {
                    out.u8(3);
                    out.bytes(key);
                    out.i64(delta);
                }
            }
        }
    }

    static IndexBatch decode(RecordReader in) {
        IndexBatch batch = new IndexBatch();
        long count = in.varint();
        for (long i = 0; i < count; i++) {
            int kind = in.u8();
            byte[] key = in.bytes();
            switch (kind) {
                case 1 -> batch.put(key, in.bytes());
                case 2 -> batch.delete(key);
                case 3 -> batch.add(key, in.i64());
                default ->
                    throw new StorageException.Corrupt("journal record holds an index operation of kind " + kind);
            }
        }
        return batch;
    }

    /** The value of a counter as stored. */
    static byte[] counter(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    static long counter(byte[] value) {
        return ByteBuffer.wrap(value).getLong();
    }
}
