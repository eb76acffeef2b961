package io.firn.nbd;

/**
 * A metadata context of an export: the export as runs of bytes with flags. For {@code base:allocation} the flags are {@link #HOLE} and
 * {@link #ZERO}, for {@code qemu:dirty-bitmap:NAME} it is {@link #DIRTY}, for {@code qemu:allocation-depth} a number.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public interface ExtentMap {
    /** NBD_STATE_HOLE of {@code base:allocation}: takes no space. */
    int HOLE = 1;

    /** NBD_STATE_ZERO of {@code base:allocation}: reads as zeroes. */
    int ZERO = 1 << 1;

    /** NBD_STATE_DIRTY of {@code qemu:dirty-bitmap}. */
    int DIRTY = 1;

    /**
     * Tells the runs from {@code offset} on, in order and without gaps, until the visitor has enough or {@code length} bytes are covered;
     * it may end sooner to bound its work, but tells at least one. A run may reach beyond the range. Runs are multiples of the smallest
     * block.
     */
    void walk(long offset, long length, Visitor visitor);

    /** Takes one run. */
    @FunctionalInterface
    interface Visitor {
        /** Takes the next {@code length} bytes, at least 1; false when it wants no more. */
        boolean run(long length, int flags);
    }
}
