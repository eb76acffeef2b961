package io.firn.objectstore;

import java.nio.ByteBuffer;

/**
 * The bytes that a read asked for, verified as they are read, while the object itself may be overwritten or deleted: the reader keeps
 * the version it opened. One thread at a time; closed by the caller.
 */
public interface ObjectReader extends AutoCloseable {

    ObjectVersion version();

    /** Where the bytes lie in the object. */
    ByteRange.Span span();

    /** Puts the next bytes into {@code target}; returns how many, or -1 after the last of the span. A damaged frame that no zone can replace is {@code StorageException.Corrupt}. */
    int read(ByteBuffer target);

    @Override
    void close();
}
