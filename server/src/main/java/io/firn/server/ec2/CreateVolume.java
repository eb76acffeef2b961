package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.snapshots.NamedKey;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * Makes a volume. It is usable on return; the answer says {@code creating}, as EC2's does. Only one of a snapshot with fast restore on stays
 * so until everything is in, which its first read may count on then: filling takes as long as the volume is large, and neither a client's
 * connection nor the register's turn is to be held by it. Deleting does not wait for that.
 */
final class CreateVolume implements Operation {
    private static final long MIB = 1L << 20;
    private static final int RATE_LEAST = 100;
    private static final int RATE_MOST = 300;

    private final Region region;

    CreateVolume(Region region) {
        this.region = region;
    }

    @Override
    public Fields handle(Call call) {
        return region.register().inTurn(() -> {
            EbsVolume volume = region.tokens()
                    .made(call)
                    .map(ids -> region.volumes().require(ids.getFirst()))
                    .orElseGet(() -> make(call));
            return volume.describe(region.places()).put("State", "creating");
        });
    }

    private EbsVolume make(Call call) {
        Fields input = call.input();
        if (input.has("OutpostArn")) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Volumes on Outposts are not supported.");
        }
        if (input.has("Operator")) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Volumes that a service operates are not supported.");
        }
        String zone = zone(input);
        SortedMap<String, String> tags = Tagging.wanted(input, "volume");
        Optional<SnapshotInfo> snapshot =
                input.text("SnapshotId").filter(id -> !id.isEmpty()).map(region.snapshots()::require);
        long gib = gib(input, snapshot);
        VolumeRules rules = VolumeRules.of(input.text("VolumeType").orElse(VolumeRules.DEFAULT_TYPE));
        VolumeFacts.Service service = rules.service(input, gib);
        boolean isFast = snapshot.filter(info -> FastRestores.isOn(info, zone)).isPresent();
        OptionalLong mibPerSecond = input.number("VolumeInitializationRate");
        if (mibPerSecond.isPresent()) {
            requireRate(mibPerSecond.getAsLong(), snapshot);
        }
        boolean isEncrypted = region.encryption()
                .isWanted(input, snapshot.filter(of -> of.spec().isEncrypted()).isPresent());
        String id = region.ids().fresh("vol");
        VolumeFacts facts = new VolumeFacts(
                id,
                0,
                zone,
                service,
                isEncrypted
                        ? Optional.of(region.encryption().keyArn(call, snapshot.flatMap(NamedKey::of)))
                        : Optional.empty(),
                snapshot.map(info -> VolumeFacts.Origin.snapshot(info.id().text(), isFast))
                        .orElse(VolumeFacts.Origin.NOTHING),
                false,
                tags);
        VolumeSpec plain = VolumeSpec.of(id, EbsTerms.bytes(gib)).withType(rules.store());
        VolumeSpec spec = isEncrypted ? plain.encrypted() : plain;
        return region.volumes()
                .make(
                        facts,
                        region.tokens().used(call, List.of(id)),
                        name -> snapshot.isEmpty()
                                ? region.store().create(spec)
                                : Optional.of(
                                        restore(snapshot.get(), spec, isFast ? 0 : mibPerSecond.orElse(0) * MIB)));
    }

    private static long gib(Fields input, Optional<SnapshotInfo> snapshot) {
        OptionalLong asked = input.number("Size");
        if (snapshot.isEmpty()) {
            return asked.orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("size/snapshot"));
        }
        int least = EbsTerms.gibibytes(snapshot.get().sizeBytes());
        if (asked.isPresent() && asked.getAsLong() < least) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("Volume of " + asked.getAsLong()
                    + "GiB is smaller than snapshot '" + snapshot.get().id() + "', expect size >= " + least + "GiB");
        }
        return asked.orElse(least);
    }

    private static void requireRate(long mibPerSecond, Optional<SnapshotInfo> snapshot) {
        if (snapshot.isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of("volumeInitializationRate", "snapshotId");
        }
        if (mibPerSecond < RATE_LEAST || mibPerSecond > RATE_MOST) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("The volume initialization rate is " + RATE_LEAST + " to "
                    + RATE_MOST + " MiB/s, not " + mibPerSecond);
        }
    }

    private Volume restore(SnapshotInfo snapshot, VolumeSpec spec, long bytesPerSecond) {
        if (snapshot.state() != SnapshotState.COMPLETED) {
            throw Ec2Error.INCORRECT_STATE.of("Snapshot '" + snapshot.id() + "' is not 'completed'.");
        }
        return Snapshots.done(region.blocks().snapshots().restore(snapshot.id(), spec, bytesPerSecond));
    }

    private String zone(Fields input) {
        return region.places().chosen(input).orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("AvailabilityZone"));
    }
}
