/**
 * Append-only extents of self-describing, checksummed frames: written once, sealed, verified, reclaimed.
 *
 * <p>Read {@link io.firn.extent.ExtentDirectory} first, then {@link io.firn.extent.ExtentRef} (the pointer that others keep),
 * {@link io.firn.extent.Frame} and {@link io.firn.extent.EncodedFrame} (the bytes), and {@link io.firn.extent.Scrub}. The file format is
 * drawn in {@code ExtentFormat} and in {@code docs/formats/extent.md}.
 *
 * <p>Everything but {@code Scrub} is safe for use by many threads; the package starts none.
 *
 * <p>The package refuses to know keys, LBAs, how many copies there are, and which frames are still wanted.
 */
@NullMarked
package io.firn.extent;

import org.jspecify.annotations.NullMarked;
