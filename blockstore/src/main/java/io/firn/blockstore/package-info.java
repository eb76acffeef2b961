/**
 * Log-structured block volumes: 4 KiB blocks, ordered acknowledgement, sealed epochs, and a record of what changed that is exactly right
 * after any crash.
 *
 * <p>Read {@link io.firn.blockstore.VolumeStore} and {@link io.firn.blockstore.Volume} first, then {@link io.firn.blockstore.SealedView}
 * and {@link io.firn.blockstore.BlockSet}. Inside: {@code LogFormat} draws the log, {@code Log} appends and syncs it, {@code Applier} is the
 * one function from records to state (live and in recovery), {@code VolumeState} holds a volume's map, dirty pages and kept blocks,
 * {@code PageSpace} gives checkpoints a still picture of them, {@code Recovery} opens, {@code Cleaner} gives space back.
 *
 * <p><b>Threads.</b> {@code VolumeStore}, {@code Volume} and {@code SealedView} are safe for many; a {@code WriteBatch} belongs to one. One lock
 * orders the log; reads of the live volume do not take it. Nothing here starts a thread unless the store was opened on a folder.
 *
 * <p>The package refuses to speak a protocol, to know what a snapshot in the object store is, and to copy data for a seal.
 */
@NullMarked
package io.firn.blockstore;

import org.jspecify.annotations.NullMarked;
