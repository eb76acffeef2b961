package io.firn.server.ec2;

import io.firn.blockstore.VolumeSpec;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import io.firn.server.wire.ServiceException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Makes a volume. It is usable on return; the answer says {@code creating}, as EC2's does. */
final class CreateVolume implements Operation {
    private static final String DEFAULT_TYPE = "gp2";

    /** The key of encrypted volumes for which none is named: the one that AWS has for EBS. */
    private static final String EBS_KEY = "alias/aws/ebs";

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
        if (input.has("SnapshotId")) {
            throw new ServiceException(501, "NotImplemented", "Firn does not implement CreateVolume with SnapshotId.");
        }
        if (input.has("OutpostArn")) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Volumes on Outposts are not supported.");
        }
        String zone = zone(input);
        SortedMap<String, String> tags = Tagging.wanted(input, "volume");
        long gib = input.number("Size").orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("size/snapshot"));
        VolumeRules rules = VolumeRules.of(input.text("VolumeType").orElse(DEFAULT_TYPE));
        VolumeFacts.Service service = rules.service(
                gib,
                input.number("Iops"),
                input.number("Throughput"),
                input.truth("MultiAttachEnabled").orElse(false));
        if (input.has("VolumeInitializationRate")) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of("volumeInitializationRate", "snapshotId");
        }
        boolean isEncrypted = isEncrypted(input);
        String id = region.ids().fresh("vol");
        VolumeFacts facts =
                new VolumeFacts(id, 0, zone, service, isEncrypted ? Optional.of(key(call)) : Optional.empty(), tags);
        VolumeSpec plain = VolumeSpec.of(id, EbsVolume.bytes(gib)).withType(rules.store());
        VolumeSpec spec = isEncrypted ? plain.encrypted() : plain;
        return region.volumes()
                .make(
                        facts,
                        region.tokens().used(call, List.of(id)),
                        name -> region.store().create(spec));
    }

    private String zone(Fields input) {
        Optional<String> name = input.text("AvailabilityZone");
        Optional<String> zoneId = input.text("AvailabilityZoneId");
        if (name.isPresent() && zoneId.isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                    "The parameters AvailabilityZone and AvailabilityZoneId may not be used together");
        }
        String zone = name.or(() -> zoneId.map(region.places()::zoneOfId))
                .orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("AvailabilityZone"));
        if (!region.places().isZone(zone)) {
            throw Ec2Error.INVALID_ZONE_NOT_FOUND.of(zone);
        }
        return zone;
    }

    private boolean isEncrypted(Fields input) {
        boolean isEncrypted = input.truth("Encrypted").orElse(false);
        if (input.has("KmsKeyId") && !isEncrypted) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of("KmsKeyId", "Encrypted");
        }
        return isEncrypted;
    }

    private String key(Call call) {
        String account = call.caller().accountId();
        return region.keyArn(account, call.input().text("KmsKeyId").orElse(EBS_KEY));
    }
}
