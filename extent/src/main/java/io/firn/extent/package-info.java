/**
 * Append-only extents of self-describing, checksummed frames: written once, sealed, verified, reclaimed.
 *
 * <p>The package refuses to know keys, LBAs, and which frames are still wanted.
 */
@NullMarked
package io.firn.extent;

import org.jspecify.annotations.NullMarked;
