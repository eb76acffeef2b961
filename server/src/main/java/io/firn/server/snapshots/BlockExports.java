package io.firn.server.snapshots;

import io.firn.nbd.Export;
import io.firn.nbd.Exports;
import io.firn.server.volumes.VolumeExports;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Volumes and sealed views as {@link VolumeExports} has them, and whole snapshots under their ids, read-only. A volume that bears the id of a
 * snapshot as its name is not served.
 *
 * <p><b>Threads.</b> Safe for many.
 */
public final class BlockExports implements Exports {
    private final BlockStorage blocks;
    private final VolumeExports volumes;

    public BlockExports(BlockStorage blocks) {
        this.blocks = blocks;
        this.volumes = new VolumeExports(blocks.volumes());
    }

    @Override
    public Optional<Export> open(String name) {
        Optional<Snapshot> snapshot = SnapshotId.parse(name).flatMap(blocks.store()::snapshot);
        return snapshot.isPresent()
                ? snapshot.map(found -> new SnapshotExport(found, blocks.store()))
                : volumes.open(name);
    }

    @Override
    public List<Entry> list() {
        List<Entry> all = new ArrayList<>(volumes.list());
        for (SnapshotInfo info : blocks.snapshots().infos()) {
            if (info.state() == SnapshotState.COMPLETED) {
                all.add(new Entry(info.id().text(), "snapshot of " + info.spec().volume(), false));
            }
        }
        return all;
    }
}
