/**
 * Snapshots at the server's doors: {@link io.firn.server.snapshots.BlockStorage} wires volumes and snapshots of a data folder and runs
 * their background work, {@link io.firn.server.snapshots.SnapshotCare} is what operators do, {@link
 * io.firn.server.snapshots.BlockExports} what NBD clients see.
 *
 * <p>The package refuses to hold rules of snapshots: those are {@code io.firn.snapshot}'s.
 */
@NullMarked
package io.firn.server.snapshots;

import org.jspecify.annotations.NullMarked;
