package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;

/** Deletes a volume; what it held is gone on return. */
final class DeleteVolume implements Operation {
    private final Region region;

    DeleteVolume(Region region) {
        this.region = region;
    }

    @Override
    public Fields handle(Call call) {
        return region.register().inTurn(() -> {
            EbsVolume volume = region.volumes().require(call.input().requiredText("VolumeId"));
            volume.attachments().stream().findFirst().ifPresent(attachment -> {
                throw Ec2Error.VOLUME_IN_USE.of(
                        "Volume " + volume.id() + " is currently attached to " + attachment.instanceId());
            });
            region.volumes().delete(volume);
            return new Fields();
        });
    }
}
