package io.firn.nbd;

import java.util.List;
import java.util.Optional;

/**
 * The exports of a server, by name. Errors are {@link io.firn.io.StorageException}s and refuse the option with NBD_REP_ERR_PLATFORM.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public interface Exports {

    /**
     * The proper name of what a client asked for; a client that names nothing asks for {@code ""}, the default export. Two names with one
     * proper name are one export.
     */
    default String canonicalName(String asked) {
        return asked;
    }

    /** Opens an export by its proper name; empty when there is none. The server asks once, however many connections share it. */
    Optional<Export> open(String canonicalName);

    /** What NBD_OPT_LIST tells, in this order. */
    List<Entry> list();

    /**
     * An export in the list.
     *
     * @param name at most 4,096 bytes of UTF-8, as all NBD strings
     * @param description for people; may be empty
     * @param isTlsOnly under {@link NbdTls.Mode#SELECTIVE}, not listed without TLS
     */
    record Entry(String name, String description, boolean isTlsOnly) {
        public Entry {
            if (Protocol.utf8(name).length > Protocol.MAX_STRING_BYTES
                    || Protocol.utf8(description).length > Protocol.MAX_STRING_BYTES) {
                throw new IllegalArgumentException("a name or description of more than 4,096 bytes: " + name);
            }
        }
    }
}
