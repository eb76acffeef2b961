package io.firn.blockstore;

import java.util.function.LongUnaryOperator;

/** Finds runs of bytes that are held alike. */
final class Allocations {
    /** Blocks looked at for one answer: a bound on the time of one question. */
    private static final long LOOKS_MAX = 1 << 16;

    private Allocations() {}

    static Allocation at(long offset, long lengthMax, LongUnaryOperator entries, VolumeState volume, boolean isBased) {
        long lba = Block.at(offset);
        Allocation.Kind kind = kind(entries.applyAsLong(lba), isBased);
        long end = offset + lengthMax;
        long next = lba + 1;
        long looks = LOOKS_MAX;
        while (next << Block.SHIFT < end && looks > 0) {
            // An absent page is 1,024 blocks alike.
            if (!isBased
                    && kind == Allocation.Kind.HOLE
                    && (next & (Page.LONGS - 1)) == 0
                    && volume.map.find(next / Page.LONGS) == null
                    && volume.kept.count() == 0) {
                next += Page.LONGS;
                looks--;
                continue;
            }
            if (kind(entries.applyAsLong(next), isBased) != kind) {
                break;
            }
            next++;
            looks--;
        }
        return new Allocation(Math.min(end, next << Block.SHIFT) - offset, kind);
    }

    private static Allocation.Kind kind(long entry, boolean isBased) {
        if (MapEntry.isData(entry) || entry == MapEntry.IMPAIRED) {
            return Allocation.Kind.DATA;
        }
        if (entry == MapEntry.ZERO) {
            return Allocation.Kind.ZERO;
        }
        return entry == MapEntry.ABSENT && isBased ? Allocation.Kind.BASE : Allocation.Kind.HOLE;
    }
}
