package io.firn.nbd;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * What one connection does to an {@link Export}. Offsets and lengths are within the size of the profile that the connection was told,
 * multiples of its smallest block, and never empty.
 *
 * <p><b>Staging.</b> {@link #write}, {@link #trim} and {@link #zero} stage: their effect on later reads may come at once or with
 * {@link #submit}, in the order of the calls. The server calls {@code submit} once for a burst of pipelined requests, and acknowledges
 * none of them before it returned. When it throws, all of them are answered with that error.
 *
 * <p><b>Buffers</b> belong to the server and are used again when the call returns: {@code write} takes the bytes out before.
 *
 * <p><b>Errors</b> are {@link io.firn.io.StorageException}s. {@code OutOfSpace} becomes NBD_ENOSPC; {@code Fenced} and {@code Closed}
 * become NBD_ESHUTDOWN; the others, and what else is thrown, NBD_EIO.
 *
 * <p><b>Threads.</b> One thread calls everything; a flush may still be under way, on another thread, while it goes on.
 */
public interface ExportSession extends AutoCloseable {

    /** Fills {@code target} from its position to its limit. */
    void read(long offset, ByteBuffer target);

    /** Stages all that remains of {@code source}. A long write comes in pieces that end at multiples of 64 KiB. */
    void write(long offset, ByteBuffer source);

    /** Stages the hint that the range holds nothing any more; what it reads as afterwards is up to the export. */
    void trim(long offset, long length);

    /**
     * Stages zeroes, of any length, up to the whole export.
     *
     * @param mayPunchHole false when later writes to the range must not run out of space
     */
    void zero(long offset, long length, boolean mayPunchHole);

    /** A hint that the range will be read soon. Returns soon; what it does is up to the export. */
    void cache(long offset, long length);

    /** Hands what was staged to the system: all that {@link #flush} of any session of the export covers from now on. */
    void submit();

    /** Returns when everything that any session of the export submitted before the call is on stable storage. */
    void flush();

    /**
     * As {@link #flush}, without waiting: the future completes, or fails, as that would return. Several may be under way, and complete in
     * any order on any thread. That thread sends the replies, which takes microseconds and waits for no client.
     *
     * <p>As it stands, {@code flush} on a thread of its own.
     */
    default CompletableFuture<Void> flushAsync() {
        return CompletableFuture.runAsync(this::flush, Flusher.THREADS);
    }

    /**
     * Drops what was staged and not submitted. When this returns, no write of the session can take effect any more: the server waits for
     * it before it serves a client that came back.
     */
    @Override
    void close();
}
