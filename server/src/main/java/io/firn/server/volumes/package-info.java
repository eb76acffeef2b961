/**
 * Volumes at the server's doors: as NBD exports ({@link io.firn.server.volumes.VolumeExports}) and as the operator's calls
 * ({@link io.firn.server.volumes.VolumeCare}). Contains no rules of storage: those are in {@code blockstore}.
 */
@NullMarked
package io.firn.server.volumes;

import org.jspecify.annotations.NullMarked;
