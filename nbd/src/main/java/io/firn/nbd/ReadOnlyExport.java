package io.firn.nbd;

import java.nio.ByteBuffer;

/**
 * An export whose content never changes: it is its own session for every connection, and only {@link #read} is left to say. Its profile is
 * an {@link ExportProfile#readOnly}.
 *
 * <p><b>Threads.</b> Reads come from many threads at once, unlike those of other sessions.
 */
public interface ReadOnlyExport extends Export, ExportSession {

    @Override
    default ExportSession openSession() {
        return this;
    }

    // The server refuses what would change a read-only export before it comes here.

    @Override
    default void write(long offset, ByteBuffer source) {
        throw new UnsupportedOperationException("a read-only export is not written");
    }

    @Override
    default void trim(long offset, long length) {
        throw new UnsupportedOperationException("a read-only export is not written");
    }

    @Override
    default void zero(long offset, long length, boolean mayPunchHole) {
        throw new UnsupportedOperationException("a read-only export is not written");
    }

    @Override
    default void cache(long offset, long length) {}

    @Override
    default void submit() {}

    @Override
    default void flush() {}

    @Override
    default void close() {}
}
