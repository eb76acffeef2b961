package io.firn.server.ec2;

import io.firn.blockstore.VolumeSpec;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Makes a volume. It is usable on return; the answer says {@code creating}, as EC2's does. */
final class CreateVolume implements Operation {
    private static final String DEFAULT_TYPE = "gp2";

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
        String zone = zone(input);
        SortedMap<String, String> tags = Tagging.wanted(input, "volume", List.of("volume"));
        if (input.number("Size").isEmpty() && !input.has("SnapshotId")) {
            throw Ec2Error.MISSING_PARAMETER.of("size/snapshot");
        }
        long gib = input.number("Size").orElse(0);
        VolumeRules rules = VolumeRules.of(input.text("VolumeType").orElse(DEFAULT_TYPE));
        VolumeFacts.Service service = rules.service(
                gib,
                input.number("Iops"),
                input.number("Throughput"),
                input.truth("MultiAttachEnabled").orElse(false));
        if (input.has("VolumeInitializationRate") && !input.has("SnapshotId")) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of("volumeInitializationRate", "snapshotId");
        }
        boolean isEncrypted = isEncrypted(input);
        String id = region.ids().fresh("vol");
        VolumeFacts facts = new VolumeFacts(id, 0, zone, service)
                .withTags(tags)
                .withKey(isEncrypted ? Optional.of(key(call)) : Optional.empty());
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
        boolean isAsked = input.truth("Encrypted").orElse(false);
        boolean isEncrypted = isAsked || region.register().account().isEncryptedByDefault();
        if (input.has("KmsKeyId") && !isEncrypted) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of("KmsKeyId", "Encrypted");
        }
        return isEncrypted;
    }

    private String key(Call call) {
        String account = call.caller().accountId();
        return call.input()
                .text("KmsKeyId")
                .map(key -> region.keyArn(account, key))
                .orElseGet(() -> region.defaultKey(account));
    }
}
