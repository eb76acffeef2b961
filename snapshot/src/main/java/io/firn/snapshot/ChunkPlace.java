package io.firn.snapshot;

/**
 * Where the stored bytes of a chunk are.
 *
 * @param offset in the pack as it was first written
 * @param length of the stored bytes
 */
record ChunkPlace(PackId pack, int offset, int length) {}
