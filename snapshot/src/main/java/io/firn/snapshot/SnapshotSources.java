package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.blockstore.BlockSource;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What volumes that are restored from snapshots read until everything is in: the {@code sources} of a
 * {@link io.firn.blockstore.VolumeStoreOptions}. A miss fetches its chunk, or a whole block of 512 KiB when it goes on where the one
 * before ended, and is kept as the order in which such volumes are first touched.
 *
 * <p><b>Threads.</b> Safe for many.
 *
 * <p><b>Errors.</b> {@code StorageException.Unavailable} for a snapshot that does not exist or is archived.
 */
public final class SnapshotSources implements BlockSource.Finder {
    private static final String HELD = "held ";

    private final SnapshotStore snapshots;
    private final FirstTouches orders;
    private final Cache<ChunkKey, ByteBuffer> cache;
    private final Map<String, SnapshotSource> opened = new ConcurrentHashMap<>();

    /** The copies that stand in for snapshots which were deleted while volumes need them. */
    private final Map<SnapshotId, SnapshotId> held = new ConcurrentHashMap<>();

    record ChunkKey(SnapshotId snapshot, int chunk) {}

    private SnapshotSources(SnapshotStore snapshots, FirstTouches orders, VolumeSnapshotsOptions options) {
        this.snapshots = snapshots;
        this.orders = orders;
        this.cache = Caffeine.newBuilder()
                .maximumSize(options.cacheBytes() / Chunk.BYTES)
                .executor(Runnable::run)
                .build();
    }

    /** @param orders where first-touch orders are kept */
    public static SnapshotSources open(SnapshotStore snapshots, FirstTouches orders, VolumeSnapshotsOptions options) {
        SnapshotSources sources = new SnapshotSources(snapshots, orders, options);
        for (SnapshotInfo info : snapshots.infos()) {
            heldOf(info).ifPresent(id -> sources.held.put(id, info.id()));
        }
        return sources;
    }

    @Override
    public SnapshotSource open(String id) {
        return opened.computeIfAbsent(id, wanted -> {
            Snapshot snapshot = find(wanted)
                    .orElseThrow(() -> new StorageException.Unavailable(
                            "there is no snapshot " + wanted + " to read, and a volume is based on it"));
            return new SnapshotSource(this, wanted, snapshot);
        });
    }

    /** The snapshot of this id, or what stands in for it. */
    Optional<Snapshot> find(String text) {
        Optional<SnapshotId> id = SnapshotId.parse(text);
        Optional<Snapshot> found = id.flatMap(snapshots::snapshot);
        return found.isPresent() ? found : id.map(held::get).flatMap(snapshots::snapshot);
    }

    /** Whether a snapshot only stands in for a deleted one, and is nobody's to see. */
    static boolean isHidden(SnapshotInfo info) {
        return info.spec().lineage().startsWith(HELD);
    }

    private static Optional<SnapshotId> heldOf(SnapshotInfo info) {
        return isHidden(info) ? SnapshotId.parse(info.spec().lineage().substring(HELD.length())) : Optional.empty();
    }

    /** Makes a copy that stands in for a snapshot which is about to go; nothing when there is one. */
    SnapshotOutcome<SnapshotId> hold(SnapshotInfo info) {
        SnapshotId standing = held.get(info.id());
        if (standing != null) {
            return SnapshotOutcome.done(standing);
        }
        SnapshotSpec spec =
                SnapshotSpec.of(info.sizeBytes()).withOwner(info.spec().owner()).withLineage(HELD + info.id());
        return switch (snapshots.copy(info.id(), spec)) {
            case SnapshotOutcome.Done<SnapshotInfo>(SnapshotInfo copy) -> {
                held.put(info.id(), copy.id());
                yield SnapshotOutcome.done(copy.id());
            }
            case SnapshotOutcome.Refused<SnapshotInfo>(SnapshotRefusal refusal) ->
                new SnapshotOutcome.Refused<>(refusal);
        };
    }

    /** Lets go of copies that no volume needs, or whose originals are there. */
    void release(Set<String> needed) {
        held.forEach((id, copy) -> {
            if (!needed.contains(id.text()) || snapshots.snapshot(id).isPresent()) {
                held.remove(id);
                opened.remove(id.text());
                snapshots.delete(copy);
            }
        });
    }

    /** The name of a snapshot's lineage. */
    String root(SnapshotInfo info) {
        Optional<String> own = VolumeMoment.parse(info.spec().lineage()).map(VolumeMoment::root);
        return own.orElseGet(() ->
                heldOf(info).map(SnapshotId::text).orElseGet(() -> info.id().text()));
    }

    Cache<ChunkKey, ByteBuffer> cache() {
        return cache;
    }

    FirstTouches orders() {
        return orders;
    }
}
