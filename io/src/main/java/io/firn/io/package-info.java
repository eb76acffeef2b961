/**
 * The only way Firn touches the world: files, clocks, randomness, sleeping and threads.
 *
 * <p>Read {@link io.firn.io.Disk} and {@link io.firn.io.DiskFile} first, then {@link io.firn.io.Clock},
 * {@link io.firn.io.Task} and the errors ({@link io.firn.io.StorageException}, {@link io.firn.io.InvariantViolation}).
 *
 * <p>Everything above this package is handed a {@code Disk}, a {@code Clock} and a {@code RandomGenerator}, so the same
 * seed gives the same history and a crash can be placed at every sync. The package refuses to know what an extent, an
 * object or a volume is.
 */
@NullMarked
package io.firn.io;

import org.jspecify.annotations.NullMarked;
