/**
 * {@code firn bench library}: the object store inside this process beside the limits of the disk under it.
 *
 * <p>Read {@link io.firn.bench.library.LibraryCommand} first; {@link io.firn.bench.library.SmallPuts} and
 * {@link io.firn.bench.library.ManyKeys} each hold one question.
 */
@NullMarked
package io.firn.bench.library;

import org.jspecify.annotations.NullMarked;
