package io.firn.snapshot;

/**
 * The manifest of a snapshot, or of several copies of it: its root, and which tree it was made from. A tree whose space was given back
 * stays as a link between its relatives for as long as there are several.
 *
 * @param birth its random number, part of the names of its packs
 * @param parent the tree it was made from; 0 for none
 * @param isReclaimed true when it has no pages any more
 */
record Tree(long birth, long parent, PageRef root, boolean isReclaimed) {
    Tree withParent(long newParent) {
        return new Tree(birth, newParent, root, isReclaimed);
    }

    Tree reclaimed() {
        return new Tree(birth, parent, PageRef.NONE, true);
    }
}
