package io.firn.snapshot;

import io.firn.blockstore.Volume;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which moment of which volume a snapshot shows: what {@link VolumeSnapshots} writes into the lineage of a {@link SnapshotSpec}.
 *
 * @param store {@link io.firn.blockstore.VolumeStore#identity}
 * @param volume {@link Volume#id}
 * @param epoch whose seal is the moment
 * @param root names the lineage: alike for a volume, its clones, what is restored from its snapshots, and theirs
 * @param base the moment whose content the parent has, from which changes count; absent when it has to be compared, or there is none
 */
record VolumeMoment(long store, int volume, long epoch, String root, Optional<Base> base) {
    private static final Pattern FORM = Pattern.compile(
            "volume ([0-9a-f]{16}) ([0-9]{1,9}) ([0-9]{1,18}) root (\\S{1,100})(?: since ([0-9]{1,9}) ([0-9]{1,18}))?");

    /**
     * The seal of an epoch of a volume in the same store.
     *
     * @param epoch 0 for the making of the volume
     */
    record Base(int volume, long epoch) {}

    /** The same, of the seal that was made: somebody else may have sealed the volume just before. */
    VolumeMoment at(long sealed) {
        return new VolumeMoment(store, volume, sealed, root, base);
    }

    String text() {
        return "volume " + HexFormat.of().toHexDigits(store) + " " + volume + " " + epoch + " root " + root
                + base.map(from -> " since " + from.volume() + " " + from.epoch())
                        .orElse("");
    }

    /** Reads {@link #text}; nothing when the lineage is somebody else's. */
    static Optional<VolumeMoment> parse(String lineage) {
        Matcher form = FORM.matcher(lineage);
        if (!form.matches()) {
            return Optional.empty();
        }
        Optional<Base> base = Optional.ofNullable(form.group(5))
                .map(volume -> new Base(Integer.parseInt(volume), Long.parseLong(form.group(6))));
        return Optional.of(new VolumeMoment(
                HexFormat.fromHexDigitsToLong(form.group(1)),
                Integer.parseInt(form.group(2)),
                Long.parseLong(form.group(3)),
                form.group(4),
                base));
    }
}
