package io.firn.snapshot;

import io.firn.objectstore.StorageClass;

/**
 * How the object of a pack is kept.
 *
 * @param generation how often it was written anew
 */
record PackForm(int generation, StorageClass storageClass, boolean isEncrypted) {
    /** Of all other objects: they hold no content. */
    static final PackForm PLAIN = new PackForm(0, StorageClass.STANDARD, false);

    static PackForm first(StorageClass storageClass, boolean isEncrypted) {
        return new PackForm(0, storageClass, isEncrypted);
    }

    /** Of the next writing. */
    PackForm next() {
        return new PackForm(generation + 1, storageClass, isEncrypted);
    }
}
