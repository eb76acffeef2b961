package io.firn.blockstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a volume is at a moment.
 *
 * @param allocatedBytes bytes of blocks with data of its own in the live map
 * @param dirtyBytes bytes of blocks changed in the open epoch
 * @param epoch the open epoch
 * @param views epochs whose sealed views exist, ascending
 * @param keptBlocks blocks that only views see
 * @param isImpaired durable history was lost to corruption and nobody has acknowledged it
 * @param isBased it still shows blocks of what it was made from
 */
public record VolumeStat(
        VolumeName name,
        long sizeBytes,
        VolumeType type,
        boolean isEncrypted,
        Optional<String> owner,
        Instant created,
        long allocatedBytes,
        long dirtyBytes,
        long epoch,
        List<Long> views,
        long keptBlocks,
        boolean isImpaired,
        boolean isBased) {
    public VolumeStat {
        views = List.copyOf(views);
    }
}
