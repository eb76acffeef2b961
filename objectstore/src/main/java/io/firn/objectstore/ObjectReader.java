package io.firn.objectstore;

import io.firn.io.FileStretch;
import java.nio.ByteBuffer;
import java.util.Optional;

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

    /**
     * Lends the next bytes of the span, at most {@code mostBytes}, as they lie in a file, and goes on behind them: only bytes that were verified
     * a minute or two ago at most, in whatever read. Empty, with nothing gone by, when they were not, when the store is not on files, and at
     * the end: then {@link #read} is the way. Bytes that are lent stay what they are until closed, also when the reader is closed before.
     */
    Optional<FileStretch> lend(int mostBytes);

    @Override
    void close();
}
