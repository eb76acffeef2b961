package io.firn.extent;

/** Told by {@link Scrub} what is damaged; called on the thread that steps the scrub. */
@FunctionalInterface
public interface ScrubListener {

    /** What kind of bytes are damaged, and so what helps. */
    enum Damage {
        /** A frame that the footer or its own header names does not verify: rewrite it from another copy if it is still wanted. */
        FRAME,
        /** Bytes that belong to no frame, in an extent that is not sealed: a damaged header, or what a crash tore and nobody wants. */
        UNRECOGNISED,
        /** The superblock: {@link ExtentDirectory#ensure} writes it again. Frames can be read all the same. */
        SUPERBLOCK,
        /** The seal mark or the footer: frames can be read all the same, and walking falls back to scanning. */
        SEAL
    }

    /**
     * @param offset bytes from the start of the file to the damaged frame or range
     * @param what for people
     */
    void damaged(long extentId, long offset, Damage damage, String what);
}
