package io.firn.blockstore;

import io.firn.io.Invariant;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Everything the log says of one volume. Changed by {@link Applier} alone, under the log's lock; {@link #map}, size and base may be read
 * without.
 */
final class VolumeState {
    private final Descriptor made;
    private final PageSpace space;

    volatile VolumeName name;
    volatile long sizeBytes;
    volatile VolumeType type;
    volatile VolumeBase base;

    /** Lost history that nobody has acknowledged yet. */
    volatile boolean isImpaired;

    volatile boolean isDeleted;

    /** Number of the open epoch; the first is 1. */
    long epoch = 1;

    volatile PageTree map;
    DirtyPages dirty;
    KeptBlocks kept;

    /** The views that keep blocks, by epoch. */
    final NavigableMap<Long, ViewState> views = new TreeMap<>();

    /** What sealed epochs changed, until forgotten. */
    final NavigableMap<Long, Frozen> history = new TreeMap<>();

    /** The newest epoch whose changes are not known any more; 0 when all are. */
    long forgotten;

    /** What epochs sealed after the newest view have written. */
    BlockSet bornSinceNewestView = BlockSet.EMPTY;

    /** Blocks with data in the live map. */
    long dataBlocks;

    VolumeState(Descriptor made, PageSpace space) {
        this.made = made;
        this.space = space;
        this.name = made.name();
        this.sizeBytes = made.sizeBytes();
        this.type = made.type();
        this.base = made.base();
        this.map = new PageTree(space, made.id(), PageKey.Kind.MAP, 0);
        this.dirty = new DirtyPages(space, made.id(), epoch);
        this.kept = new KeptBlocks(space, made.id(), 0);
    }

    int id() {
        return made.id();
    }

    int family() {
        return made.family();
    }

    Descriptor made() {
        return made;
    }

    boolean isEncrypted() {
        return made.wrappedKey().length > 0;
    }

    boolean isInstanceStore() {
        return made.owner().isPresent();
    }

    long blocks() {
        return Block.count(sizeBytes);
    }

    /** Starts the next epoch with clean pages. */
    Frozen freeze() {
        Frozen frozen = new Frozen(dirty);
        epoch++;
        dirty = new DirtyPages(space, made.id(), epoch);
        return frozen;
    }

    /** Lets go of all content: every block reads as zero, and nothing is known of before. */
    void clear() {
        Invariant.check(views.isEmpty(), "volume %d is cleared with %d views", made.id(), views.size());
        long tag = map.tag() + 1;
        map = new PageTree(space, made.id(), PageKey.Kind.MAP, tag);
        kept = new KeptBlocks(space, made.id(), tag);
        freeze();
        history.clear();
        forgotten = epoch - 1;
        bornSinceNewestView = BlockSet.EMPTY;
        base = new VolumeBase.None();
        dataBlocks = 0;
        isImpaired = false;
    }

    /** What a view shows of a block, its base aside. */
    long entryAt(long lba, long viewEpoch) {
        int node = kept.find(lba, viewEpoch);
        return node == 0 ? map.get(lba) : kept.entry(node);
    }

    void forEachPage(Consumer<Page> visitor) {
        map.forEach(visitor);
        dirty.tree().forEach(visitor);
        kept.tree().forEach(visitor);
    }

    /** The tree that a page of a checkpoint belongs to, when it is still of interest. */
    boolean isCurrent(PageKey key) {
        return key.tag() == treeOf(key.kind()).tag();
    }

    PageTree treeOf(PageKey.Kind kind) {
        return switch (kind) {
            case MAP -> map;
            case DIRTY -> dirty.tree();
            case KEPT -> kept.tree();
        };
    }

    void write(RecordWriter out) {
        made.write(out);
        out.text(name.value())
                .i64(sizeBytes)
                .text(type.wireName())
                .u8(base instanceof VolumeBase.None ? 0 : 1)
                .u8((isImpaired ? 1 : 0) | (isDeleted ? 2 : 0))
                .varint(epoch)
                .varint(map.tag())
                .varint(forgotten)
                .varint(dataBlocks);
        bornSinceNewestView.write(out);
        out.varint(views.size());
        for (ViewState view : views.values()) {
            out.varint(view.epoch())
                    .varint(view.sizeBytes())
                    .u8(view.isReleased ? 1 : 0)
                    .varint(view.clones)
                    .i64(view.mark());
            view.alsoBorn.write(out);
        }
        out.varint(history.size());
        history.keySet().forEach(out::varint);
    }

    /**
     * Reads what {@link #write} wrote; pages are filled in afterwards.
     *
     * @param hasMarks false for what was written before views had marks
     */
    static VolumeState read(RecordReader in, PageSpace space, boolean hasMarks, Sets sets) {
        VolumeState volume = new VolumeState(Descriptor.read(in), space);
        volume.name = new VolumeName(in.text());
        volume.sizeBytes = in.i64();
        volume.type = VolumeType.parse(in.text());
        if (in.u8() == 0) {
            volume.base = new VolumeBase.None();
        }
        int flags = in.u8();
        volume.isImpaired = (flags & 1) != 0;
        volume.isDeleted = (flags & 2) != 0;
        volume.epoch = in.varint();
        long tag = in.varint();
        volume.map = new PageTree(space, volume.id(), PageKey.Kind.MAP, tag);
        volume.kept = new KeptBlocks(space, volume.id(), tag);
        volume.dirty = new DirtyPages(space, volume.id(), volume.epoch);
        volume.forgotten = in.varint();
        volume.dataBlocks = in.varint();
        volume.bornSinceNewestView = BlockSet.read(in);
        for (int left = in.count(4); left > 0; left--) {
            long epoch = in.varint();
            long size = in.varint();
            boolean isReleased = in.u8() != 0;
            int clones = in.small();
            long mark = hasMarks ? in.i64() : ViewState.UNMARKED;
            ViewState view = new ViewState(epoch, size, mark, sets.of(volume.id(), epoch), BlockSet.read(in));
            view.isReleased = isReleased;
            view.clones = clones;
            volume.views.put(epoch, view);
        }
        for (int left = in.count(1); left > 0; left--) {
            long epoch = in.varint();
            ViewState view = volume.views.get(epoch);
            volume.history.put(epoch, view == null ? sets.of(volume.id(), epoch) : view.dirty());
        }
        return volume;
    }

    /** The frozen sets of a checkpoint. */
    @FunctionalInterface
    interface Sets {
        Frozen of(int volume, long epoch);
    }
}
