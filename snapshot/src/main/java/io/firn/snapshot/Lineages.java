package io.firn.snapshot;

import io.firn.blockstore.BlockSet;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeBase;
import io.firn.blockstore.VolumeStore;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which snapshots show which moments of volumes, and so over which one the next is taken: the nearest moment from which the record of
 * changes reaches, over what a volume was cloned or restored from too.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class Lineages {
    /** Clones of clones that are followed; what is behind is compared. */
    private static final int DEPTH_MAX = 64;

    private final VolumeStore volumes;
    private final SnapshotStore snapshots;
    private final SnapshotSources sources;
    private final Map<Integer, NavigableMap<Long, SnapshotId>> moments = new HashMap<>();

    Lineages(VolumeStore volumes, SnapshotStore snapshots, SnapshotSources sources) {
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.sources = sources;
        snapshots.infos().stream()
                .filter(info -> info.state() == SnapshotState.COMPLETED)
                .forEach(this::add);
    }

    /**
     * What a snapshot is taken over.
     *
     * @param base from where changes are known; absent when it has to be compared
     */
    record Parent(SnapshotId id, Optional<VolumeMoment.Base> base) {}

    /** Takes note of a snapshot that is whole. */
    synchronized void add(SnapshotInfo info) {
        VolumeMoment.parse(info.spec().lineage())
                .filter(moment -> moment.store() == volumes.identity())
                .ifPresent(moment -> moments.computeIfAbsent(moment.volume(), ignored -> new TreeMap<>())
                        .put(moment.epoch(), info.id()));
    }

    /** The moments of a volume whose snapshots can be parents. */
    synchronized NavigableMap<Long, SnapshotId> of(int volume) {
        NavigableMap<Long, SnapshotId> all = moments.getOrDefault(volume, new TreeMap<>());
        all.values()
                .removeIf(id -> snapshots
                        .info(id)
                        .filter(info -> info.state() == SnapshotState.COMPLETED)
                        .isEmpty());
        return new TreeMap<>(all);
    }

    /** What the next snapshot of a volume is taken over; empty when there is nothing it shares with. */
    Optional<Parent> parent(Volume volume, SnapshotSpec wish) {
        Optional<Parent> known = known(volume, Long.MAX_VALUE, wish);
        return known.isPresent() ? known : comparable(volume, wish);
    }

    /** The nearest parent from which the changes up to an epoch are known. */
    Optional<Parent> known(Volume volume, long upToEpoch, SnapshotSpec wish) {
        Volume at = volume;
        long upTo = upToEpoch;
        for (int depth = 0; depth < DEPTH_MAX; depth++) {
            Optional<Parent> own = nearest(at, upTo, wish);
            if (own.isPresent() || !at.knowsChangesSince(0)) {
                return own;
            }
            switch (at.origin()) {
                case VolumeBase.None() -> {
                    return Optional.empty();
                }
                case VolumeBase.Source(String source) -> {
                    return parent(source, Optional.of(new VolumeMoment.Base(at.id(), 0)), wish);
                }
                case VolumeBase.View(int of, long epoch) -> {
                    Optional<SnapshotId> exact = Optional.ofNullable(of(of).get(epoch));
                    if (exact.isPresent()) {
                        return exact.flatMap(id -> fitting(id, Optional.of(new VolumeMoment.Base(of, epoch)), wish));
                    }
                    Optional<Volume> next = volumes.find(of);
                    if (next.isEmpty()) {
                        return Optional.empty();
                    }
                    at = next.get();
                    upTo = epoch;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Parent> nearest(Volume at, long upTo, SnapshotSpec wish) {
        NavigableMap<Long, SnapshotId> own = of(at.id());
        for (Map.Entry<Long, SnapshotId> each :
                own.headMap(upTo, true).descendingMap().entrySet()) {
            Optional<Parent> found = at.knowsChangesSince(each.getKey())
                    ? fitting(each.getValue(), Optional.of(new VolumeMoment.Base(at.id(), each.getKey())), wish)
                    : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
        }
        // A clone may be snapshotted after its origin went on: what changed there since is what differs, too.
        return at.knowsChangesSince(upTo)
                ? own.tailMap(upTo, false).entrySet().stream()
                        .map(each -> fitting(
                                each.getValue(), Optional.of(new VolumeMoment.Base(at.id(), each.getKey())), wish))
                        .flatMap(Optional::stream)
                        .findFirst()
                : Optional.empty();
    }

    /** A parent that has to be compared: the newest of the volume's own, or of what it was made from. */
    private Optional<Parent> comparable(Volume volume, SnapshotSpec wish) {
        int at = volume.id();
        VolumeBase origin = volume.origin();
        for (int depth = 0; depth < DEPTH_MAX; depth++) {
            for (SnapshotId id : of(at).descendingMap().values()) {
                Optional<Parent> found = fitting(id, Optional.empty(), wish);
                if (found.isPresent()) {
                    return found;
                }
            }
            switch (origin) {
                case VolumeBase.None() -> {
                    return Optional.empty();
                }
                case VolumeBase.Source(String source) -> {
                    return parent(source, Optional.empty(), wish);
                }
                case VolumeBase.View(int of, long epoch) -> {
                    at = of;
                    origin = volumes.find(of).map(Volume::origin).orElseGet(VolumeBase.None::new);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Parent> parent(String source, Optional<VolumeMoment.Base> base, SnapshotSpec wish) {
        return sources.find(source).flatMap(snapshot -> fitting(snapshot.id(), base, wish));
    }

    private Optional<Parent> fitting(SnapshotId id, Optional<VolumeMoment.Base> base, SnapshotSpec wish) {
        return snapshots
                .info(id)
                .filter(info -> info.state() == SnapshotState.COMPLETED
                        && info.tier() == SnapshotTier.STANDARD
                        && info.spec().owner().equals(wish.owner())
                        && info.spec().isEncrypted() == wish.isEncrypted()
                        && info.sizeBytes() <= wish.sizeBytes())
                .map(info -> new Parent(id, base));
    }

    /** The blocks that changed between a moment and what it is taken over; empty when that is not known any more. */
    Optional<BlockSet> changed(Volume volume, VolumeMoment moment, VolumeMoment.Base base) {
        BlockSet changed = BlockSet.EMPTY;
        Volume at = volume;
        long upTo = moment.epoch();
        for (int depth = 0; depth <= DEPTH_MAX; depth++) {
            boolean isThere = at.id() == base.volume();
            Optional<BlockSet> part = isThere ? between(at, base.epoch(), upTo) : at.changedBetween(0, upTo);
            if (part.isEmpty()) {
                return part;
            }
            changed = changed.union(part.get());
            if (isThere) {
                return Optional.of(changed);
            }
            if (!(at.origin() instanceof VolumeBase.View(int of, long epoch))) {
                return Optional.empty();
            }
            if (of == base.volume() && epoch == base.epoch()) {
                return Optional.of(changed);
            }
            Optional<Volume> next = volumes.find(of);
            if (next.isEmpty()) {
                return Optional.empty();
            }
            at = next.get();
            upTo = epoch;
        }
        return Optional.empty();
    }

    private static Optional<BlockSet> between(Volume at, long one, long other) {
        return at.changedBetween(Math.min(one, other), Math.max(one, other));
    }

    /** The name of a volume's lineage. */
    String root(Volume volume) {
        Optional<String> own = of(volume.id()).values().stream()
                .map(snapshots::info)
                .flatMap(Optional::stream)
                .map(sources::root)
                .findFirst();
        return own.orElseGet(() -> switch (volume.origin()) {
            case VolumeBase.None() -> name(volume.id());
            case VolumeBase.View(int of, long epoch) ->
                volumes.find(of).map(this::root).orElseGet(() -> name(of));
            case VolumeBase.Source(String source) ->
                sources.find(source)
                        .map(snapshot -> sources.root(snapshot.info()))
                        .orElse(source);
        });
    }

    private String name(int volume) {
        return Long.toHexString(volumes.identity()) + "-" + volume;
    }
}
