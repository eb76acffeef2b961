package io.firn.server.ec2;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Copies a volume as it is now, in the same zone and encrypted as it is. Takes the same short time whatever its size, and the copy is whole on
 * return. A crash meanwhile may leave a sealed view of the source, which nobody was told of.
 */
final class CopyVolume implements Operation {
    private final Region region;

    CopyVolume(Region region) {
        this.region = region;
    }

    @Override
    public Fields handle(Call call) {
        return region.register().inTurn(() -> {
            EbsVolume copy = region.tokens()
                    .made(call)
                    .map(ids -> region.volumes().require(ids.getFirst()))
                    .orElseGet(() -> copy(call));
            return new Fields()
                    .put("Volumes", List.of(copy.describe(region.places()).put("State", "creating")));
        });
    }

    private EbsVolume copy(Call call) {
        Fields input = call.input();
        EbsVolume source = region.volumes().requireMade(input.requiredText("SourceVolumeId"));
        OptionalLong asked = input.number("Size");
        if (asked.isPresent() && asked.getAsLong() < source.gib()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("A copy of " + asked.getAsLong() + "GiB is smaller than volume '"
                    + source.id() + "', expect size >= " + source.gib() + "GiB");
        }
        long gib = asked.orElse(source.gib());
        VolumeRules rules = VolumeRules.of(input.text("VolumeType").orElse(VolumeRules.DEFAULT_TYPE));
        VolumeFacts.Service service = rules.service(input, gib);
        String id = region.ids().fresh("vol");
        VolumeFacts facts = new VolumeFacts(
                id,
                0,
                source.facts().zone(),
                service,
                source.facts().kmsKeyId(),
                VolumeFacts.Origin.volume(source.id()),
                false,
                Tagging.wanted(input, "volume"));
        return region.volumes()
                .make(facts, region.tokens().used(call, List.of(id)), name -> copy(source.volume(), name, gib, rules));
    }

    private Optional<Volume> copy(Volume source, VolumeName name, long gib, VolumeRules rules) {
        SealedView view = source.seal();
        try {
            Optional<Volume> copy = region.store().cloneOf(view, name);
            copy.ifPresent(volume -> {
                if (EbsTerms.bytes(gib) > volume.sizeBytes()) {
                    volume.resize(EbsTerms.bytes(gib));
                }
                if (volume.type() != rules.store()) {
                    volume.modify(rules.store());
                }
            });
            return copy;
        } finally {
            view.release();
        }
    }
}
