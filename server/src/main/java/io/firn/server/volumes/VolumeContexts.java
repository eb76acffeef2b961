package io.firn.server.volumes;

import io.firn.blockstore.Allocation;
import io.firn.blockstore.BlockSet;
import io.firn.blockstore.Volume;
import io.firn.nbd.ExtentMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metadata contexts of volumes and views: {@code base:allocation}, {@code qemu:allocation-depth}, and dirty bitmaps of what changed.
 *
 * <ul>
 *   <li>{@code qemu:dirty-bitmap:open}: changed in the open epoch (of a view: in the epoch it ends)
 *   <li>{@code qemu:dirty-bitmap:since-A}: changed since epoch A was sealed (of a view: up to it)
 *   <li>{@code qemu:dirty-bitmap:A-B}: changed after epoch A was sealed and up to the seal of B; 0 is the volume's making
 * </ul>
 *
 * A bitmap is as it was when the context was selected. Where changes are not known any more there is no such context: a client cannot
 * take the unknown for unchanged.
 */
final class VolumeContexts {
    static final String ALLOCATION = "base:allocation";
    static final String DEPTH = "qemu:allocation-depth";
    static final String BITMAP = "qemu:dirty-bitmap:";
    static final String OPEN = BITMAP + "open";

    private static final Pattern SINCE = Pattern.compile("since-(0|[1-9][0-9]{0,17})");
    private static final Pattern BETWEEN = Pattern.compile("(0|[1-9][0-9]{0,17})-([1-9][0-9]{0,17})");
    private static final int BLOCK_BYTES = 4096;

    private VolumeContexts() {}

    /** How bytes are held. */
    @FunctionalInterface
    interface Held {
        Allocation at(long offset, long lengthMax);
    }

    static List<String> names(long newestSeal) {
        List<String> names = new ArrayList<>(List.of(ALLOCATION, DEPTH, OPEN));
        if (newestSeal > 0) {
            names.add(BITMAP + "since-" + newestSeal);
        }
        return names;
    }

    static Optional<ExtentMap> context(
            String name, Volume volume, Held held, long sizeBytes, Supplier<BlockSet> open, long upTo) {
        if (name.equals(ALLOCATION)) {
            return Optional.of(allocation(held, sizeBytes, VolumeContexts::allocationFlags));
        }
        if (name.equals(DEPTH)) {
            return Optional.of(allocation(held, sizeBytes, VolumeContexts::depth));
        }
        if (name.equals(OPEN)) {
            return Optional.of(bitmap(open.get(), sizeBytes));
        }
        if (!name.startsWith(BITMAP)) {
            return Optional.empty();
        }
        String which = name.substring(BITMAP.length());
        Matcher since = SINCE.matcher(which);
        if (since.matches()) {
            long from = Long.parseLong(since.group(1));
            return (upTo == 0 ? volume.changedSince(from) : volume.changedBetween(from, upTo))
                    .map(set -> bitmap(set, sizeBytes));
        }
        Matcher between = BETWEEN.matcher(which);
        return between.matches()
                ? volume.changedBetween(Long.parseLong(between.group(1)), Long.parseLong(between.group(2)))
                        .map(set -> bitmap(set, sizeBytes))
                : Optional.empty();
    }

    private interface Flags {
        int of(Allocation.Kind kind);
    }

    private static ExtentMap allocation(Held held, long sizeBytes, Flags flags) {
        return (offset, length, visitor) -> {
            long at = offset;
            long end = Math.min(sizeBytes, offset + length);
            while (at < end) {
                Allocation run = held.at(at, end - at);
                if (!visitor.run(run.lengthBytes(), flags.of(run.kind()))) {
                    return;
                }
                at += run.lengthBytes();
            }
        };
    }

    private static int allocationFlags(Allocation.Kind kind) {
        return switch (kind) {
            case DATA, BASE -> 0;
            case ZERO -> ExtentMap.ZERO;
            case HOLE -> ExtentMap.HOLE | ExtentMap.ZERO;
        };
    }

    /** As qemu has it: 0 not allocated, 1 here, 2 and more in what is behind. */
    private static int depth(Allocation.Kind kind) {
        return switch (kind) {
            case DATA, ZERO -> 1;
            case BASE -> 2;
            case HOLE -> 0;
        };
    }

    private static ExtentMap bitmap(BlockSet set, long sizeBytes) {
        return (offset, length, visitor) -> {
            long at = offset;
            long end = Math.min(sizeBytes, offset + length);
            BlockSet.Runs runs = set.runs(offset / BLOCK_BYTES);
            while (at < end) {
                long dirtyFrom = end;
                long dirtyTo = end;
                if (runs.hasNext()) {
                    BlockSet.Run run = runs.next();
                    dirtyFrom = Math.clamp(run.lba() * BLOCK_BYTES, at, end);
                    dirtyTo = Math.clamp((run.lba() + run.count()) * BLOCK_BYTES, at, end);
                }
                if (dirtyFrom > at && !visitor.run(dirtyFrom - at, 0)) {
                    return;
                }
                if (dirtyTo > dirtyFrom && !visitor.run(dirtyTo - dirtyFrom, ExtentMap.DIRTY)) {
                    return;
                }
                at = dirtyTo;
            }
        };
    }
}
