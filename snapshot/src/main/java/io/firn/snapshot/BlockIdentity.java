package io.firn.snapshot;

/**
 * What a block of a snapshot is, in 128 bits that follow from the snapshot's id, the block's index and the checksums of its chunks: the
 * same for as long as the snapshot exists, over archiving too. Not a secret: a token made of it needs a signature.
 */
public record BlockIdentity(long high, long low) {}
