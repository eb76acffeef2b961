package io.firn.nbd;

import java.util.List;
import java.util.Optional;

/**
 * One thing that clients see as a disk: a volume, a view of a sealed epoch, a snapshot. Opened when the first connection names it,
 * shared by all connections to the name, closed after the last.
 *
 * <p><b>Threads.</b> Safe for use by many threads. {@link #profile} and {@link #contexts} answer at once; nothing here waits for a client.
 */
public interface Export extends AutoCloseable {

    /** What clients are told. Read anew for each connection: a size that has grown is seen by the next one. */
    ExportProfile profile();

    /**
     * The names of the metadata contexts to list, {@code base:allocation} among them where it is known; at most a few thousand. There
     * may be more that {@link #context} knows and this does not list.
     */
    List<String> contexts();

    /** The context of this full name, if there is one. It is valid until the export is closed. */
    Optional<ExtentMap> context(String name);

    /**
     * The reads and writes of one connection. The server closes it when the connection has ended, and does not serve a new connection
     * to the export while writes of an earlier one that had reached the server by then are still under way.
     */
    ExportSession openSession();

    /** Called once, after every session is closed. */
    @Override
    void close();
}
