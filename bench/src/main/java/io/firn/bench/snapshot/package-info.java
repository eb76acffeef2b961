/**
 * {@code firn bench snapshot}: the bars that snapshots have to keep, in this process, with the threads that the server gives them.
 *
 * <p>Read {@link io.firn.bench.snapshot.SnapshotBenchCommand} first; {@link io.firn.bench.snapshot.Question} is what each of the others holds
 * one of.
 */
@NullMarked
package io.firn.bench.snapshot;

import org.jspecify.annotations.NullMarked;
