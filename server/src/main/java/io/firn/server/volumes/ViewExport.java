package io.firn.server.volumes;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.nbd.ExportProfile;
import io.firn.nbd.ExtentMap;
import io.firn.nbd.ReadOnlyExport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A sealed view as a disk that is only read. */
final class ViewExport implements ReadOnlyExport {
    private final Volume volume;
    private final SealedView view;

    ViewExport(Volume volume, SealedView view) {
        this.volume = volume;
        this.view = view;
    }

    @Override
    public ExportProfile profile() {
        return ExportProfile.readOnly(view.sizeBytes(), "volume " + volume.name() + " as of epoch " + view.epoch());
    }

    @Override
    public List<String> contexts() {
        return VolumeContexts.names(view.epoch() - 1);
    }

    @Override
    public Optional<ExtentMap> context(String name) {
        return VolumeContexts.context(name, volume, view::allocation, view.sizeBytes(), view::dirty, view.epoch());
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        view.read(offset, target);
    }
}
