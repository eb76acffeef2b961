package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.List;
import java.util.Optional;

/** The attributes of volumes: whether a loss of durable history is accepted by itself, at the start that finds it; product codes, of which none has any. */
final class VolumeAttributes {
    private static final String AUTO_ENABLE_IO = "AutoEnableIO";

    private final Region region;

    VolumeAttributes(Region region) {
        this.region = region;
    }

    Fields describe(Call call) {
        EbsVolume volume = region.volumes().require(call.input().requiredText("VolumeId"));
        Fields answer = new Fields().put("VolumeId", volume.id());
        String attribute = call.input().requiredText("Attribute");
        return switch (attribute) {
            case "autoEnableIO" ->
                answer.put(
                        AUTO_ENABLE_IO, new Fields().put("Value", volume.facts().isIoEnabledItself()));
            case "productCodes" -> answer.put("ProductCodes", List.of());
            default -> throw Ec2Error.INVALID_PARAMETER_VALUE.of("Volumes have no attribute " + attribute);
        };
    }

    Fields modify(Call call) {
        Optional<Boolean> isAutomatic = call.input().fields(AUTO_ENABLE_IO).flatMap(value -> value.truth("Value"));
        boolean isIoEnabledItself =
                isAutomatic.orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of(AUTO_ENABLE_IO + ".Value"));
        return region.register().inTurn(() -> {
            EbsVolume volume = region.volumes().require(call.input().requiredText("VolumeId"));
            region.register().put(volume.facts().withIoEnabledItself(isIoEnabledItself));
            if (isIoEnabledItself) {
                volume.acceptLoss();
            }
            return new Fields();
        });
    }
}
