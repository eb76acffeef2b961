package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Whether volumes are encrypted when nothing is said, and the key that is named then. The store's own key encrypts, whichever is named. */
final class EbsEncryption {
    /** The key when none is named: the one that AWS has for EBS. */
    static final String EBS_KEY = "alias/aws/ebs";

    private static final String BY_DEFAULT = "EbsEncryptionByDefault";
    private static final String KEY_ID = "KmsKeyId";

    private final Region region;

    EbsEncryption(Region region) {
        this.region = region;
    }

    Fields isByDefault(Call call) {
        return byDefault(region.register().encryption());
    }

    Fields enable(Call call) {
        return byDefault(change(encryption -> encryption.withDefault(true)));
    }

    Fields disable(Call call) {
        return byDefault(change(encryption -> encryption.withDefault(false)));
    }

    Fields key(Call call) {
        return key(region.register().encryption(), call);
    }

    Fields modifyKey(Call call) {
        String arn = region.keyArn(call.caller().accountId(), call.input().requiredText(KEY_ID));
        return key(change(encryption -> encryption.withKey(Optional.of(arn))), call);
    }

    Fields resetKey(Call call) {
        return key(change(encryption -> encryption.withKey(Optional.empty())), call);
    }

    private EncryptionFacts change(UnaryOperator<EncryptionFacts> change) {
        return region.register().inTurn(() -> {
            EncryptionFacts changed = change.apply(region.register().encryption());
            region.register().put(changed);
            return changed;
        });
    }

    private static Fields byDefault(EncryptionFacts encryption) {
        return new Fields().put(BY_DEFAULT, encryption.isDefault());
    }

    private Fields key(EncryptionFacts encryption, Call call) {
        return new Fields()
                .put(
                        KEY_ID,
                        encryption
                                .keyArn()
                                .orElseGet(() -> region.keyArn(call.caller().accountId(), EBS_KEY)));
    }
}
