package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.Invariant;
import io.firn.io.RecordReader;
import io.firn.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The one function from log entries to state: called with each batch as it is appended, and with each batch again when a store opens. So
 * map, dirty blocks and kept blocks after a crash are what they were at that point of the log, exactly.
 *
 * <p><b>Threads.</b> Under the log's lock.
 */
final class Applier {
    private static final int PAGE_SHIFT = 10;

    private final StoreState state;
    private final Segments segments;

    /** Blocks that were brought in and that recovery found damaged, by volume: they are brought in again, or the source is gone. */
    private final Map<Integer, Set<Long>> lostHydrations = new HashMap<>();

    Applier(StoreState state, Segments segments) {
        this.state = state;
        this.segments = segments;
    }

    /**
     * Applies one entry.
     *
     * @param slot of the batch's first payload block
     * @param lost payload blocks of the batch that recovery found damaged
     */
    void apply(EntryCursor entry, Segment segment, int slot, @Nullable BitSet lost) {
        int first = slot + entry.payload();
        switch (entry.kind()) {
            case Kind.CREATE -> create(entry.inline());
            case Kind.MOVE -> move(entry, segment, first, lost);
            default -> apply(entry, volume(entry.volume()), segment, first, lost);
        }
    }

    private void apply(EntryCursor entry, VolumeState volume, Segment segment, int first, @Nullable BitSet lost) {
        switch (entry.kind()) {
            case Kind.DATA -> data(entry, volume, segment, first, lost);
            case Kind.HYDRATE -> hydrate(entry, volume, segment, first, lost);
            case Kind.ZERO -> zero(volume, entry.lba(), entry.blocks());
            case Kind.TRIM -> trim(volume, entry.lba(), entry.blocks());
            case Kind.SEAL -> seal(volume, entry.epoch(), entry.mark());
            case Kind.RELEASE -> release(volume, entry.epoch());
            case Kind.FORGET -> forget(volume, entry.epoch());
            case Kind.RESIZE -> volume.sizeBytes = entry.lba();
            case Kind.RENAME ->
                state.rename(volume, new VolumeName(new String(entry.inline(), StandardCharsets.US_ASCII)));
            case Kind.MODIFY -> volume.type = VolumeType.parse(new String(entry.inline(), StandardCharsets.US_ASCII));
            case Kind.DELETE -> delete(volume);
            case Kind.DISCARD -> {
                letGoOfAll(volume);
                volume.clear();
            }
            case Kind.FLATTEN -> flatten(volume, entry.lba(), entry.blocks());
            case Kind.DETACH -> detach(volume);
            case Kind.ACKNOWLEDGE -> volume.isImpaired = false;
            default -> throw new StorageException.Corrupt("the log has an entry of unknown kind " + entry.kind());
        }
    }

    private VolumeState volume(int id) {
        VolumeState volume = state.volumes.get(id);
        if (volume == null) {
            throw new StorageException.Corrupt("the log has an entry of volume " + id + ", which there is not");
        }
        return volume;
    }

    private void create(byte[] inline) {
        Descriptor made = Descriptor.read(new RecordReader(inline));
        VolumeState volume = new VolumeState(made, state.pages);
        state.add(volume);
        if (made.base() instanceof VolumeBase.View(int parent, long epoch)) {
            view(volume(parent), epoch).clones++;
        }
    }

    private static ViewState view(VolumeState volume, long epoch) {
        ViewState view = volume.views.get(epoch);
        if (view == null) {
            throw new StorageException.Corrupt(
                    "the log has an entry of view " + epoch + " of volume " + volume.id() + ", which there is not");
        }
        return view;
    }

    private void data(EntryCursor entry, VolumeState volume, Segment segment, int first, @Nullable BitSet lost) {
        int blocks = (int) entry.blocks();
        for (int i = 0; i < blocks; i++) {
            boolean isLost = lost != null && lost.get(entry.payload() + i);
            put(
                    volume,
                    entry.lba() + i,
                    isLost ? MapEntry.IMPAIRED : MapEntry.data(segment.number(), first + i, entry.crc(i)));
        }
    }

    private void hydrate(EntryCursor entry, VolumeState volume, Segment segment, int first, @Nullable BitSet lost) {
        int blocks = (int) entry.blocks();
        for (int i = 0; i < blocks; i++) {
            long lba = entry.lba() + i;
            if (lost != null && lost.get(entry.payload() + i)) {
                lostHydrations
                        .computeIfAbsent(volume.id(), ignored -> new TreeSet<>())
                        .add(lba);
            } else {
                fill(volume, lba, MapEntry.data(segment.number(), first + i, entry.crc(i)));
                if (!lostHydrations.isEmpty()) {
                    lostHydrations.getOrDefault(volume.id(), new TreeSet<>()).remove(lba);
                }
            }
        }
    }

    /** A block that nobody can bring in again is not to be taken for zeros. */
    private static void lose(VolumeState volume, long lba) {
        if (volume.map.get(lba) == MapEntry.ABSENT) {
            volume.map.set(lba, MapEntry.IMPAIRED);
            volume.isImpaired = true;
        }
        volume.kept.replace(lba, kept -> kept == MapEntry.ABSENT ? MapEntry.IMPAIRED : kept);
    }

    /** Puts what the base shows of a block wherever the volume has nothing of its own; no block becomes dirty by it. */
    private void fill(VolumeState volume, long lba, long entry) {
        if (volume.map.get(lba) == MapEntry.ABSENT) {
            segments.retain(entry);
            volume.map.set(lba, entry);
            volume.dataBlocks += MapEntry.isData(entry) ? 1 : 0;
        }
        if (volume.kept.count() > 0) {
            volume.kept.replace(lba, kept -> {
                if (kept != MapEntry.ABSENT) {
                    return kept;
                }
                segments.retain(entry);
                return entry;
            });
        }
    }

    private void zero(VolumeState volume, long lba, long blocks) {
        for (long block = lba; block < lba + blocks; block++) {
            if (shown(volume, block) != MapEntry.ZERO) {
                put(volume, block, MapEntry.ZERO);
            }
        }
    }

    /** What the live volume shows of a block, whatever of its base was brought in by now. */
    private long shown(VolumeState volume, long lba) {
        long entry = volume.map.get(lba);
        return entry == MapEntry.ABSENT && volume.base instanceof VolumeBase.View(int parent, long epoch)
                ? resolve(volume(parent), lba, epoch)
                : entry;
    }

    private void trim(VolumeState volume, long lba, long blocks) {
        long end = lba + blocks;
        if (!(volume.base instanceof VolumeBase.None)) {
            for (long block = lba; block < end; block++) {
                if (shown(volume, block) != MapEntry.HOLE) {
                    put(volume, block, MapEntry.HOLE);
                }
            }
            return;
        }
        PageTree map = volume.map;
        for (Page page = map.next(lba >>> PAGE_SHIFT);
                page != null;
                page = map.next(page.key().index() + 1)) {
            long start = page.key().index() << PAGE_SHIFT;
            if (start >= end) {
                return;
            }
            for (int i = (int) Math.max(0, lba - start); i < Page.LONGS && start + i < end; i++) {
                if (page.get(i) != MapEntry.ABSENT) {
                    put(volume, start + i, MapEntry.ABSENT);
                }
            }
        }
    }

    private void put(VolumeState volume, long lba, long entry) {
        long before = volume.map.get(lba);
        // The first change of a block in an epoch is what the newest view still sees, unless the block was born after
        // that view.
        if (volume.dirty.add(lba) && !volume.views.isEmpty() && !volume.bornSinceNewestView.contains(lba)) {
            volume.kept.add(lba, volume.views.lastKey(), before);
        } else {
            segments.release(before);
        }
        segments.retain(entry);
        volume.map.set(lba, entry);
        volume.dataBlocks += (MapEntry.isData(entry) ? 1 : 0) - (MapEntry.isData(before) ? 1 : 0);
    }

    private void move(EntryCursor entry, Segment segment, int first, @Nullable BitSet lost) {
        List<VolumeState> family = state.family(entry.volume());
        int blocks = (int) entry.blocks();
        for (int i = 0; i < blocks; i++) {
            // A copy that was lost leaves the block where it was: its segment is not used again before a checkpoint.
            if (lost == null || !lost.get(entry.payload() + i)) {
                long moved = MapEntry.data(segment.number(), first + i, entry.crc(i));
                relocate(family, entry.lba() + i, entry.source() + i, moved);
            }
        }
    }

    /** Replaces every reference to a place. */
    void relocate(List<VolumeState> family, long lba, long source, long moved) {
        for (VolumeState volume : family) {
            long live = volume.map.get(lba);
            if (isAt(live, source)) {
                segments.retain(moved);
                volume.map.set(lba, moved);
                segments.release(live);
            }
            volume.kept.replace(lba, kept -> {
                if (!isAt(kept, source)) {
                    return kept;
                }
                segments.retain(moved);
                segments.release(kept);
                return moved;
            });
        }
    }

    /** True when anything of a family refers to a place. */
    boolean isReferred(List<VolumeState> family, long lba, long location) {
        for (VolumeState volume : family) {
            if (isAt(volume.map.get(lba), location)) {
                return true;
            }
            boolean[] found = {false};
            volume.kept.replace(lba, kept -> {
                found[0] |= isAt(kept, location);
                return kept;
            });
            if (found[0]) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(long entry, long location) {
        return MapEntry.isData(entry) && MapEntry.location(entry) == location;
    }

    private static void seal(VolumeState volume, long epoch, long mark) {
        Invariant.check(volume.epoch == epoch, "epoch %d is sealed while epoch %d is open", epoch, volume.epoch);
        Frozen frozen = volume.freeze();
        volume.history.put(epoch, frozen);
        volume.views.put(epoch, new ViewState(epoch, volume.sizeBytes, mark, frozen, volume.bornSinceNewestView));
        volume.bornSinceNewestView = BlockSet.EMPTY;
    }

    private void release(VolumeState volume, long epoch) {
        ViewState view = view(volume, epoch);
        view.isReleased = true;
        dropUnused(volume, view);
    }

    private void dropUnused(VolumeState volume, ViewState view) {
        if (!view.isReleased || view.clones > 0) {
            return;
        }
        volume.views.remove(view.epoch());
        Map.Entry<Long, ViewState> before = volume.views.lowerEntry(view.epoch());
        Map.Entry<Long, ViewState> after = volume.views.higherEntry(view.epoch());
        // What was born after no view is of no interest: then nothing older is kept that it could be told from.
        BlockSet born = before == null ? BlockSet.EMPTY : view.born();
        volume.kept.release(view.epoch(), before == null ? 0 : before.getKey(), born, segments::release);
        if (after != null) {
            after.getValue().alsoBorn = after.getValue().alsoBorn.union(born);
        } else {
            volume.bornSinceNewestView = before == null ? BlockSet.EMPTY : volume.bornSinceNewestView.union(born);
        }
        if (volume.isDeleted) {
            dropDeleted(volume);
        }
    }

    private static void forget(VolumeState volume, long epoch) {
        volume.history.headMap(epoch, true).clear();
        volume.forgotten = Math.max(volume.forgotten, epoch);
    }

    private void delete(VolumeState volume) {
        state.hide(volume);
        volume.isDeleted = true;
        dropDeleted(volume);
    }

    private void dropDeleted(VolumeState volume) {
        if (volume.views.isEmpty()) {
            letGoOfAll(volume);
            state.remove(volume);
            detach(volume);
        }
    }

    private void letGoOfAll(VolumeState volume) {
        volume.map.forEach(page -> {
            for (int i = 0; i < Page.LONGS; i++) {
                segments.release(page.get(i));
            }
        });
        volume.kept.forEach(segments::release);
    }

    private void flatten(VolumeState volume, long lba, long blocks) {
        if (!(volume.base instanceof VolumeBase.View(int parent, long epoch))) {
            return;
        }
        VolumeState base = volume(parent);
        for (long block = lba; block < lba + blocks; block++) {
            long entry = resolve(base, block, epoch);
            if (entry != MapEntry.ABSENT && entry != MapEntry.HOLE) {
                fill(volume, block, entry);
            }
        }
    }

    /** What a view shows of a block, through the views that it is based on. */
    long resolve(VolumeState volume, long lba, long epoch) {
        VolumeState at = volume;
        long view = epoch;
        while (true) {
            if (lba >= Block.count(view(at, view).sizeBytes())) {
                return MapEntry.ABSENT;
            }
            long entry = at.entryAt(lba, view);
            if (entry != MapEntry.ABSENT || !(at.base instanceof VolumeBase.View(int parent, long parentEpoch))) {
                return entry;
            }
            at = volume(parent);
            view = parentEpoch;
        }
    }

    private void detach(VolumeState volume) {
        VolumeBase base = volume.base;
        volume.base = new VolumeBase.None();
        if (base instanceof VolumeBase.Source) {
            Set<Long> lost = lostHydrations.remove(volume.id());
            if (lost != null) {
                lost.forEach(lba -> lose(volume, lba));
            }
        }
        if (base instanceof VolumeBase.View(int parent, long epoch)) {
            VolumeState based = volume(parent);
            ViewState view = view(based, epoch);
            view.clones--;
            dropUnused(based, view);
        }
    }
}
