package io.firn.server.volumes;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeStore;
import io.firn.nbd.Export;
import io.firn.nbd.Exports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Volumes under their names, sealed views as {@code volume@epoch}, read-only. There is no default export.
 *
 * <p><b>Threads.</b> Safe for many.
 */
public final class VolumeExports implements Exports {
    private static final Pattern VIEW = Pattern.compile("(.{1,128})@([1-9][0-9]{0,17})");

    private final VolumeStore store;

    public VolumeExports(VolumeStore store) {
        this.store = store;
    }

    @Override
    public Optional<Export> open(String name) {
        Matcher view = VIEW.matcher(name);
        if (view.matches()) {
            long epoch = Long.parseLong(view.group(2));
            return volume(view.group(1)).flatMap(volume -> volume.view(epoch).map(sealed(volume)));
        }
        return volume(name).map(VolumeExport::new);
    }

    private static java.util.function.Function<SealedView, Export> sealed(Volume volume) {
        return view -> new ViewExport(volume, view);
    }

    private Optional<Volume> volume(String name) {
        return VolumeName.of(name).flatMap(store::find);
    }

    @Override
    public List<Entry> list() {
        List<Entry> all = new ArrayList<>();
        for (Volume volume : store.list()) {
            all.add(new Entry(volume.name().value(), "volume", false));
            for (SealedView view : volume.views()) {
                all.add(new Entry(volume.name() + "@" + view.epoch(), "sealed view", false));
            }
        }
        return all;
    }
}
