package io.firn.blockstore;

import io.firn.io.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log. Its number says where it is and is used again; its ordinal says which life of the file this is and never is.
 * Guarded by the log's lock, but for {@link #handle}.
 */
final class Segment {
    enum State {
        /** Nothing in it is needed, also not by the last durable checkpoint. */
        FREE,
        /** Batches are appended to it. */
        OPEN,
        /** No more batches; some of its blocks are referred to. */
        CLOSED,
        /** Nothing refers to it, but the last durable checkpoint may; free after the next one. */
        EMPTY
    }

    private final int number;
    long ordinal;
    State state = State.FREE;

    /** References to its blocks, by live maps and kept entries. */
    int live;

    /** Where the next batch goes. */
    int appendSlot;

    /** Sequence of the last batch in it. */
    long lastSequence;

    /** True after a failed write or sync: not a byte is written to this life of the file any more. */
    boolean isPoisoned;

    /** Holds bytes that no sync has covered. */
    boolean isUnsynced;

    /** Its file is there, and its name survives the loss of power. */
    boolean isNamed;

    /** Open for reading and writing when somebody needed it lately. */
    volatile @Nullable DiskFile handle;

    Segment(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    @Override
    public String toString() {
        return "segment " + number + " (" + ordinal + ", " + state + ", " + live + " live)";
    }
}
