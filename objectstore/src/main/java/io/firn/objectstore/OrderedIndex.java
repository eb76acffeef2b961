package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

/**
 * An ordered map from bytes to bytes that can be thrown away: everything in it is rebuilt from the journal and its checkpoint.
 *
 * <p>Keys are ordered by unsigned bytes. Two occupants: {@link RocksIndex}, and {@link MemoryIndex} for simulation and tests.
 *
 * <p><b>Durability.</b> After a crash the index holds a prefix of the batches written, at least those before the last
 * {@link #flush}; a batch is there whole or not at all.
 *
 * <p><b>Threads.</b> Reads from many threads; one writer at a time.
 */
interface OrderedIndex extends AutoCloseable {

    /** Opens the index of a store; the store closes it. */
    @FunctionalInterface
    interface Opener {
        OrderedIndex open();
    }

    /** The value of {@code key}, or null. */
    byte @Nullable [] get(byte[] key);

    /** A cursor over a frozen view, placed at the first key that is not before {@code from}. */
    Cursor cursor(byte[] from);

    /** Applies all of {@code batch} at once. */
    void write(IndexBatch batch);

    /** Returns when everything written before survives a crash. */
    void flush();

    /** Forgets everything, durably. */
    void clear();

    /** Bytes of memory it holds outside the heap, for metrics. */
    long nativeBytes();

    @Override
    void close();

    /** Walks keys upward. One thread; closed by the caller. */
    interface Cursor extends AutoCloseable {
        /** False once past the last key; then key and value are not to be asked for. */
        boolean isValid();

        byte[] key();

        byte[] value();

        void next();

        /** Moves to the first key that is not before {@code key}. */
        void seek(byte[] key);

        @Override
        void close();
    }
}
