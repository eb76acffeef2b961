package io.firn.blockstore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The volumes of a store. Changed under the log's lock; looking up by name needs none. */
final class StoreState {
    /** All, also those that are deleted and still hold blocks for views or clones. */
    final NavigableMap<Integer, VolumeState> volumes = new TreeMap<>();

    private final ConcurrentSkipListMap<VolumeName, VolumeState> byName = new ConcurrentSkipListMap<>();
    private final Map<Integer, List<VolumeState>> families = new HashMap<>();
    final PageSpace pages = new PageSpace();

    /** Family of each clone that is gone, as long as the family is not: what it wrote may be shared. */
    final NavigableMap<Integer, Integer> goneFamilies = new TreeMap<>();

    int nextVolume = 1;

    void add(VolumeState volume) {
        volumes.put(volume.id(), volume);
        List<VolumeState> family = new ArrayList<>(family(volume.family()));
        family.add(volume);
        families.put(volume.family(), List.copyOf(family));
        nextVolume = Math.max(nextVolume, volume.id() + 1);
        if (!volume.isDeleted) {
            byName.put(volume.name, volume);
        }
    }

    void rename(VolumeState volume, VolumeName name) {
        byName.remove(volume.name);
        volume.name = name;
        byName.put(name, volume);
    }

    /** Nobody finds it by name any more. */
    void hide(VolumeState volume) {
        byName.remove(volume.name, volume);
    }

    /** Forgets a volume, but for the family that may share what it wrote. */
    void remove(VolumeState volume) {
        volumes.remove(volume.id());
        List<VolumeState> family = new ArrayList<>(family(volume.family()));
        family.remove(volume);
        if (family.isEmpty()) {
            families.remove(volume.family());
            goneFamilies.values().removeIf(gone -> gone == volume.family());
            return;
        }
        families.put(volume.family(), List.copyOf(family));
        if (volume.family() != volume.id()) {
            goneFamilies.put(volume.id(), volume.family());
        }
    }

    /** The family of a volume, also of one that is gone. */
    int familyOf(int volume) {
        VolumeState present = volumes.get(volume);
        return present == null ? goneFamilies.getOrDefault(volume, volume) : present.family();
    }

    Optional<VolumeState> find(VolumeName name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** By name. */
    List<VolumeState> list() {
        return List.copyOf(byName.values());
    }

    /** The volumes that are left of a family, by id. */
    List<VolumeState> family(int family) {
        return families.getOrDefault(family, List.of());
    }
}
