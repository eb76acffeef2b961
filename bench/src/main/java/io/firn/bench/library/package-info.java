/**
 * {@code firn bench library} and {@code firn bench volume}: the stores inside this process, beside the limits of the disk under them.
 *
 * <p>Read {@link io.firn.bench.library.LibraryCommand} and {@link io.firn.bench.library.VolumeCommand} first; {@code SmallPuts}, {@code
 * ManyKeys}, {@code SealStalls}, {@code ViewReads}, {@code TailReopen} and {@code SteadyState} each hold one question.
 */
@NullMarked
package io.firn.bench.library;

import org.jspecify.annotations.NullMarked;
