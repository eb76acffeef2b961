package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeStore;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.snapshots.EbsTerms;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshots.Fill;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The volumes of a store as EC2's, and EC2's as the store's.
 *
 * <p>A volume made through EC2 is called by its id in the store. One that was made otherwise has an id that follows from its number
 * ({@link Ids#derived}), the region's first zone, and its type's own service. Instance-store volumes are not EBS's and not seen here.
 *
 * <p><b>Threads.</b> Safe. Changes run in the register's turn.
 */
final class Volumes {
    private final VolumeStore store;
    private final VolumeSnapshots snapshots;
    private final Register register;
    private final Places places;
    private final VolumeDeletion deletion;

    /**
     * Settles what a crash interrupted. A volume that was being made is undone: nobody was told of it, and it may be half of what was asked for.
     * One that the store has not any more was deleted.
     */
    Volumes(BlockStorage blocks, Register register, Places places) {
        this.store = blocks.volumes();
        this.snapshots = blocks.snapshots();
        this.register = register;
        this.places = places;
        this.deletion = new VolumeDeletion(store, register);
        List<String> gone = new ArrayList<>();
        for (VolumeFacts facts : register.volumes()) {
            if (facts.number() == 0) {
                store.find(new VolumeName(facts.id())).ifPresent(store::delete);
                gone.addAll(deletion.keys(facts.id()));
            } else if (find(facts.number()).isEmpty()) {
                gone.addAll(deletion.keys(facts.id()));
            }
        }
        for (AttachmentFacts attachment : register.attachments()) {
            if (find(attachment.volumeId()).isEmpty()
                    && register.volume(attachment.volumeId()).isEmpty()) {
                gone.add(attachment.key()); // of a volume that was deleted in the store, not through EC2
            }
        }
        if (!gone.isEmpty()) {
            register.change(List.of(), gone);
        }
        all().stream().filter(volume -> volume.facts().isIoEnabledItself()).forEach(EbsVolume::acceptLoss);
    }

    /** All, by id. */
    List<EbsVolume> all() {
        List<EbsVolume> all = new ArrayList<>();
        for (Volume volume : store.list()) {
            of(volume).ifPresent(all::add);
        }
        all.sort(Comparator.comparing(EbsVolume::id));
        return all;
    }

    /** Those of these ids, or all when there are none; by id. */
    List<EbsVolume> named(List<String> ids) {
        return ids.isEmpty()
                ? all()
                : ids.stream().distinct().sorted().map(this::require).toList();
    }

    /** The volume of an id, which is an error of EC2 when there is none. */
    EbsVolume require(String id) {
        if (!Ids.isWellFormed("vol", id)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    "Value (" + id + ") for parameter volumeId is invalid. Expected: 'vol-...'.");
        }
        return find(id).orElseThrow(() -> Ec2Error.INVALID_VOLUME_NOT_FOUND.of(id));
    }

    /** As {@link #require}, and the volume must not be one that is still being filled, or cannot be. */
    EbsVolume requireMade(String id) {
        EbsVolume volume = require(id);
        if (volume.fill() != Fill.WHOLE) {
            throw Ec2Error.INCORRECT_STATE.of("Volume '" + id + "' is in the '" + volume.state() + "' state.");
        }
        return volume;
    }

    Optional<EbsVolume> find(String id) {
        Optional<VolumeFacts> facts = register.volume(id);
        if (facts.isPresent()) {
            return facts.filter(known -> known.number() != 0)
                    .flatMap(known -> find(known.number()).map(volume -> ebsVolume(known, volume)));
        }
        var number = Ids.derivedNumber(id);
        return number.isEmpty()
                ? Optional.empty()
                : find(number.getAsInt())
                        .flatMap(this::of)
                        .filter(volume -> volume.id().equals(id));
    }

    /** A deleted volume stays in the store as long as views of it do; here it is gone. */
    private Optional<Volume> find(int number) {
        return store.find(number).filter(volume -> !volume.isDeleted());
    }

    /** EC2's view of a volume of the store; none of an instance-store volume, or one that is just being made. */
    Optional<EbsVolume> of(Volume volume) {
        Optional<VolumeFacts> facts = register.volume(volume.id());
        if (facts.isPresent()) {
            return facts.map(known -> ebsVolume(known, volume));
        }
        if (volume.isDeleted()) {
            return Optional.empty(); // its facts may have been deleted while this was looked for
        }
        var stat = volume.stat();
        if (stat.owner().isPresent() || register.volume(volume.name().value()).isPresent()) {
            return Optional.empty();
        }
        String type = stat.type().wireName();
        int gib = EbsTerms.gibibytes(stat.sizeBytes());
        return Optional.of(ebsVolume(
                new VolumeFacts(
                        Ids.derived(volume.id(), stat),
                        volume.id(),
                        places.firstZone(),
                        VolumeRules.of(type).ownService(gib)),
                volume));
    }

    private EbsVolume ebsVolume(VolumeFacts facts, Volume volume) {
        Fill fill = facts.origin().isFast() ? snapshots.fill(volume) : Fill.WHOLE;
        return new EbsVolume(facts, volume, register.attachmentsOf(facts.id()), fill);
    }

    /**
     * Makes a volume of which these facts hold, with what else is to be known from the same moment on; durable on return. A crash leaves
     * all of it or nothing.
     *
     * @param make makes the volume of this name in the store
     */
    EbsVolume make(VolumeFacts facts, Optional<TokenFacts> token, Function<VolumeName, Optional<Volume>> make) {
        VolumeName name = new VolumeName(facts.id());
        List<Facts> planned = new ArrayList<>(List.of(facts));
        token.ifPresent(planned::add);
        register.put(planned);
        Volume volume;
        try {
            volume = make.apply(name).orElseThrow(() -> new IllegalStateException("there is a volume " + name));
        } catch (RuntimeException failed) {
            store.find(name).ifPresent(store::delete);
            register.change(List.of(), deletion.keys(facts.id()));
            throw failed;
        }
        VolumeFacts made = facts.made(volume.id());
        register.put(made);
        return ebsVolume(made, volume);
    }

    /** Deletes a volume; durable on return. */
    void delete(EbsVolume volume) {
        deletion.delete(volume.volume(), volume.id());
    }
}
